// The timeline, its summary, and the chain of causes that leads to a write.
#pragma once

#include <string>

#include "names.h"
#include "selection.h"
#include "terminal.h"

namespace annals::replay {

// Every selected record, a line each.
Result<void> timeline(const journal::Reader& reader, const Names& names, const Selection& selection,
                      const Out& out);

// A summary of it (--story): changes of the spec, operations and what they wait for, the primary,
// readiness, failures; without writes and successful outcomes. See story_filter.h.
Result<void> summary(const journal::Reader& reader, const Names& names, const Selection& selection,
                     const Out& out);

// Each selected write of the object ("Service/hippo-primary", or just its name) with the decision
// behind it, the fact behind that, the outcome, and the user or tool that requested it.
// kNotFound when nothing ever wrote it.
Result<void> why(const journal::Reader& reader, const Names& names, const Selection& selection,
                 const std::string& object, const Out& out);

}  // namespace annals::replay

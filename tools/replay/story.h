// Story: the timeline, and the chain of causes that leads to a write.
#pragma once

#include <string>

#include "names.h"
#include "selection.h"
#include "terminal.h"

namespace annals::replay {

// Every selected record, a line each.
Result<void> timeline(const journal::Reader& reader, const Names& names, const Selection& selection,
                      const Out& out);

// What a person would tell of it: who asked for what, what was done and waited for, who leads and
// who is ready; without the writes behind it. See story_filter.h.
Result<void> story(const journal::Reader& reader, const Names& names, const Selection& selection,
                   const Out& out);

// Each selected write of the object ("Service/hippo-primary", or just its name) with the decision
// behind it, the fact behind that, how it ended, and the person or tool that asked for it.
// kNotFound when nothing ever wrote it.
Result<void> why(const journal::Reader& reader, const Names& names, const Selection& selection,
                 const std::string& object, const Out& out);

}  // namespace annals::replay

// why-not: what keeps something from being done: the refusals that stand in the journal, and what
// the machines' predicates say now.
#pragma once

#include <string>

#include "names.h"
#include "selection.h"
#include "terminal.h"

namespace annals::replay {

// `what` is an object ("Service/hippo-primary"), a machine ("provision"), a transition
// ("database-is-open"), a kind of intent ("run-sql"), or a part of a reason. kNotFound when no
// selected cluster knows anything of that name.
Result<void> why_not(const journal::Reader& reader, const Names& names, const Selection& selection,
                     const std::string& what, const Out& out);

}  // namespace annals::replay

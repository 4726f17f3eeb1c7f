// step: one cluster's history, run input by input at a prompt, with breakpoints. Reads commands
// from a stream, so that a script can drive it.
#pragma once

#include <istream>

#include "selection.h"
#include "terminal.h"

namespace annals::replay {

// Of `--cluster`, or of the only cluster there is; starts at the selection's beginning.
Result<void> step_through(const journal::Reader& reader, const Selection& selection,
                          const ClusterUid& cluster, std::istream& in, const Out& out);

}  // namespace annals::replay

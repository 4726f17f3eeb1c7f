// compare: what another version of this program decides on the same journal, beside what this one
// does. The other one runs as `OTHER-BINARY records --recomputed`; neither holds the journal in
// memory.
#pragma once

#include <string>

#include "names.h"
#include "selection.h"
#include "terminal.h"

namespace annals::replay {

// True when they differ. `directory` is where the journal stands. kInvalid when the other program
// cannot be asked.
Result<bool> compare(const journal::Reader& reader, const Names& names, const Selection& selection,
                     const std::string& directory, const std::string& binary, const Out& out);

}  // namespace annals::replay

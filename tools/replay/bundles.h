// export and import: a part of a journal as one file, and such a file as a directory again.
#pragma once

#include <string>

#include "selection.h"
#include "terminal.h"

namespace annals::replay {

// The selected clusters and time; records are also taken as numbers, and become their times.
Result<void> export_to(const journal::Reader& reader, const Selection& selection,
                       const std::string& file, const Out& out);

Result<void> import_from(const std::string& file, const std::string& directory, const Out& out);

}  // namespace annals::replay

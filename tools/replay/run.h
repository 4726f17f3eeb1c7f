// Runs one command, and turns how it ended into an exit status.
#pragma once

#include <istream>
#include <ostream>

#include "base/error.h"
#include "command_line.h"
#include "terminal.h"

namespace annals::replay {

// Stable; scripts depend on them.
enum Status : int { kFine = 0, kUsage = 1, kDifferences = 2, kNotFound = 3, kCorrupt = 4 };

int status_of(const Error& error);

// Results go to `out`, errors to `errors`; `in` is what step is driven by. `app` is what was
// parsed, for the man page.
int run(const Typed& typed, const CLI::App& app, std::istream& in, const Out& out,
        std::ostream& errors);

}  // namespace annals::replay

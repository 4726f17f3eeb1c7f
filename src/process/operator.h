// Operator: the parts of the process and their wires.
#pragma once

#include "process/settings.h"

namespace annals::process {

// Runs the operator until it is told to end (0), or must (1): no API server, no journal, the lease
// lost. What it does meanwhile is in its log.
int run(const Settings& settings);

}  // namespace annals::process

// New clusters of two instances with backups, alone and many at once, on an API server where no pod
// ever runs: how soon each has its first StatefulSet, how many requests and how much of the
// operator's processor time it costs, and what the API server alone takes for the same writes.
// ANNALS_BENCH_BEFORE names another operator that is measured beside, each time first; its figures
// end in _before. ANNALS_BENCH_AT_ONCE ("1 100 500") says how many clusters at once.
#pragma once

#include <string>

#include "tests/bench/figures.h"

namespace annals::bench {

void measure_creation(const std::string& directory, Figures& figures);

}  // namespace annals::bench

// A run in words: what the world did and what the operator decided, in the order of time.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/run.h"

namespace annals::simulation {

// Of a run with `verbose`.
std::string timeline(const Report& report);

// How to run it again, the rules that it broke, the smallest plan that breaks one, and that run's
// timeline.
std::string explain_failure(const Scenario& scenario, std::uint64_t seed, const Plan& plan);

}  // namespace annals::simulation

// Shrinking: from a plan that fails to the smallest part of it that still does.
#pragma once

#include <cstdint>

#include "tests/simulation/run.h"

namespace annals::simulation {

// Takes faults away, one after the other, as long as the run still breaks a rule.
Plan shrink(const Scenario& scenario, std::uint64_t seed, Plan plan);

}  // namespace annals::simulation

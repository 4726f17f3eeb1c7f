// Regressions: bugs that seeds have found, each with its smallest plan, so that they stay fixed.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/simulation/plan.h"

namespace annals::simulation {

struct Regression {
  const char* what;
  const char* scenario;
  std::uint64_t seed;
  Plan plan;
};

std::vector<Regression> regressions();

}  // namespace annals::simulation

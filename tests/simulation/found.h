// What seeds have found once: the smallest plan of each, so that it is not found again.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/simulation/plan.h"

namespace annals::simulation {

struct Found {
  const char* what;
  const char* scenario;
  std::uint64_t seed;
  Plan plan;
};

std::vector<Found> found();

}  // namespace annals::simulation

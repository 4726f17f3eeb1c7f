// A crash at each boundary of a scenario without other faults. What comes before a boundary is
// played once: each crash happens in a copy of the process (fork), which plays on to its end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "tests/simulation/plan.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {

struct Crashes {
  std::map<std::string, int, std::less<>> boundaries;  // that a crash came before, by what they are
  std::optional<Plan> failed;  // the first after which a rule was broken; none after it were made
};

// Of each kind of boundary at the first, and at each `stride`-th from there.
Crashes crash_everywhere(const Scenario& scenario, std::uint64_t stride = 1);

}  // namespace annals::simulation

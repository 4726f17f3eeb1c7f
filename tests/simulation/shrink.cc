#include "tests/simulation/shrink.h"

#include <utility>

namespace annals::simulation {

Plan shrink(const Scenario& scenario, std::uint64_t seed, Plan plan) {
  const auto fails = [&](const Plan& tried) {
    return !run(scenario, seed, tried).violations.empty();
  };
  for (std::size_t i = plan.size(); i-- > 0;) {
    Plan without = plan;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    if (fails(without)) plan = std::move(without);
  }
  // FaultState that ends sooner is easier to understand.
  for (Fault& fault : plan) {
    while (fault.length_ms > 100) {
      const Fault before = fault;
      fault.length_ms /= 2;
      if (fails(plan)) continue;
      fault = before;
      break;
    }
  }
  return plan;
}

}  // namespace annals::simulation

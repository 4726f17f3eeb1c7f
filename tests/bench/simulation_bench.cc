// How fast the simulation is: runs of the smallest scenario, each with the faults of its seed, on
// one core. Usage: simulation_bench DIRECTORY [--json]
#include <string_view>

#include "base/assert.h"
#include "base/clock.h"
#include "tests/bench/figures.h"
#include "tests/simulation/run.h"

namespace annals::simulation {
namespace {

constexpr std::uint64_t kSeeds = 1'000;

void measure(bench::Figures& figures) {
  const Scenario& scenario = *find_scenario("create");
  reference(scenario);
  const SystemClock clock;
  const Duration start = clock.steady();
  std::uint64_t records = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Report report = run(scenario, seed, plan_of(scenario, seed));
    ANNALS_ASSERT(report.violations.empty(), "seed ", seed);
    records += report.records;
  }
  const double seconds = std::chrono::duration<double>(clock.steady() - start).count();
  figures.add("simulation.seeds_per_s", static_cast<double>(kSeeds) / seconds, "seeds/s");
  figures.add("simulation.records_per_s", static_cast<double>(records) / seconds, "records/s");
}

}  // namespace
}  // namespace annals::simulation

int main(int argc, char** argv) {
  annals::bench::Figures figures;
  annals::simulation::measure(figures);
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}

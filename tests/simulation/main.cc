// simulation: runs scenarios from seeds, and tells what happened.
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <string>

#include "base/concat.h"
#include "tests/simulation/crashes.h"
#include "tests/simulation/regressions.h"
#include "tests/simulation/run.h"
#include "tests/simulation/shrink.h"
#include "tests/simulation/timeline.h"

namespace annals::simulation {
namespace {

struct Request {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint64_t count = 1;
  bool verbose = false;
  bool brief = false;
  bool fail_fast = false;
  bool list = false;
  bool found = false;
  bool crash_everywhere = false;
};

// Says what failed, with the smallest plan that fails; true when nothing did.
bool tell(const Scenario& scenario, std::uint64_t seed, const Plan& plan, const Report& report,
          const Request& request) {
  if (!report.violations.empty() && request.brief) {
    const Violation& first = report.violations.front();
    std::cout << scenario.name << " --seed " << seed << " breaks " << first.rule << ": "
              << first.what << "\n";
  } else if (!report.violations.empty()) {
    std::cout << explain_failure(scenario, seed, plan);
  } else if (request.verbose) {
    std::cout << timeline(report);
  }
  return report.violations.empty();
}

bool run_seeds(const Scenario& scenario, const Request& request) {
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t records = 0;
  for (std::uint64_t seed = request.seed; seed < request.seed + request.count; ++seed) {
    const Plan plan = plan_of(scenario, seed);
    const Report report = run(scenario, seed, plan, {.verbose = request.verbose});
    records += report.records;
    if (!tell(scenario, seed, plan, report, request)) return false;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::cout << scenario.name << ": " << request.count << " seeds, " << records << " records, "
            << static_cast<double>(request.count) / took.count() << " seeds/s\n";
  return true;
}

bool crash_at_each(const Scenario& scenario, const Request& request) {
  const Crashes crashes = crash_everywhere(scenario);
  if (crashes.failed)
    return tell(scenario, 0, *crashes.failed, run(scenario, 0, *crashes.failed), request);
  int all = 0;
  for (const auto& [what, count] : crashes.boundaries) all += count;
  std::cout << scenario.name << ": a crash at each of " << all << " boundaries\n";
  return true;
}

bool run_found(const Request& request) {
  for (const Regression& each : regressions()) {
    const Scenario& scenario = *find_scenario(each.scenario);
    const Report report = run(scenario, each.seed, each.plan);
    if (!tell(scenario, each.seed, each.plan, report, request)) return false;
  }
  std::cout << "no regression\n";
  return true;
}

int main(int argc, char** argv) {
  CLI::App app{"Runs the operator's core in a simulated world", "simulation"};
  Request request;
  app.add_option("--scenario", request.scenario, "One scenario; without it all");
  app.add_option("--seed", request.seed, "The first seed; 0 is the run without faults");
  app.add_option("--count", request.count, "How many seeds");
  app.add_flag("--verbose", request.verbose, "Tell all that happens");
  app.add_flag("--brief", request.brief, "Of a failure only the first rule that it breaks");
  app.add_flag("--fail-fast", request.fail_fast, "End at the first scenario that fails");
  app.add_flag("--found", request.found, "What seeds have found before");
  app.add_flag("--list", request.list, "The names of all scenarios");
  app.add_flag("--crash-everywhere", request.crash_everywhere,
               "One run for each boundary, with a crash there");
  CLI11_PARSE(app, argc, argv);
  if (!request.scenario.empty() && find_scenario(request.scenario) == nullptr) {
    std::cerr << "simulation: no scenario '" << request.scenario << "'; see --list\n";
    return 1;
  }
  if (request.found) return run_found(request) ? 0 : 2;
  bool good = true;
  for (const Scenario& scenario : scenarios()) {
    if (!request.scenario.empty() && scenario.name != request.scenario) continue;
    if (request.list) {
      std::cout << scenario.name << "\n";
    } else {
      good = (request.crash_everywhere ? crash_at_each(scenario, request)
                                       : run_seeds(scenario, request)) &&
             good;
    }
    if (!good && request.fail_fast) break;
  }
  return good ? 0 : 2;
}

}  // namespace
}  // namespace annals::simulation

int main(int argc, char** argv) { return annals::simulation::main(argc, argv); }

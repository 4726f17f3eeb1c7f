#include "tests/simulation/run.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/concat.h"
#include "tests/simulation/check.h"
#include "tests/simulation/simulation.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

bool is_leftover(const Scenario& scenario, const std::string& name) {
  return std::ranges::any_of(scenario.leftovers,
                             [&](const std::string& part) { return name.contains(part); });
}

// Neither a status nor a script's mark in the database is watched: with a journal that has
// forgotten its last one, an older one may stay. A known gap.
bool may_have_old_status(const Plan& plan) {
  return std::ranges::find(plan, FaultKind::kRollback, &Fault::kind) != plan.end();
}

void compare_ends(Book& book, const Scenario& scenario, const Report& here, const Report& there,
                  bool old_status) {
  // Two clusters that have parted wait for a person.
  if (here.splits != there.splits) return;
  for (const auto& [name, text] : there.end) {
    if (is_leftover(scenario, name)) continue;
    if (old_status && (name.contains("PostgresCluster/") || name.ends_with(" script"))) continue;
    const auto found = here.end.find(name);
    if (found == here.end.end()) {
      book.accuse("L2", concat(name, " is not there, and is without faults"));
    } else if (found->second != text) {
      book.accuse("L2", concat(name, " is '", found->second, "', and without faults '", text, "'"));
    }
  }
  for (const auto& [name, text] : here.end) {
    if (!there.end.contains(name) && !is_leftover(scenario, name))
      book.accuse("L2", concat(name, " is there, and is not without faults"));
  }
}

// Whatever crashes, a request makes one backup. Copies of requests on the wire are another matter.
void check_backups(World& world, const Plan& plan) {
  const bool crashes_alone =
      std::ranges::all_of(plan, [](const Fault& fault) { return fault.kind == FaultKind::kCrash; });
  for (const auto& [request, jobs] : world.backups) {
    if (crashes_alone && jobs != 1)
      world.accuse("I4", concat("the request '", request, "' has made ", jobs, " Jobs"));
  }
}

// An hour later, with everything listed anew, nothing is left to do.
void check_stays(Simulation& simulation) {
  std::vector<std::map<std::string, int>> writes;
  for (const World* site : simulation.sites()) writes.push_back(site->writes);
  simulation.schedule().pass(1h);
  simulation.list_again();
  simulation.play();
  for (std::size_t i = 0; i < writes.size(); ++i) {
    for (const auto& [target, count] : simulation.sites()[i]->writes) {
      const auto before = writes[i].find(target);
      if (before == writes[i].end() || before->second != count)
        simulation.book().accuse("L1",
                                 concat(target, " is written again when nothing has changed"));
    }
  }
}

}  // namespace

Report run(const Scenario& scenario, std::uint64_t seed, const Plan& plan,
           const RunOptions& options) {
  Simulation simulation(scenario, seed, plan, options);
  const std::vector<World*>& sites = simulation.sites();
  Book& book = simulation.book();
  simulation.play();
  if (book.violations.empty()) {
    // Each recovery after a crash folds the journal anyway; at the end of a run a sample is enough.
    if (simulation.records() % 4 == 0 || options.fold_each != 0) simulation.check_folds();
    for (World* site : sites) {
      check_converged(simulation, *site, scenario, may_have_old_status(plan));
      check_coherent(*site, scenario);
      check_backups(*site, plan);
    }
    simulation.writers().check_end();
  }
  std::map<std::string, std::string> end;
  for (const World* site : sites) {
    for (auto& [name, text] : end_of(*site))
      end[site == sites.front() ? name : "abroad: " + name] = std::move(text);
  }
  if (book.violations.empty()) check_stays(simulation);
  const bool waits = std::ranges::any_of(sites, [](World* site) { return awaits_a_person(*site); });
  if (!options.is_reference && book.violations.empty() && !waits) {
    Report here;
    here.end = end;
    here.splits = simulation.writers().splits();
    compare_ends(book, scenario, here, reference(scenario), may_have_old_status(plan));
  }
  const int splits = simulation.writers().splits();
  Report report = std::move(simulation).report();
  report.splits = splits;
  report.end = std::move(end);
  if (options.at_end) options.at_end(report);
  return report;
}

const Report& reference(const Scenario& scenario) {
  static std::map<std::string, Report> made;
  const auto found = made.find(scenario.name);
  if (found != made.end()) return found->second;
  return made.emplace(scenario.name, run(scenario, 0, {}, {.is_reference = true})).first->second;
}

Plan plan_of(const Scenario& scenario, std::uint64_t seed) {
  if (seed == 0) return {};
  Plan plan = draw_plan(Random(seed ^ 0x5eedU), reference(scenario).extent);
  if (scenario.sites() > 1) {
    const Plan between = draw_network_faults(Random(seed ^ 0x517e5U), reference(scenario).extent);
    plan.insert(plan.end(), between.begin(), between.end());
  }
  std::erase_if(plan, [&](const Fault& fault) {
    return std::ranges::find(scenario.spared, fault.kind) != scenario.spared.end();
  });
  return plan;
}

}  // namespace annals::simulation

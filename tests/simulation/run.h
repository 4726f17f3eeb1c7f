// A run: one scenario with one plan of faults from one seed, in virtual time. While it lasts every
// step is checked against what must never happen; at its end everything is healed, and the world
// must become what it becomes without faults, and stay so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/disk.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/world.h"

namespace annals::simulation {

struct Report {
  std::vector<Violation> violations;
  Extent extent;
  std::map<std::string, int, std::less<>> boundaries;  // by what they are
  std::vector<std::string> crashed_at;                 // what each crash came before
  std::map<std::string, std::string> end;  // each object as it is at last, but for chance and time
  int splits = 0;                          // promotions beside another primary
  std::size_t records = 0;
  std::vector<Disk> disks;                               // one for each operator
  std::vector<std::pair<Timestamp, std::string>> notes;  // with `verbose`
};

struct RunOptions {
  bool verbose = false;
  // Compare the fold of the journal with the live state after each event whose number this divides,
  // not only at the end. 0: only there.
  std::uint64_t fold_each = 0;
  // Let all clusters rest after each event whose number this divides. 0: they stay awake.
  std::uint64_t evict_each = 0;
  // Asked at each boundary, besides the plan: what a crash there leaves of the unsynced end, or
  // nothing where the operator lives on.
  std::function<std::optional<std::size_t>(std::uint64_t boundary, const char* what)> crash_at = {};
  // Called with the report while all of the run is still there.
  std::function<void(const Report&)> at_end = {};
  // Do not compare the end with that of the undisturbed run.
  bool is_reference = false;
};

Report run(const Scenario& scenario, std::uint64_t seed, const Plan& plan,
           const RunOptions& options = {});

// The undisturbed run of this scenario; made once.
const Report& reference(const Scenario& scenario);

// The plan that this seed stands for.
Plan plan_of(const Scenario& scenario, std::uint64_t seed);

}  // namespace annals::simulation

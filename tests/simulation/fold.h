// Fold: the journal's bytes back into states, and every decision and intent in it computed anew.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fsm/machine.h"
#include "tests/simulation/disk.h"

namespace annals::simulation {

struct Folded {
  std::map<ClusterUid, fsm::ClusterState> states;
  Epoch epoch;                        // of the last record
  std::vector<std::string> troubles;  // decisions that are not what the machines decide
  std::string unreadable;             // why the bytes are no history; empty when they are
};

// Where a fold starts: at the first record, or at each cluster's newest snapshot, as a process
// does. What is before a snapshot is then not computed anew.
enum class FoldFrom : std::uint8_t { kBeginning, kSnapshots };
Folded fold(const Disk& disk, FoldFrom from = FoldFrom::kBeginning);

// A fold from the beginning that is kept: each time only what is new on the disk is taken.
class RunningFold {
 public:
  RunningFold();
  ~RunningFold();
  RunningFold(RunningFold&&) noexcept;
  RunningFold& operator=(RunningFold&&) noexcept;

  const Folded& of(const Disk& disk);

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

// Nothing, or where they differ. Derived values do not count.
std::string difference(const fsm::ClusterState& a, const fsm::ClusterState& b);

}  // namespace annals::simulation

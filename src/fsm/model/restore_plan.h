// What a restore does, decided from the request and from what the repositories hold, with nothing
// left for a program to choose.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "spec/restore_options.h"

namespace annals::fsm {

// Where a timeline began: there its parent's WAL ends for those who follow it.
struct TimelineBranch {
  std::int64_t timeline = 0;
  std::int64_t parent = 0;
  std::uint64_t lsn = 0;  // 0: not known
  Timestamp time{};       // of the promotion; the epoch: not known
  bool restored = false;  // by a restore, so that the parent may go on after `lsn`
  // Of a restore: which timeline people worked on until then. 0: the parent.
  std::int64_t left = 0;

  friend bool operator==(const TimelineBranch&, const TimelineBranch&) = default;
};

struct RestorePlan {
  std::string repo{};  // "repo1"
  // The user's with `set` and, as a decimal number, `timeline` filled in.
  spec::RestoreOptions options{};
  std::uint64_t size = 0;  // of the set when it is restored, in bytes
  Timestamp set_stop{};
  std::string archive{};  // the folder of its WAL in the repository: "15-1"
  // For an undo: recovery has to come at least to here; 0 and empty else.
  std::uint64_t least_lsn = 0;
  std::string least_wal{};

  friend bool operator==(const RestorePlan&, const RestorePlan&) = default;
};

// What the last restore left behind, so that it can be undone.
struct LeftTimeline {
  std::string repo{};
  std::int64_t timeline = 0;
  std::uint64_t lsn = 0;        // of the restore point
  std::string restore_point{};  // its name
  std::string last_wal{};       // the last segment, seen in the archive; empty: it was not

  friend bool operator==(const LeftTimeline&, const LeftTimeline&) = default;
};

}  // namespace annals::fsm

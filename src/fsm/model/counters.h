// What machines count: how often they have tried something, and when they look again. A process
// that starts begins to count anew.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"

namespace annals::fsm {

struct Attempts {
  int made = 0;
  Timestamp due;  // of the next one

  friend bool operator==(const Attempts&, const Attempts&) = default;
};

// How far behind its leader a replica was; nothing where Patroni did not know.
struct LagSeen {
  std::optional<std::int64_t> bytes;

  friend bool operator==(const LagSeen&, const LagSeen&) = default;
};

// A replica that lives by the archive.
struct StalledReplica {
  int recreated = 0;           // and once more when it was given up
  Timestamp due;               // of the next look
  std::optional<LagSeen> lag;  // at the last look; nothing before the first one

  friend bool operator==(const StalledReplica&, const StalledReplica&) = default;
};

struct Counters {
  std::map<std::string, Attempts> restarts_again;  // by pod: it still waits for a restart after one
  std::map<std::string, StalledReplica> stalled;   // by pod
  std::map<std::string, Attempts> checkpoints;     // by the pod that starts and may wait for one
  std::map<std::string, Timestamp> jobs_without_pod;  // by Job: from when on that is told

  friend bool operator==(const Counters&, const Counters&) = default;
};

}  // namespace annals::fsm

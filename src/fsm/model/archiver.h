// What PostgreSQL says of its archiver. What it calls archived pgBackRest has accepted, which is no
// proof that a repository has it: archive-push-queue-max drops WAL and says that all is well.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace annals::fsm {

struct ArchiverState {
  std::string last_wal{};  // "000000010000000000000007", archived last; empty: none yet
  Timestamp last_at{};     // to the second; the epoch: never
  std::string failed_wal{};
  Timestamp failed_at{};  // of the last failure; the epoch: never
  std::int64_t failures = 0;

  bool is_failing() const { return failed_at > last_at; }

  friend bool operator==(const ArchiverState&, const ArchiverState&) = default;
};

struct ArchiverSeen {
  Timestamp at;
  ArchiverState state{};
  std::string pod{};  // the primary that said so, by its UID

  friend bool operator==(const ArchiverSeen&, const ArchiverSeen&) = default;
};

}  // namespace annals::fsm

// The receipt of a clean shutdown: how far the history of a database goes that takes no writes any
// more. Another cluster that follows it has all of it once it has replayed up to there. Without
// secrets.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace annals::fsm {

struct Receipt {
  std::string cluster{};    // "namespace/name"
  std::string system_id{};  // decimal, as pg_controldata prints it
  std::int64_t timeline = 0;
  std::uint64_t checkpoint_lsn = 0;  // where the record of the shutdown checkpoint begins
  std::uint64_t end_lsn = 0;         // where the record before it ends: all commits lie before
  Timestamp at{};                    // of the checkpoint, or of the withdrawal
  bool withdrawn = false;  // it takes writes again: of the others only cluster and at are set

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

}  // namespace annals::fsm

// Restore drills: what one remembers while it goes on, and the proof that the last good one of each
// repository has left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "fsm/model/object_fields.h"
#include "fsm/text/message.h"

namespace annals::fsm {

// A backup that was restored, opened and checked.
struct VerifiedBackup {
  std::string label{};
  std::string type{};              // full, diff, incr
  Timestamp at{};                  // when that was; the epoch: never
  std::string wal_end{};           // LSN up to which WAL was replayed
  std::string last_transaction{};  // its time, as the server writes it; "-": none was replayed
  std::string checks{};            // what was done of "wal,amcheck,rows,query,age,checksums"
  std::int64_t databases = 0;
  std::int64_t tables = 0;
  std::int64_t rows = 0;
  std::int64_t seconds = 0;           // that it took
  std::optional<std::int64_t> age{};  // seconds, of the newest row when it was looked for
  std::string answer{};               // of the user's query

  friend bool operator==(const VerifiedBackup&, const VerifiedBackup&) = default;
};

enum class DrillPhase : std::uint8_t {
  kAnswered,  // nothing is asked for that has not been answered
  kWaiting,   // taken up; its Job has not been asked for
  kRunning,   // its Job has been asked for
  kSucceeded,
  kFailed
};
std::string to_string(DrillPhase phase);  // "Waiting"

struct Drill {
  DrillPhase phase = DrillPhase::kAnswered;
  std::string request{};  // the annotation's value that was taken up last
  std::string id{};       // the same, or of one that was due "due 2026-01-02T03:04:05Z"
  std::string writer{};   // of the annotation, where it is known
  Timestamp since{};      // when it was taken up; what was read of the repository before is too old
  std::string repo{};
  std::string set{};       // label of the backup; empty: not chosen yet
  std::string type{};      // of it
  std::string timeline{};  // that is replayed
  std::string archive{};   // the folder of its WAL
  std::string hash{};      // of its Job, once it was asked for
  Message failure{};
  std::string failure_reason{};  // of condition and Event: "DamageFound"
  JobFields seen{};              // what the Job said of itself last: its times and counts

  friend bool operator==(const Drill&, const Drill&) = default;
};

}  // namespace annals::fsm

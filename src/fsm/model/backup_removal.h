// One backup that somebody wants removed by an annotation, from the request to its answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fsm/model/object_fields.h"
#include "fsm/text/message.h"

namespace annals::fsm {

enum class RemovalPhase : std::uint8_t {
  kAnswered,  // nothing is asked for, or what stands there is of before this journal
  kWaiting,   // asked for; no Job of it has been asked for
  kRunning,   // its Job has been asked for
  kSucceeded,
  kFailed  // given up, or refused: another value is another request
};
std::string to_string(RemovalPhase phase);  // "Waiting"

struct BackupRemoval {
  RemovalPhase phase = RemovalPhase::kAnswered;
  std::string id{};      // the annotation's value; empty: nothing has been asked for
  std::string writer{};  // of the annotation, where it is known
  std::string repo{};
  std::string set{};                // label of the backup
  std::vector<std::string> also{};  // labels of those that go with it, since they need it
  Timestamp since{};                // when it was taken up; what was read before is too old
  Timestamp ended{};
  std::string job{};
  Message failure{};
  std::string failure_reason{};  // of condition and Event: "BackupNeedsConsent"
  JobFields seen{};              // what the Job said of itself last: its times and counts

  friend bool operator==(const BackupRemoval&, const BackupRemoval&) = default;
};

}  // namespace annals::fsm

// Decisions: which transition a machine took or refused, and the values that made it do so.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/fact.h"
#include "fsm/text/message.h"

namespace annals::fsm {

// A question that a machine asked about its state, and the answer.
struct Predicate {
  std::string name;
  std::string value;
  bool holds = false;

  friend bool operator==(const Predicate&, const Predicate&) = default;
};

// Without intents it is a negative decision: what is not done, and what it waits for.
struct Decision {
  std::string machine;     // "provision", "desired-set"
  std::string transition;  // "apply-missing", "wait-for-primary"
  Message reason;          // for a person
  std::vector<Predicate> inputs;
  std::vector<IntentId> intents;

  friend bool operator==(const Decision&, const Decision&) = default;
};

}  // namespace annals::fsm

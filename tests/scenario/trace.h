// The trace of a step: its decisions with their inputs and intents, what is waited for from here on
// and until when, and the conditions that have changed.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "fsm/step/step.h"

namespace annals::scenario {

// What is compared with what comes after the step.
struct Before {
  std::map<std::string, fsm::Blocker> blockers;
  std::map<std::string, fsm::Condition> conditions;
};
Before before_step(const fsm::ClusterState& state);

// A point in time as the script has it.
using Moment = std::function<std::string(Timestamp)>;

// Empty where nothing has come of it.
std::string trace_of(const Before& before, const fsm::Step& step, const Moment& moment);

// "Ready False NoPrimary: no pod is the primary and ready".
std::string in_words(const std::string& type, const fsm::Condition& condition);

// Digests change with every manifest, and say nothing to anybody.
std::string without_digests(const std::string& text);

}  // namespace annals::scenario

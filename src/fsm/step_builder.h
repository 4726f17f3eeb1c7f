// StepBuilder: what the machines write their part of a step into. It numbers intents and notes them
// as pending.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fsm/step.h"

namespace annals::fsm {

class StepBuilder {
 public:
  explicit StepBuilder(ClusterState state) { step_.state = std::move(state); }

  ClusterState& state() { return step_.state; }

  // One decision with what it asks for; without actions it is a negative one. `is_later`: while the
  // cluster comes up, no pod of it waits for that.
  void decide(Decision decision, std::vector<Action> actions = {}, bool is_later = false);

  Step finish() && { return std::move(step_); }

 private:
  Step step_;
};

// Whether an intent on this target was asked for and has not ended.
bool is_pending(const ClusterState& state, const std::string& target);

// A machine wants to be asked at that time, or earlier.
void requeue_at(ClusterState& state, Timestamp time);

// Whether a failed write of this target has to wait.
bool is_waiting_to_retry(const ClusterState& state, const std::string& target);

}  // namespace annals::fsm

// StepBuilder: by which the machines write their parts of a step. It numbers intents and notes them
// as pending.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fsm/step/step.h"

namespace annals::fsm {

class StepBuilder {
 public:
  // The step has the state to begin with; it is not moved, since a state is large.
  explicit StepBuilder(Step& step) : step_(step) {}

  ClusterState& state() { return step_.state; }

  // One decision with what it asks for; without actions it is a negative one. `is_later`: while the
  // cluster comes up, no pod of it waits for that.
  void decide(Decision decision, std::vector<Action> actions = {}, bool is_later = false);

  // Machines that have said in this step what they wait for.
  void note_waiting(const std::string& machine) { waiting_.insert(machine); }
  bool waits(const std::string& machine) const { return waiting_.contains(machine); }

  void note_ended(WaitEnded wait) { step_.waits_ended.push_back(std::move(wait)); }

 private:
  Step& step_;
  std::set<std::string> waiting_;
};

// Whether an intent on this target was asked for and has not ended.
bool is_pending(const ClusterState& state, const std::string& target);

// A machine wants to be asked at that time, or earlier.
void requeue_at(ClusterState& state, Timestamp time);

// Whether a failed write of this target has to wait.
bool is_waiting_to_retry(const ClusterState& state, const std::string& target);

}  // namespace annals::fsm

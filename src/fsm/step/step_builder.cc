#include "fsm/step/step_builder.h"

#include <algorithm>

namespace annals::fsm {
namespace {

Urgency urgency_in(ProvisionPhase phase, bool is_later) {
  if (phase == ProvisionPhase::kDone) return Urgency::kUsual;
  if (is_later) return Urgency::kLater;
  // Once all objects have been in place, its pods have what they wait for.
  const bool has_objects = phase != ProvisionPhase::kNew && phase != ProvisionPhase::kPreparing;
  return has_objects ? Urgency::kUsual : Urgency::kFirstPod;
}

}  // namespace

void StepBuilder::decide(Decision decision, std::vector<Action> actions, bool is_later) {
  const Urgency urgency = urgency_in(step_.state.phase, is_later);
  for (Action& action : actions) {
    const IntentId id = step_.state.last_intent.next();
    step_.state.last_intent = id;
    step_.state.pending.emplace(id, action);
    decision.intents.push_back(id);
    step_.intents.push_back({.id = id, .action = std::move(action), .urgency = urgency});
  }
  step_.decisions.push_back(std::move(decision));
}

bool is_pending(const ClusterState& state, const std::string& target) {
  return std::ranges::any_of(state.pending,
                             [&](const auto& entry) { return works_on(entry.second, target); });
}

void requeue_at(ClusterState& state, Timestamp time) {
  state.requeue_at = state.requeue_at ? std::min(*state.requeue_at, time) : time;
}

bool is_waiting_to_retry(const ClusterState& state, const std::string& target) {
  const auto retry = state.retries.find(target);
  return retry != state.retries.end() && retry->second.due > state.now;
}

}  // namespace annals::fsm

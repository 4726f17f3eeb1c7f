#include "fsm/step_builder.h"

#include <algorithm>

namespace annals::fsm {

void StepBuilder::decide(Decision decision, std::vector<Action> actions) {
  for (Action& action : actions) {
    const IntentId id = step_.state.last_intent.next();
    step_.state.last_intent = id;
    step_.state.pending.emplace(id, action);
    decision.intents.push_back(id);
    step_.intents.push_back({.id = id, .action = std::move(action)});
  }
  step_.decisions.push_back(std::move(decision));
}

bool is_pending(const ClusterState& state, const std::string& target) {
  return std::ranges::any_of(state.pending,
                             [&](const auto& entry) { return target_of(entry.second) == target; });
}

bool is_waiting_to_retry(const ClusterState& state, const std::string& target) {
  const auto retry = state.retries.find(target);
  return retry != state.retries.end() && retry->second.due > state.now;
}

}  // namespace annals::fsm

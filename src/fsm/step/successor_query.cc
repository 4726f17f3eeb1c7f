#include "fsm/step/successor_query.h"

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "fsm/step/repository_query.h"
#include "fsm/step/standby_query.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/demotion.h"
#include "fsm/view/standing_look.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kBetweenQuestions = 10s;
constexpr Duration kBetweenNumbers = 1h;  // which are of no interest

StandbyQuestion question_to(const Successor& successor, std::chrono::seconds every) {
  return {.machine = "standby",
          .every = every.count(),
          .successor = successor.host,
          .port = successor.port,
          .between_figures = kBetweenNumbers};
}

bool is_free(const ClusterState& state) {
  return std::holds_alternative<std::monostate>(state.operation);
}

}  // namespace

void ask_whom_to_follow(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (primary(state) == nullptr) return;
  if (const std::optional<Successor> successor = successor_of(state))
    return ask_standby(builder, question_to(*successor, 0s),
                       say::asking_successor(successor->host));
  const std::string repo = repository_to_follow(state);
  if (!repo.empty()) ask_repository(builder, "standby", repo, say::reading_repository_to_follow());
}

void ask_whom_to_follow_again(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const DemotionRight right = demotion_ground(state).right;
  if (permits_demotion(right) || right == DemotionRight::kNotAsked)
    return ask_whom_to_follow(builder);
  // Where a host says no, the look that stands asks it again.
  const auto seen = state.repositories.find(repository_to_follow(state));
  if (seen == state.repositories.end()) return;
  const Timestamp next = seen->second.at + kBetweenQuestions;
  if (state.now >= next) return ask_whom_to_follow(builder);
  requeue_at(state, next);
}

void keep_asking_whom_to_follow(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!state.role.asked_at) state.role.asked_at = state.now;
  const DemotionGround ground = demotion_ground(state);
  if (ground.right == DemotionRight::kConsent || primary(state) == nullptr)
    return end_standing_look(state, kStandbyTarget);
  const bool is_to_begin = permits_demotion(ground.right) && is_free(state);
  if (ground.right == DemotionRight::kNotAsked || (is_to_begin && !is_ground_fresh(state)))
    return ask_whom_to_follow(builder);
  const std::optional<Successor> successor = successor_of(state);
  if (!successor || answer_of_successor(state) == nullptr) return;
  keep_looking_at_standby(builder, question_to(*successor, kBetweenQuestions),
                          say::standby_looked_at_again());
}

void forget_whom_to_follow(ClusterState& state) {
  state.role.asked_at.reset();
  state.role.successor.reset();
}

}  // namespace annals::fsm

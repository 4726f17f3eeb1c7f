#include "fsm/operations/promotion.h"

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "fsm/operations/promotion_guards.h"
#include "fsm/step/events.h"
#include "fsm/step/standby_query.h"
#include "fsm/step/users.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/patroni_configuration.h"
#include "fsm/view/promotion_ground.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {
namespace promotion {
namespace {

using namespace std::chrono_literals;

Message why(const ClusterState& state) {
  const bool is_it = state.changes.text.contains("spec.standby");
  return is_it ? in_words(state.changes) : say::promotion_requested();
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  if (!is_promotion_asked(state)) return std::nullopt;
  const std::string leader = view.primary == nullptr ? "" : view.primary->instance;
  return Begin{
      .operation =
          PlainOperation{.name = kPromotion.name, .reason = why(state), .since = state.now},
      .reason = why(state),
      .inputs = {{.name = "standby-leader", .value = leader, .holds = !leader.empty()}}};
}

// What Patroni was told is not taken back: whoever takes writes by then goes on with it.
Message withdrawn(const OperationView& view) {
  ClusterState& state = view.state;
  const bool is_asked_again = spec::asks_for_standby(rendered(state).cluster);
  const bool is_as_before = follows_another(state) && !is_pending(state, kPatroniTarget);
  return is_asked_again && is_as_before ? say::promotion_withdrawn() : Message();
}

// Patroni promotes the one that leads; while nobody does, that may be any member.
Wait leader_ready(const OperationView& view) {
  ClusterState& state = view.state;
  if (!follows_another(state) || leader(state) != nullptr) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::standby_leader_awaited(),
          .remedy = say::standby_leader_remedy()};
}

// In its pause mode the leader steps back instead, and nobody leads until that ends.
Wait patroni_unpaused(const OperationView& view) {
  ClusterState& state = view.state;
  const bool is_paused = rendered(state).patroni.contains("\"pause\":true");
  if (!follows_another(state) || !is_paused) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::patroni_pause_to_end(),
          .remedy = say::patroni_pause_remedy()};
}

Wait configuration_written(const OperationView& view) {
  ClusterState& state = view.state;
  if (!follows_another(state)) return {.satisfied = true};
  const auto retry = state.retries.find(kPatroniTarget);
  return {.satisfied = false,
          .waits_for = say::standby_configuration_to_go(
              retry == state.retries.end() ? Message() : retry->second.error)};
}

Wait write_configuration(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  Wait wait = configuration_written(view);
  if (is_pending(state, kPatroniTarget) || is_waiting_to_retry(state, kPatroniTarget)) return wait;
  if (!is_answer_fresh(builder))
    return {.satisfied = false, .waits_for = say::source_to_be_asked(obstacle_to_standby(state))};
  const PodObserved pod = *leader(state);
  std::vector<Predicate> inputs = grounds(state);
  inputs.push_back({.name = "leader-is-ready", .value = pod.name, .holds = true});
  tell_of_ground(builder);
  builder.decide(
      {.machine = kPromotion.name,
       .transition = "promote",
       .reason = say::promoting_on_ground(pod.name, why(state), promotion_ground(state).text),
       .inputs = std::move(inputs),
       .intents = {}},
      {configuration_for(state, pod)});
  return wait;
}

// Patroni's word: the server itself refuses what comes before it.
Wait leader_promoted(const OperationView& view) {
  ClusterState& state = view.state;
  if (primary(state) != nullptr) return {.satisfied = true};
  const PodObserved* pod = leader(state);
  return {.satisfied = false,
          .waits_for = pod == nullptr ? say::primary_to_be_promoted()
                                      : say::standby_leader_to_promote(pod->name),
          .remedy = say::patronictl_list()};
}

Message complete(StepBuilder& builder, const OperationView& /*view*/) {
  ClusterState& state = builder.state();
  state.role.used_permit = promotion_consent(state);
  const PodObserved* pod = primary(state);
  const Message done = say::standby_promoted(pod == nullptr ? "" : pod->name);
  report_event_once(builder, EventType::kNormal, "StandbyPromoted", done);
  return done;
}

// Users get the passwords of this cluster's own Secrets.
constexpr std::array kGoals{
    Goal{"leader-ready", 10min, leader_ready},
    Goal{"patroni-unpaused", 5min, patroni_unpaused},
    Goal{"source-stopped", 10min, source_stopped, ask_for_source},
    Goal{"receipt-replayed", 10min, receipt_replayed, watch_receipt},
    Goal{"wal-replayed", 5min, wal_replayed, watch_replay, Late::kSkip},
    Goal{"configuration-written", 5min, configuration_written, write_configuration},
    Goal{"leader-promoted", 10min, leader_promoted},
    Goal{"users-written", 2min, wait_for_users, open_database}};

bool is_asked(ClusterState& state) { return is_promotion_asked(state); }

}  // namespace
}  // namespace promotion

const OperationKind kPromotion{.name = kPromotionName,
                               .wanted = promotion::wanted,
                               .withdrawn = promotion::withdrawn,
                               .goals = promotion::kGoals,
                               .complete = promotion::complete,
                               .is_asked = promotion::is_asked};

}  // namespace annals::fsm

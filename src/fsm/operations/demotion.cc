#include "fsm/operations/demotion.h"

#include <array>
#include <chrono>
#include <string>

#include "fsm/operations/receipt_goal.h"
#include "fsm/step/events.h"
#include "fsm/step/stop_instances.h"
#include "fsm/step/successor_query.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/demotion.h"
#include "fsm/view/patroni_configuration.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace demotion {
namespace {

using namespace std::chrono_literals;

bool is_allowed(ClusterState& state) {
  return is_demotion_permitted(state) && is_ground_fresh(state);
}

Message reason_of(ClusterState& state) {
  const DemotionGround ground = demotion_ground(state);
  const Message changes = state.changes.text.empty() ? Message() : in_words(state.changes);
  if (ground.right == DemotionRight::kConsent)
    return say::demotion_requested(manifests::annotation::kGiveUpTimeline, own_timeline(state),
                                   changes);
  return say::demotion_of_unparted(ground.text, changes);
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  if (!is_allowed(state)) return std::nullopt;
  stopping::remember_primary(view);
  const Message why = reason_of(state);
  const std::string leader =
      view.primary == nullptr ? state.startup_instance : view.primary->instance;
  return Begin{
      .operation = PlainOperation{.name = kDemotion.name, .reason = why, .since = state.now},
      .reason = why,
      .inputs = {
          {.name = "leader", .value = leader, .holds = !leader.empty()},
          {.name = "timeline", .value = std::to_string(own_timeline(state)), .holds = true}}};
}

// From there on nobody can be asked, and what has parted is rewound by nobody.
bool is_primary_stopping(const ClusterState& state) {
  return state.stopped.contains(state.startup_instance);
}

// It follows by then: another one would have to be promoted.
Message withdrawn(const OperationView& view) {
  ClusterState& state = view.state;
  const bool is_asked = spec::asks_for_standby(rendered(state).cluster);
  if (follows_another(state) || is_pending(state, kPatroniTarget)) return {};
  if (!is_asked) return say::demotion_withdrawn();
  const DemotionGround ground = demotion_ground(state);
  const bool has_parted = ground.right == DemotionRight::kParted && !is_primary_stopping(state);
  return has_parted ? say::demotion_parted(ground.text) : Message();
}

void note_primary(const OperationView& view) {
  if (const std::int64_t timeline = own_timeline(view.state); timeline > 0)
    view.state.role.timeline = timeline;
  if (name_of(view.state.operation) == kDemotion.name && !follows_another(view.state))
    stopping::remember_primary(view);
}

stopping::Order order(const ClusterState& state) {
  return {kDemotion.name, std::get<PlainOperation>(state.operation).reason};
}
bool is_behind(const OperationView& view) { return follows_another(view.state); }
Wait others_stopped(const OperationView& view) {
  return is_behind(view) ? Wait{.satisfied = true} : stopping::replicas_stopped(view);
}
Wait stop_others(StepBuilder& builder, const OperationView& view) {
  return stopping::stop_replicas(builder, view, order(view.state));
}
// Anew, and as late as it can be.
Wait successor_follows(const OperationView& view) {
  ClusterState& state = view.state;
  if (is_behind(view) || is_primary_stopping(state) || is_allowed(state))
    return {.satisfied = true};
  const DemotionGround ground = demotion_ground(state);
  const bool is_asked_anew = permits_demotion(ground.right);
  return {.satisfied = false,
          .waits_for = say::successor_to_answer(is_asked_anew ? Message() : ground.text),
          .remedy = say::successor_to_answer_remedy(manifests::annotation::kGiveUpTimeline,
                                                    own_timeline(state))};
}
Wait ask_anew(StepBuilder& builder, const OperationView& view) {
  ask_whom_to_follow_again(builder);
  return successor_follows(view);
}

Wait all_stopped(const OperationView& view) {
  return is_behind(view) ? Wait{.satisfied = true} : stopping::primary_stopped(view);
}
Wait stop_all(StepBuilder& builder, const OperationView& view) {
  return stopping::stop_primary(builder, view, order(view.state));
}

Wait receipt_made(const OperationView& view) {
  return is_behind(view) ? Wait{.satisfied = true} : receipt_written(view);
}
Wait make_receipt(StepBuilder& builder, const OperationView& view) {
  return is_behind(view) ? Wait{.satisfied = true} : write_receipt(builder, view);
}

Wait standby_configured(const OperationView& view) {
  if (is_behind(view)) return {.satisfied = true};
  const auto retry = view.state.retries.find(kPatroniTarget);
  return {.satisfied = false,
          .waits_for = say::standby_configuration_to_come(
              retry == view.state.retries.end() ? Message() : retry->second.error)};
}

Wait write_standby(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  Wait wait = standby_configured(view);
  if (is_pending(state, kPatroniTarget) || is_waiting_to_retry(state, kPatroniTarget)) return wait;
  const std::int64_t timeline = own_timeline(state);
  const bool is_given = is_given_up(rendered(state).cluster, timeline);
  builder.decide(
      {.machine = kDemotion.name,
       .transition = "demote",
       .reason = say::writing_standby(followed_by(rendered(state).cluster)),
       .inputs = {{.name = "pods-of-instances", .value = "0", .holds = true},
                  {.name = "rewinds", .value = is_given ? "true" : "false", .holds = is_given}},
       .intents = {}},
      {standby_configuration(state, is_given ? 0 : timeline)});
  return wait;
}

Message complete(StepBuilder& builder, const OperationView& view) {
  const Message done = say::demoted(followed_by(rendered(view.state).cluster));
  report_event_once(builder, EventType::kNormal, "StandbyDemoted", done);
  return done;
}

constexpr std::array kGoals{Goal{"replicas-stopped", 10min, others_stopped, stop_others},
                            Goal{"successor-follows", 5min, successor_follows, ask_anew},
                            Goal{"primary-stopped", 10min, all_stopped, stop_all},
                            Goal{"receipt-written", 2min, receipt_made, make_receipt, Late::kSkip},
                            Goal{"configuration-written", 5min, standby_configured, write_standby}};

}  // namespace
}  // namespace demotion

const OperationKind kDemotion{.name = kDemotionName,
                              .wanted = demotion::wanted,
                              .withdrawn = demotion::withdrawn,
                              .goals = demotion::kGoals,
                              .complete = demotion::complete,
                              .observe = demotion::note_primary,
                              .is_asked = is_demotion_permitted};

}  // namespace annals::fsm

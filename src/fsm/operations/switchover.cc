#include "fsm/operations/switchover.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ranges>
#include <utility>

#include "fsm/operations/move_leader.h"
#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/members.h"
#include "fsm/view/rendering.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace switchover {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTrigger = "postgres-operator.crunchydata.com/trigger-switchover";
std::string trigger_of(const spec::PostgresCluster& cluster) {
  const auto& requested = cluster.spec.patroni.switchover;
  const auto trigger = cluster.annotations.find(kTrigger);
  if (!requested || !requested->enabled || trigger == cluster.annotations.end()) return {};
  return trigger->second;
}

// Which request, and whose.
Message why(const ClusterState& state, const std::string& trigger) {
  const std::string& changes = state.changes.text;
  const bool is_it = changes.contains(kTrigger) || changes.contains("spec.patroni.switchover");
  return say::switchover_requested(trigger, is_it ? in_words(state.changes) : Message());
}

void refuse(StepBuilder& builder, const std::string& trigger, const Message& why) {
  ClusterState& state = builder.state();
  state.handled_trigger = trigger;
  builder.decide({.machine = kSwitchover.name,
                  .transition = "refuse",
                  .reason = why,
                  .inputs = {{.name = "trigger", .value = trigger, .holds = false}},
                  .intents = {}});
  // Another request with the same mistake is another answer.
  report_event_once(builder, EventType::kWarning, "InvalidSwitchover",
                    say::switchover_refused(why, kTrigger));
}

// What is wrong with the request itself; empty when it could be met.
Message mistake_in(const spec::Switchover& requested, const std::vector<Member>& members,
                   const Member* target) {
  if (members.size() < 2) return say::switchover_without_replica();
  const bool failover = requested.type == spec::SwitchoverType::kFailover;
  if (requested.target_instance.empty())
    return failover ? say::failover_without_target() : Message();
  if (target != nullptr) return {};
  return say::switchover_target_unknown(requested.target_instance,
                                        listed(members | std::views::transform(&Member::instance)));
}

const Member* find(const std::vector<Member>& members, const std::string& instance) {
  const auto found = std::ranges::find(members, instance, &Member::instance);
  return found == members.end() ? nullptr : &*found;
}

// Another pod than the one that led then leads, the asked one where one was named.
bool has_moved(const OperationView& view) {
  const auto& operation = std::get<Switchover>(view.state.operation);
  return view.primary != nullptr && view.primary->pod->name != operation.from &&
         (operation.target.empty() || view.primary->pod->name == operation.target);
}

bool is_done(const OperationView& view) { return has_moved(view) && view.primary->available; }

// Who is asked to hand over; a failover also asks when nobody leads.
const Member* asked_one(const OperationView& view) {
  if (view.primary != nullptr) return view.primary;
  const std::string& from = std::get<Switchover>(view.state.operation).from;
  const auto found = std::ranges::find_if(view.members, [&](const Member& member) {
    return member.pod != nullptr && member.pod->name == from;
  });
  return found == view.members.end() ? nullptr : &*found;
}

Message withdrawn(const OperationView& view) {
  if (is_done(view)) return {};
  const auto& operation = std::get<Switchover>(view.state.operation);
  if (trigger_of(rendered(view.state).cluster) != operation.trigger)
    return say::switchover_withdrawn();
  if (operation.forced && asked_one(view) == nullptr) return say::failover_of_nobody();
  return {};
}

Wait primary_moved(const OperationView& view) {
  if (is_done(view)) return {.satisfied = true};
  if (has_moved(view)) {
    const std::string& pod = view.primary->pod->name;
    return {.satisfied = false,
            .waits_for = say::pod_to_be_ready(pod),
            .remedy = say::describe_pod(pod)};
  }
  return {.satisfied = false,
          .waits_for = say::primary_to_be_elected(),
          .remedy = say::patronictl_list()};
}

Wait move_primary(StepBuilder& builder, const OperationView& view) {
  const auto operation = std::get<Switchover>(view.state.operation);
  // Whoever leads by now as it was asked for is not made to hand over again.
  if (has_moved(view) || (view.primary == nullptr && !operation.forced)) return primary_moved(view);
  return move_leader(builder, {.machine = kSwitchover.name,
                               .reason = operation.reason,
                               .leader = asked_one(view),
                               .target = operation.target,
                               .forced = operation.forced});
}

// Noted, and told to whoever asked.
Message answer(StepBuilder& builder, const std::string& trigger, const Member& primary) {
  builder.state().handled_trigger = trigger;
  report_event_once(builder, EventType::kNormal, "SwitchedOver",
                    say::switched_over(primary.pod->name, trigger));
  return say::pod_is_primary(primary.pod->name);
}

Message complete(StepBuilder& builder, const OperationView& view) {
  const std::string trigger = std::get<Switchover>(builder.state().operation).trigger;
  return answer(builder, trigger, *view.primary);
}

// The one that is asked for leads already.
void leave(StepBuilder& builder, const std::string& trigger, const Member& primary) {
  Message reason = answer(builder, trigger, primary);
  builder.decide({.machine = kSwitchover.name,
                  .transition = "complete",
                  .reason = std::move(reason),
                  .inputs = {{.name = "leader", .value = primary.pod->name, .holds = true}},
                  .intents = {}});
}

void give_up(StepBuilder& builder, const Operation& operation, const Message& why) {
  refuse(builder, std::get<Switchover>(operation).trigger, why);
}

// What stands there before there is a database, or before this journal began, is no request.
bool is_noted_only(ClusterState& state, const std::string& trigger) {
  if (state.phase == ProvisionPhase::kDone && state.handled_trigger) return false;
  if (state.phase == ProvisionPhase::kDone || !trigger.empty()) state.handled_trigger = trigger;
  return true;
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const std::string trigger = trigger_of(cluster);
  if (is_noted_only(state, trigger)) return std::nullopt;
  if (trigger.empty() || trigger == *state.handled_trigger) return std::nullopt;
  const spec::Switchover requested = *cluster.spec.patroni.switchover;
  const Member* target = find(view.members, requested.target_instance);
  if (const Message mistake = mistake_in(requested, view.members, target); !mistake.empty()) {
    refuse(builder, trigger, mistake);
    return std::nullopt;
  }
  if (view.primary != nullptr && view.primary == target) {
    leave(builder, trigger, *target);
    return std::nullopt;
  }
  Switchover operation{
      .reason = why(state, trigger),
      .since = state.now,
      .trigger = trigger,
      .from = view.primary != nullptr ? view.primary->pod->name : "",
      .target = target == nullptr ? "" : manifests::names::instance_pod(target->instance),
      .forced = requested.type == spec::SwitchoverType::kFailover};
  Begin begin{.operation = {},
              .reason = operation.reason,
              .inputs = {{.name = "leader", .value = operation.from, .holds = true},
                         {.name = "target",
                          .value = operation.target.empty() ? "the best" : operation.target,
                          .holds = true}}};
  begin.operation = std::move(operation);
  return begin;
}

// A request that cannot be met in that time is refused, so that it does not come as a surprise.
constexpr std::array kGoals{
    Goal{"another-leads", 10min, primary_moved, move_primary, Late::kGiveUp}};

}  // namespace
}  // namespace switchover

const OperationKind kSwitchover{.name = "switchover",
                                .wanted = switchover::wanted,
                                .withdrawn = switchover::withdrawn,
                                .goals = switchover::kGoals,
                                .complete = switchover::complete,
                                .give_up = switchover::give_up,
                                .is_asked = is_switchover_asked};

bool is_switchover_asked(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const std::string trigger = switchover::trigger_of(cluster);
  return !trigger.empty() && state.phase == ProvisionPhase::kDone && state.handled_trigger &&
         trigger != *state.handled_trigger &&
         cluster.spec.patroni.switchover->type != spec::SwitchoverType::kFailover;
}

}  // namespace annals::fsm

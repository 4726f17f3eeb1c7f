#include "fsm/machines/instances.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <variant>

#include "fsm/text/say.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/members.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

bool is_moving_leader(const ClusterState& state, const std::string& pod) {
  return state.leader_move && (state.leader_move->from == pod || state.leader_move->to == pod);
}

// Whether the operation that goes on works on this instance, or waits for it itself.
bool is_worked_on(const ClusterState& state, const std::string& instance) {
  if (std::holds_alternative<std::monostate>(state.operation)) return false;
  const std::string pod = manifests::names::instance_pod(instance);
  if (const auto* switchover = std::get_if<Switchover>(&state.operation))
    return switchover->from == pod || switchover->target == pod || is_moving_leader(state, pod);
  // The one that goes is no instance any more; before it is chosen all are looked at.
  if (const auto* scale_down = std::get_if<ScaleDown>(&state.operation))
    return scale_down->instance.empty();
  return true;
}

// What is being written for it is told as that, unless it fails.
Wait wait_for_pod(ClusterState& state, const Member& member) {
  const Wanted* missing = first_not_in_sync(state);
  if (missing == nullptr)
    return {.satisfied = false,
            .waits_for = say::instance_to_have_pod(member.instance),
            .remedy = say::describe_stateful_set(member.instance)};
  if (!state.retries.contains(missing->target)) return {.satisfied = true};
  return wait_for_object(state, *missing);
}

Wait wait_for_member(ClusterState& state, const Member& member) {
  if (member.pod == nullptr) return wait_for_pod(state, member);
  const std::string& name = member.pod->name;
  if (member.pod->deleting)
    return {.satisfied = false,
            .waits_for = say::pod_to_terminate(name),
            .remedy = say::delete_lost_node(member.pod->node)};
  if (!member.available)
    return {.satisfied = false,
            .waits_for = say::pod_to_come_up(name, trouble_of(state, *member.pod)),
            .remedy = say::describe_pod_and_logs(name)};
  // A standby cluster may live by its archive alone.
  if (member.leads || member.follows || follows_another(state)) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::pod_to_stream(name, member.pod->member),
          .remedy = say::stream_remedy(name)};
}

// The first one that is not as it should be; over when all are.
Wait wait_for_instances(ClusterState& state) {
  for (const Member& member : members_of(state)) {
    if (is_worked_on(state, member.instance)) continue;
    if (Wait wait = wait_for_member(state, member); !wait.satisfied) return wait;
  }
  return {.satisfied = true};
}

// A template that was written, and that its controller has not looked at yet: until then nobody
// knows whether pods are to be made anew.
Wait wait_for_templates(ClusterState& state) {
  // An operation waits for that itself.
  const bool is_free = std::holds_alternative<std::monostate>(state.operation);
  if (!is_free || first_not_in_sync(state) != nullptr) return {.satisfied = true};
  for (const Member& member : members_of(state)) {
    if (member.pod == nullptr || member.pod->revision.empty()) continue;
    if (state.rollout_suppressed.contains(member.instance)) continue;
    const ObjectFields& fields = fields_of(state, stateful_set_ref(state, member.instance));
    if (fields.stateful_set->revision.value_or("").empty())
      return {.satisfied = false,
              .waits_for = say::update_revision_to_be_reported(member.instance),
              .remedy = say::describe_stateful_set(member.instance)};
  }
  return {.satisfied = true};
}

Wait templates_reported(const OperationView& view) { return wait_for_templates(view.state); }

Wait instances_up(const OperationView& view) { return wait_for_instances(view.state); }

constexpr std::array kGoals{Goal{"templates-reported", 5min, templates_reported},
                            Goal{"instances-up", 10min, instances_up}};

// A cluster that comes up says by itself what it waits for.
bool goes_on(ClusterState& state) {
  if (state.phase != ProvisionPhase::kDone) return false;
  return !wait_for_templates(state).satisfied || !wait_for_instances(state).satisfied;
}

}  // namespace

const OperationKind kInstances{.name = "instances", .goals = kGoals, .goes_on = goes_on};

}  // namespace annals::fsm

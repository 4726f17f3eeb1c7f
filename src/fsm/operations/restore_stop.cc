// Instances stop, replicas first, so that nothing is written any more. What they wrote is kept.
#include <algorithm>
#include <string>
#include <utility>

#include "fsm/operations/restore_goals.h"
#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/rendering.h"
#include "fsm/view/verified_backup.h"

namespace annals::fsm::restore {
namespace {

// The one whose volume is restored stops last; where nobody led, it is any one.
bool is_last(const OperationView& view, const Member& member) {
  return member.instance == progress_of(view.state).instance;
}

const Wanted* runner_of(ClusterState& state, const std::string& instance) {
  const ObjectRef ref = stateful_set_ref(state, instance);
  const std::vector<Wanted>& wanted = rendered(state).wanted;
  const auto found = std::ranges::find(wanted, ref, &Wanted::ref);
  return found == wanted.end() ? nullptr : &*found;
}

// Its controller has seen that there is to be no pod: from then on none comes.
bool is_runner_at_rest(ClusterState& state, const std::string& instance) {
  const auto object = state.objects.find(stateful_set_ref(state, instance));
  if (object == state.objects.end()) return true;
  const Wanted* wanted = runner_of(state, instance);
  return wanted != nullptr && in_sync(state, *wanted) &&
         !object->second.fields.stateful_set->revision.value_or("").empty();
}

Wait wait_for_stop(ClusterState& state, const Member& member) {
  if (member.pod != nullptr)
    return {.satisfied = false,
            .waits_for = say::pod_to_terminate(member.pod->name),
            .remedy = member.pod->deleting ? say::delete_lost_node(member.pod->node)
                                           : say::describe_pod(member.pod->name)};
  if (state.stopped.contains(member.instance) && is_runner_at_rest(state, member.instance))
    return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::instance_to_stop(member.instance),
          .remedy = say::describe_stateful_set(member.instance)};
}

Wait check_stopped(const OperationView& view, bool spares_last) {
  for (const Member& member : view.members) {
    if (spares_last && is_last(view, member)) continue;
    if (Wait wait = wait_for_stop(view.state, member); !wait.satisfied) return wait;
  }
  return {.satisfied = true};
}

// What a person has to know who asks why a pod was stopped: what goes, and where the copy is.
Message reason_to_stop(const ClusterState& state, const std::string& instance) {
  const Guard guard = guard_of(state);
  return say::stopping_for_restore(instance, guard.allowed_by, guard.lost, guard.other_copy);
}

void stop(StepBuilder& builder, const Member& member) {
  ClusterState& state = builder.state();
  if (!state.stopped.insert(member.instance).second) return;
  state.rendered.reset();
  builder.decide({.machine = kMachine,
                  .transition = "stop-instance",
                  .reason = reason_to_stop(state, member.instance),
                  .inputs = {{.name = "leads",
                              .value = member.leads ? "true" : "false",
                              .holds = member.leads}},
                  .intents = {}});
}

// It is told once nothing can refuse it any more.
Wait stop_all(StepBuilder& builder, const OperationView& view, bool spares_last) {
  if (!std::exchange(progress_of(builder.state()).told, true))
    report_event_once(builder, EventType::kNormal, "RestoreInPlaceRequested",
                      described_plan(progress_of(builder.state())));
  for (const Member& member : view.members) {
    if (!spares_last || !is_last(view, member)) stop(builder, member);
  }
  return check_stopped(view, spares_last);
}

}  // namespace

Message end_of(const RestorePlan& plan) {
  const spec::RestoreTarget& target = plan.options.target;
  if (target.type == spec::TargetType::kDefault) return say::end_of_archive();
  return say::recovery_target(spec::to_string(target.type), target.text);
}

Message described_plan(const RestoreProgress& restore) {
  const RestorePlan& plan = restore.plan;
  return say::restore_planned(plan.options.set, plan.repo, end_of(plan), plan.options.timeline,
                              restore.notes, described(restore));
}

Guard guard_of(const ClusterState& state) {
  const RestoreProgress& restore = *state.restore;
  const Message end =
      say::copy_in_archive(restore.plan.repo, restore.point ? restore.point->name : std::string(),
                           restore.point ? restore.point->lsn : std::string());
  return {.lost = say::lost_by_restore(end_of(restore.plan), restore.plan.options.timeline),
          .other_copy = with_verified_backup(
              state, restore.point || restore.touched ? end : say::no_other_copy()),
          .allowed_by = described(restore)};
}

bool is_stop_begun(const ClusterState& state) {
  return state.restore->phase > RestorePhase::kChecking;
}

Message begin_stop(ClusterState& state) {
  RestoreProgress& its = progress_of(state);
  its.phase = RestorePhase::kStopping;
  its.attempt = 0;
  its.retry_at.reset();
  state.startup_instance = its.instance;
  state.rendered.reset();
  return say::restore_may_stop(its.instance, described(its));
}

Wait replicas_stopped(const OperationView& view) { return check_stopped(view, true); }
Wait stop_replicas(StepBuilder& builder, const OperationView& view) {
  return stop_all(builder, view, true);
}
Wait primary_stopped(const OperationView& view) { return check_stopped(view, false); }
Wait stop_primary(StepBuilder& builder, const OperationView& view) {
  return stop_all(builder, view, false);
}

}  // namespace annals::fsm::restore

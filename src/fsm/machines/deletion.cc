#include "fsm/machines/deletion.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "base/concat.h"
#include "fsm/step/engine.h"
#include "fsm/step/keep_volumes.h"
#include "fsm/step/remove_store.h"
#include "fsm/text/say.h"
#include "fsm/view/patroni_store.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace deletion {
namespace {

using namespace std::chrono_literals;

ObjectRef resource_of(const ClusterState& state) {
  return {.api_version = "postgres-operator.crunchydata.com/v1beta1",
          .kind = "PostgresCluster",
          .name_space = state.spec->name_space,
          .name = state.spec->name};
}

SetFinalizer finalizer(const ClusterState& state, bool present) {
  return {.ref = resource_of(state), .digest = state.uid.value(), .present = present};
}

void set_finalizer(StepBuilder& builder, bool present, const char* transition, Message reason) {
  ClusterState& state = builder.state();
  SetFinalizer action = finalizer(state, present);
  const std::string target = target_of(action);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide({.machine = "delete",
                  .transition = transition,
                  .reason = std::move(reason),
                  .inputs = {},
                  .intents = {}},
                 {std::move(action)});
}

std::vector<const PodObserved*> instance_pods(const ClusterState& state) {
  std::vector<const PodObserved*> pods;
  for (const auto& [name, pod] : state.pods) {
    if (!pod.instance.empty()) pods.push_back(&pod);
  }
  return pods;
}

bool leads(const PodObserved* pod) { return pod->role == manifests::role::kLeader; }

// Where nobody leads there is nobody to spare.
std::vector<const PodObserved*> replica_pods(const ClusterState& state) {
  std::vector<const PodObserved*> pods = instance_pods(state);
  if (std::ranges::none_of(pods, leads)) return {};
  std::erase_if(pods, leads);
  return pods;
}

// What runs an instance goes, and its pod with it; the volumes stay until the custom resource has
// gone.
void stop(StepBuilder& builder, const std::string& instance) {
  ClusterState& state = builder.state();
  const ObjectRef ref{.api_version = "apps/v1",
                      .kind = "StatefulSet",
                      .name_space = state.spec->name_space,
                      .name = instance};
  const auto runner = state.objects.find(ref);
  const std::string target = to_string(ref);
  if (runner == state.objects.end() || is_pending(state, target) ||
      is_waiting_to_retry(state, target))
    return;
  builder.decide({.machine = "delete",
                  .transition = "stop-instance",
                  .reason = say::stopping_for_deletion(target),
                  .inputs = {{.name = "deleting", .value = state.spec->name, .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = ref,
                               .digest = runner->second.uid,
                               .guard = {.lost = say::nothing_lost_with_instance_pod(),
                                         .other_copy = say::copy_in_instance_volumes(),
                                         .allowed_by = say::deletion_of_cluster()}}});
}

// Runners without a pod would start one.
std::vector<std::string> runners(const ClusterState& state) {
  std::vector<std::string> names;
  for (const auto& [ref, object] : state.objects) {
    if (ref.kind == "StatefulSet" && object.fields.instance->set) names.push_back(ref.name);
  }
  return names;
}

// Not there as far as we know, and deleted by its name since: a stream that is silent may have
// hidden it.
bool is_forgotten(const ClusterState& state, const ObjectRef& store) {
  const auto written = state.written.find(to_string(store));
  return !state.objects.contains(store) && written != state.written.end() &&
         written->second.asked == kDeletedByName;
}

void forget_patroni(StepBuilder& builder, const ObjectRef& store) {
  remove_store(builder, store,
               {.machine = "delete",
                .transition = "forget-patroni-state",
                .reason = say::removing_patroni_state(to_string(store)),
                .input = "instances-running",
                .guard = {.lost = say::patroni_state_of_cluster(),
                          .other_copy = say::no_other_copy(),
                          .allowed_by = say::deletion_of_cluster()}});
}

Wait wait_for_stop(const std::vector<const PodObserved*>& pods,
                   const std::vector<std::string>& runners) {
  std::vector<std::string> running;
  for (const PodObserved* pod : pods) running.push_back(concat("Pod/", pod->name));
  for (const std::string& name : runners) running.push_back(concat("StatefulSet/", name));
  return {.satisfied = running.empty(),
          .waits_for = say::instances_to_stop(listed(running)),
          .remedy = pods.empty() ? Message() : say::describe_pod(pods.back()->name)};
}

Wait replicas_stopped(const OperationView& view) {
  return wait_for_stop(replica_pods(view.state), {});
}

Wait stop_replicas(StepBuilder& builder, const OperationView& view) {
  for (const PodObserved* pod : replica_pods(view.state)) stop(builder, pod->instance);
  return replicas_stopped(view);
}

Wait instances_stopped(const OperationView& view) {
  return wait_for_stop(instance_pods(view.state), runners(view.state));
}

Wait stop_instances(StepBuilder& builder, const OperationView& view) {
  const std::vector<const PodObserved*> pods = instance_pods(view.state);
  for (const PodObserved* pod : pods) stop(builder, pod->instance);
  if (pods.empty()) {
    for (const std::string& name : runners(view.state)) stop(builder, name);
  }
  return instances_stopped(view);
}

std::vector<ObjectRef> stores_left(const ClusterState& state) {
  std::vector<ObjectRef> stores = stores_to_forget(state);
  std::erase_if(stores, [&](const ObjectRef& store) { return is_forgotten(state, store); });
  return stores;
}

// What a write of it met last; empty while nothing has failed.
Message trouble_with(const ClusterState& state, const std::string& target) {
  const auto retry = state.retries.find(target);
  return retry == state.retries.end() ? Message()
                                      : say::error_of_target(target, retry->second.error);
}

Wait patroni_forgotten(const OperationView& view) {
  const std::vector<ObjectRef> left = stores_left(view.state);
  std::vector<Message> troubles;
  for (const ObjectRef& store : left) {
    Message trouble = trouble_with(view.state, to_string(store));
    if (!trouble.empty()) troubles.push_back(std::move(trouble));
  }
  return {.satisfied = left.empty(),
          .waits_for = say::patroni_state_to_be_removed(std::move(troubles))};
}

Wait forget_all(StepBuilder& builder, const OperationView& view) {
  for (const ObjectRef& store : stores_left(view.state)) forget_patroni(builder, store);
  return patroni_forgotten(view);
}

// Over when it has gone from the resource, and then nobody asks.
Wait released(const OperationView& view) {
  return {.satisfied = false,
          .waits_for = say::finalizer_to_be_removed(
              kFinalizer, trouble_with(view.state, target_of(finalizer(view.state, false))))};
}

Wait release(StepBuilder& builder, const OperationView& view) {
  set_finalizer(builder, false, "release-deletion", say::removing_finalizer());
  return released(view);
}

constexpr std::array kGoals{Goal{"volumes-kept", 5min, volumes_kept, keep_volumes},
                            Goal{"replicas-stopped", 10min, replicas_stopped, stop_replicas},
                            Goal{"instances-stopped", 10min, instances_stopped, stop_instances},
                            Goal{"patroni-state-removed", 5min, patroni_forgotten, forget_all},
                            Goal{"finalizer-removed", 5min, released, release}};

// Without a finalizer of ours it goes, or has gone, without us.
bool goes_on(ClusterState& state) { return state.spec->deleting && state.spec->finalized; }

}  // namespace
}  // namespace deletion

const OperationKind kDeletion{
    .name = "delete", .goals = deletion::kGoals, .goes_on = deletion::goes_on};

void decide_finalizer(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (state.spec->finalized) return;
  deletion::set_finalizer(builder, true, "hold-deletion", say::adding_finalizer());
}

}  // namespace annals::fsm

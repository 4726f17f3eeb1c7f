#include "fsm/machines/deletion.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/concat.h"
#include "fsm/step/remove_store.h"
#include "fsm/step/waits.h"
#include "fsm/view/patroni_store.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr Awaited kStopped{"delete", "instances-stopped", 10min};

ObjectRef resource_of(const ClusterState& state) {
  return {.api_version = "postgres-operator.crunchydata.com/v1beta1",
          .kind = "PostgresCluster",
          .name_space = state.spec->name_space,
          .name = state.spec->name};
}

void set_finalizer(StepBuilder& builder, bool present, const char* transition, std::string reason) {
  ClusterState& state = builder.state();
  SetFinalizer action{.ref = resource_of(state), .digest = state.uid.value(), .present = present};
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

// Whose turn it is: all but the leader, as long as there is anybody else.
std::vector<std::string> instances_to_stop(const ClusterState& state) {
  const std::vector<const PodObserved*> pods = instance_pods(state);
  const bool led = std::ranges::any_of(pods, leads);
  std::vector<std::string> instances;
  for (const PodObserved* pod : pods) {
    if (pods.size() == 1 || !led || !leads(pod)) instances.push_back(pod->instance);
  }
  return instances;
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
                  .reason = concat("the cluster is being deleted, and it is the turn of ", target),
                  .inputs = {{.name = "deleting", .value = state.spec->name, .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = ref,
                               .digest = runner->second.uid,
                               .guard = {.lost = "nothing: the pod stops PostgreSQL in order",
                                         .other_copy = "the instance's volumes",
                                         .allowed_by = "the deletion of the PostgresCluster"}}});
}

// Runners without a pod would start one.
std::vector<std::string> runners(const ClusterState& state) {
  std::vector<std::string> names;
  for (const auto& [ref, object] : state.objects) {
    if (ref.kind == "StatefulSet" && object.fields.contains("instance-set"))
      names.push_back(ref.name);
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
                .reason = concat("no instance runs any more, and ", to_string(store),
                                 " would give its leader to a later namesake"),
                .input = "instances-running",
                .guard = {.lost = "Patroni's state of this cluster",
                          .other_copy = "none",
                          .allowed_by = "the deletion of the PostgresCluster"}});
}

Wait wait_for_stop(const ClusterState& state) {
  Wait wait{.over = true, .waits_for = "instances to stop:", .cure = "none is needed"};
  for (const PodObserved* pod : instance_pods(state)) {
    wait.over = false;
    wait.waits_for += concat(" pod ", pod->name);
    wait.cure = concat("see 'kubectl describe pod ", pod->name, "'");
  }
  for (const std::string& name : runners(state)) {
    wait.over = false;
    wait.waits_for += concat(" StatefulSet ", name);
  }
  return wait;
}

}  // namespace

void ask_finalizer(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (state.spec->finalized) return;
  set_finalizer(builder, true, "hold-deletion",
                "the cluster is to be stopped in order when it is deleted");
}

void ask_deletion(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!state.spec->finalized) return;  // it goes, or has gone, without us
  const Wait wait = wait_for_stop(state);
  if (!wait.over) {
    const std::vector<std::string> turn =
        instance_pods(state).empty() ? runners(state) : instances_to_stop(state);
    for (const std::string& instance : turn) stop(builder, instance);
    note_wait(builder, kStopped, wait);
    return;
  }
  bool all_forgotten = true;
  for (const ObjectRef& store : stores_to_forget(state)) {
    if (is_forgotten(state, store)) continue;
    all_forgotten = false;
    forget_patroni(builder, store);
  }
  if (!all_forgotten) return;
  set_finalizer(builder, false, "release-deletion",
                "no instance runs and Patroni's state is gone: Kubernetes may delete the rest");
}

}  // namespace annals::fsm

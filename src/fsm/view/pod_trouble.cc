#include "fsm/view/pod_trouble.h"

#include <algorithm>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "manifests/instance/volumes.h"
#include "manifests/names.h"
#include "manifests/secrets/references.h"

namespace annals::fsm {
namespace {

// Of an instance, or of a Job on its volumes.
const std::string& instance_of(const ClusterState& state, const PodObserved& pod) {
  return pod.instance.empty() && state.restore ? state.restore->instance : pod.instance;
}

bool is_unbound(const ClusterState& state, const std::string& claim) {
  const auto object = state.objects.find({.api_version = "v1",
                                          .kind = "PersistentVolumeClaim",
                                          .name_space = state.spec->name_space,
                                          .name = claim});
  return object != state.objects.end() && !object->second.fields.claim->capacity;
}

// Only what its spec chooses: any other claim waits for its provisioner, which says so itself.
Message trouble_of_claim(const ClusterState& state, const PodObserved& pod,
                         const std::string& claim, const std::string& field,
                         const std::string& spec) {
  if (!manifests::chooses_volume(spec) || !is_unbound(state, claim)) return {};
  const std::string volume = manifests::volume_chosen_by_name(spec);
  if (volume.empty())
    return say::claim_of_selector_unbound(literal(pod.problem), claim, field + ".selector");
  return say::claim_of_chosen_name_unbound(literal(pod.problem), claim, field + ".volumeName",
                                           volume);
}

Message trouble_of_volumes(ClusterState& state, const PodObserved& pod) {
  const std::string& instance = instance_of(state, pod);
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  for (std::size_t i = 0; i < cluster.spec.instances.size(); ++i) {
    const spec::InstanceSet& set = cluster.spec.instances[i];
    const auto names = state.instances.find(set.name);
    if (names == state.instances.end() ||
        std::ranges::find(names->second, instance) == names->second.end())
      continue;
    const std::string path = concat("spec.instances[", i, "]");
    Message trouble =
        trouble_of_claim(state, pod, manifests::names::data_volume(instance),
                         path + ".dataVolumeClaimSpec", set.data_volume_claim_spec.json.json);
    if (!trouble.empty() || !set.wal_volume_claim_spec) return trouble;
    return trouble_of_claim(state, pod, manifests::names::wal_volume(instance),
                            path + ".walVolumeClaimSpec", set.wal_volume_claim_spec->json.json);
  }
  return {};
}

// A Job's container has no readiness probe: while it runs it is ready, unless its kubelet is silent
// for so long that Kubernetes says otherwise. That pod stays until the node is back, or gone.
bool is_on_silent_node(const PodObserved& pod) {
  return !pod.job.empty() && pod.phase == "Running" && !pod.ready && !pod.end && !pod.node.empty();
}

}  // namespace

Message trouble_of(ClusterState& state, const PodObserved& pod) {
  if (is_on_silent_node(pod)) return say::job_pod_on_silent_node(pod.name, pod.node);
  if (pod.phase == "Pending" && pod.node.empty()) {
    Message trouble = trouble_of_volumes(state, pod);
    if (!trouble.empty()) return trouble;
  }
  if (!pod.problem.empty() || pod.phase != "Pending") return literal(pod.problem);
  std::string needed;
  for (const manifests::Reference& each : manifests::needed_references(rendered(state).cluster))
    needed += concat(needed.empty() ? "" : ", ", each.object, " of ", each.field);
  return needed.empty() ? Message() : say::references_may_be_missing(needed);
}

}  // namespace annals::fsm

#include "fsm/view/repository_host.h"

#include <string>

#include "base/concat.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {

const PodObserved* repository_host(const ClusterState& state) {
  const auto pod = state.pods.find(manifests::names::repo_host(state.spec->name) + "-0");
  const bool ready = pod != state.pods.end() && pod->second.ready && !pod->second.deleting;
  return ready ? &pod->second : nullptr;
}

Wait wait_for_repository_host(ClusterState& state) {
  const Rendered& all = rendered(state);
  if (!manifests::has_volume_repository(all.cluster) || repository_host(state) != nullptr)
    return {.over = true};
  const std::string name = manifests::names::repo_host(state.spec->name) + "-0";
  Wait wait{.over = false,
            .waits_for = "the repository host: pod " + name,
            .cure = "see 'kubectl describe pod " + name + "' and its log"};
  const auto pod = state.pods.find(name);
  if (pod == state.pods.end()) {
    wait.waits_for += " does not exist yet";
  } else {
    const std::string trouble = trouble_of(state, pod->second);
    wait.waits_for += concat(" is ", pod->second.phase, trouble.empty() ? "" : ": ", trouble);
  }
  return wait;
}

}  // namespace annals::fsm

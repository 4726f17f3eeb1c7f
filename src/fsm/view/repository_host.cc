#include "fsm/view/repository_host.h"

#include <string>

#include "fsm/text/say.h"
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
    return {.satisfied = true};
  const std::string name = manifests::names::repo_host(state.spec->name) + "-0";
  const auto pod = state.pods.find(name);
  const Message awaited =
      pod == state.pods.end()
          ? say::repository_host_missing(name)
          : say::repository_host_not_ready(name, pod->second.phase, trouble_of(state, pod->second));
  return {.satisfied = false, .waits_for = awaited, .remedy = say::describe_pod_and_logs(name)};
}

}  // namespace annals::fsm

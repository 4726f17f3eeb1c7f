#include "fsm/view/repository_host.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fsm/text/say.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/repository_reader.h"

namespace annals::fsm {

const PodObserved* repository_host(const ClusterState& state) {
  const auto pod = state.pods.find(manifests::names::repo_host(state.spec->name) + "-0");
  const bool ready = pod != state.pods.end() && pod->second.ready && !pod->second.deleting;
  return ready ? &pod->second : nullptr;
}

std::string repository_reader_pod(ClusterState& state) {
  const Rendered& all = rendered(state);
  if (!all.world.reads_repository) return {};
  return manifests::names::instance_pod(manifests::repository_reader_name(all.cluster, all.world));
}

const PodObserved* repository_reader(ClusterState& state) {
  const auto pod = state.pods.find(repository_reader_pod(state));
  const bool ready = pod != state.pods.end() && pod->second.ready && !pod->second.deleting;
  return ready ? &pod->second : nullptr;
}

Message trouble_of_reader(ClusterState& state) {
  const auto pod = state.pods.find(repository_reader_pod(state));
  return pod == state.pods.end() ? Message() : trouble_of(state, pod->second);
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

Wait wait_for_host_of(ClusterState& state, const std::string& repo) {
  const std::vector<spec::Repository>& repos = spec::repositories(rendered(state).cluster);
  const auto found = std::ranges::find(repos, repo, &spec::Repository::name);
  if (found != repos.end() && !found->volume) return {.satisfied = true};
  return wait_for_repository_host(state);
}

}  // namespace annals::fsm

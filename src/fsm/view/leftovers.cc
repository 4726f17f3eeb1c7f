#include "fsm/view/leftovers.h"

#include <algorithm>
#include <optional>

#include "fsm/view/rendering.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

namespace names = manifests::names;

bool is_of_backups(const std::string& cluster, const ObjectRef& ref) {
  if (ref.kind == "ConfigMap") return ref.name == names::pgbackrest_config(cluster);
  if (ref.kind == "Role" || ref.kind == "RoleBinding")
    return ref.name == names::pgbackrest_account(cluster);
  return ref.kind == "ServiceAccount" && ref.name == names::pgbackrest_account(cluster);
}

bool is_of_repository_host(const std::string& cluster, const ObjectRef& ref) {
  return (ref.kind == "StatefulSet" && ref.name == names::repo_host(cluster)) ||
         (ref.kind == "ServiceAccount" && ref.name == names::repo_host_account(cluster));
}

// None for an object that is never pruned.
std::optional<Dropped> dropped_with(const spec::PostgresCluster& cluster, const ObjectRef& ref) {
  const bool no_backups = !spec::has_backups(cluster);
  if (ref.kind == "PodDisruptionBudget") return Dropped{"spec.instances[].minAvailable"};
  if (ref.kind == "CronJob")
    return Dropped{no_backups ? "spec.backups" : "spec.backups.pgbackrest.repos[].schedules",
                   no_backups};
  if (is_of_backups(cluster.name, ref)) return Dropped{"spec.backups", no_backups};
  if (is_of_repository_host(cluster.name, ref))
    return Dropped{no_backups ? "spec.backups" : "spec.backups.pgbackrest.repos[].volume",
                   no_backups};
  return std::nullopt;
}

}  // namespace

std::vector<Leftover> leftovers(ClusterState& state) {
  const Rendered& all = rendered(state);
  std::vector<Leftover> found;
  if (all.wanted.empty()) return found;  // the spec has mistakes: nobody knows what it asks for
  for (const auto& [ref, object] : state.objects) {
    if (object.digest.empty()) continue;
    std::optional<Dropped> dropped = dropped_with(all.cluster, ref);
    if (!dropped || std::ranges::find(all.wanted, ref, &Wanted::ref) != all.wanted.end()) continue;
    found.push_back({&object, *std::move(dropped)});
  }
  return found;
}

const ObjectObserved* first_leftover(ClusterState& state) {
  const std::vector<Leftover> all = leftovers(state);
  return all.empty() ? nullptr : all.front().object;
}

const Blocker* backup_removal_awaited(const ClusterState& state) {
  const auto found = std::ranges::find_if(state.blockers, [](const auto& entry) {
    return entry.second.transition == kBackupRemovalAllowed;
  });
  return found == state.blockers.end() ? nullptr : &found->second;
}

}  // namespace annals::fsm

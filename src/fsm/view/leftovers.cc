#include "fsm/view/leftovers.h"

#include <algorithm>
#include <optional>

#include "fsm/view/rendering.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/repository_reader.h"

namespace annals::fsm {
namespace {

namespace names = manifests::names;

// What backups have of each cluster, by kind.
class OfBackups {
 public:
  explicit OfBackups(const std::string& cluster)
      : config_(names::pgbackrest_config(cluster)),
        account_(names::pgbackrest_account(cluster)),
        host_(names::repo_host(cluster)),
        host_account_(names::repo_host_account(cluster)),
        source_(names::clone_source(cluster)),
        cluster_(cluster) {}

  bool has(const ObjectRef& ref) const {
    if (ref.kind == "ConfigMap") return ref.name == config_;
    const bool is_account =
        ref.kind == "Role" || ref.kind == "RoleBinding" || ref.kind == "ServiceAccount";
    return is_account && ref.name == account_;
  }

  // Access to another repository: a late request may have made it anew.
  bool has_at_source(const ObjectRef& ref) const {
    if (ref.kind == "StatefulSet") return manifests::is_repository_reader(cluster_, ref.name);
    if (ref.kind == "ConfigMap") return ref.name == source_;
    return ref.kind == "Secret" && (ref.name == source_ || ref.name.starts_with(source_ + "-"));
  }

  bool has_at_host(const ObjectRef& ref) const {
    return (ref.kind == "StatefulSet" && ref.name == host_) ||
           (ref.kind == "ServiceAccount" && ref.name == host_account_);
  }

 private:
  std::string config_;
  std::string account_;
  std::string host_;
  std::string host_account_;
  std::string source_;
  std::string cluster_;
};

// None for an object that is never pruned.
std::optional<Dropped> dropped_with(const OfBackups& of_backups, bool no_backups,
                                    const ObjectRef& ref) {
  if (ref.kind == "PodDisruptionBudget") return Dropped{"spec.instances[].minAvailable"};
  if (ref.kind == "CronJob")
    return Dropped{no_backups ? "spec.backups" : "spec.backups.pgbackrest.repos[].schedules",
                   no_backups};
  if (of_backups.has_at_source(ref)) return Dropped{"spec.dataSource"};
  if (of_backups.has(ref)) return Dropped{"spec.backups", no_backups};
  if (of_backups.has_at_host(ref))
    return Dropped{no_backups ? "spec.backups" : "spec.backups.pgbackrest.repos[].volume",
                   no_backups};
  return std::nullopt;
}

}  // namespace

std::vector<Leftover> leftovers(ClusterState& state) {
  const Rendered& all = rendered(state);
  std::vector<Leftover> found;
  if (all.wanted.empty()) return found;  // the spec has mistakes: nobody knows what it asks for
  if (state.rendered.found().has_no_leftovers) return found;
  const OfBackups of_backups(all.cluster.name);
  const bool no_backups = !spec::has_backups(all.cluster);
  for (const auto& [ref, object] : state.objects) {
    if (object.digest.empty()) continue;
    std::optional<Dropped> dropped = dropped_with(of_backups, no_backups, ref);
    if (!dropped || std::ranges::find(all.wanted, ref, &Wanted::ref) != all.wanted.end()) continue;
    found.push_back({&object, *std::move(dropped)});
  }
  state.rendered.found().has_no_leftovers = found.empty();
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

#include "fsm/prune.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "base/concat.h"
#include "fsm/desired_set.h"
#include "fsm/waits.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
namespace names = manifests::names;

constexpr Awaited kAllowed{"prune", "backup-removal-allowed", 10min};

// Why an object is not asked for any more.
struct Dropped {
  std::string field;        // of the spec
  bool of_backups = false;  // goes only when a person has allowed that backups end
};

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
  if (ref.kind == "PodDisruptionBudget")
    return Dropped{"spec.instances[].minAvailable, or the replicas that need it"};
  if (ref.kind == "CronJob")
    return Dropped{no_backups ? "spec.backups" : "spec.backups.pgbackrest.repos[].schedules",
                   no_backups};
  if (is_of_backups(cluster.name, ref)) return Dropped{"spec.backups", no_backups};
  if (is_of_repository_host(cluster.name, ref))
    return Dropped{no_backups ? "spec.backups" : "spec.backups.pgbackrest.repos[].volume",
                   no_backups};
  return std::nullopt;
}

struct Leftover {
  const ObjectObserved* object;
  Dropped dropped;
};

// Ours are those in which we own fields.
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

bool is_backup_removal_allowed(const spec::PostgresCluster& cluster) {
  const auto allowed = cluster.annotations.find(manifests::annotation::kAuthorizeBackupRemoval);
  return allowed != cluster.annotations.end() && allowed->second == "true";
}

void remove(StepBuilder& builder, const ObjectRef& ref, const std::string& uid,
            const Dropped& dropped) {
  const ClusterState& state = builder.state();
  const std::string target = to_string(ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide(
      {.machine = "prune",
       .transition = "remove",
       .reason = concat(target, " is not asked for any more: ", dropped.field),
       .inputs = {{.name = "asked-for", .value = target, .holds = false}},
       .intents = {}},
      {DeleteObject{.ref = ref,
                    .digest = uid,
                    .guard = {.lost = "nothing: it is made anew when the field comes back",
                              .other_copy = "the spec",
                              .allowed_by = concat("the spec without ", dropped.field)}}});
}

}  // namespace

const ObjectObserved* first_leftover(ClusterState& state) {
  const std::vector<Leftover> all = leftovers(state);
  return all.empty() ? nullptr : all.front().object;
}

// Backups that nobody makes any more are a loss that nobody notices until they are needed.
bool hold_backup_removal(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::vector<Leftover> all = leftovers(state);
  const auto of_backups = [](const Leftover& each) { return each.dropped.of_backups; };
  if (is_backup_removal_allowed(rendered(state).cluster) || std::ranges::none_of(all, of_backups)) {
    end_wait(state, kAllowed);
    return false;
  }
  note_wait(builder, kAllowed,
            {.over = false,
             .waits_for = "somebody to allow that there are no backups any more",
             .cure = concat("put spec.backups back, or annotate the cluster with ",
                            manifests::annotation::kAuthorizeBackupRemoval, "=true")});
  return true;
}

bool waits_for_backup_removal(const ClusterState& state) {
  return state.blocker && state.blocker->transition == kAllowed.transition;
}

void ask_pruning(StepBuilder& builder) {
  if (first_not_in_place(builder.state()) != nullptr) return;
  for (const auto& [object, dropped] : leftovers(builder.state()))
    remove(builder, object->ref, object->uid, dropped);
}

}  // namespace annals::fsm

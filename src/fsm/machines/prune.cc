#include "fsm/machines/prune.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/leftovers.h"
#include "fsm/view/rendering.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr WaitLimit kAllowed{"prune", kBackupRemovalAllowed, 10min};

bool is_backup_removal_allowed(const spec::PostgresCluster& cluster) {
  const auto allowed = cluster.annotations.find(manifests::annotation::kAuthorizeBackupRemoval);
  return allowed != cluster.annotations.end() && allowed->second == "true";
}

void remove(StepBuilder& builder, const ObjectRef& ref, const std::string& uid,
            const Dropped& dropped) {
  const ClusterState& state = builder.state();
  const std::string target = to_string(ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide({.machine = "prune",
                  .transition = "remove",
                  .reason = say::removing_leftover(target, dropped.field),
                  .inputs = {{.name = "asked-for", .value = target, .holds = false}},
                  .intents = {}},
                 {DeleteObject{.ref = ref,
                               .digest = uid,
                               .guard = {.lost = say::nothing_lost_with_leftover(),
                                         .other_copy = say::copy_in_spec(),
                                         .allowed_by = say::spec_without(dropped.field)}}});
}

}  // namespace

// Backups that nobody makes any more are a loss that nobody notices until they are needed.
bool hold_backup_removal(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  if (spec::has_backups(cluster) || is_backup_removal_allowed(cluster)) return false;
  const auto of_backups = [](const Leftover& each) { return each.dropped.of_backups; };
  if (std::ranges::none_of(leftovers(state), of_backups)) return false;
  note_wait(
      builder, kAllowed,
      {.satisfied = false,
       .waits_for = say::backup_removal_to_be_confirmed(),
       .remedy = say::confirm_backup_removal(manifests::annotation::kAuthorizeBackupRemoval)});
  return true;
}

void decide_pruning(StepBuilder& builder) {
  if (first_not_in_sync(builder.state()) != nullptr) return;
  for (const auto& [object, dropped] : leftovers(builder.state()))
    remove(builder, object->ref, object->uid, dropped);
}

}  // namespace annals::fsm

// The shell's looks that stand (fsm/view/standing_look.h): each is carried out again after its
// pause, as long as its cluster waits for it. What finds nothing new is no record, and does not
// wake the cluster.
#include <chrono>
#include <optional>
#include <utility>

#include "fsm/view/standing_look.h"
#include "runtime/shell.h"

namespace annals::runtime {

std::optional<fsm::Intent> Shell::intent_waited_for(const ClusterUid& uid, fsm::IntentId id) const {
  const auto known = clusters_.find(uid);
  if (known == clusters_.end() || known->second.quarantined || known->second.state.summary().gone)
    return std::nullopt;
  return known->second.state.look([&](const fsm::ClusterState& state) {
    const auto intent = state.pending.find(id);
    return intent == state.pending.end()
               ? std::nullopt
               : std::optional(fsm::Intent{.id = id, .action = intent->second});
  });
}

// True when there is nothing to record: it has found nothing new, or nobody waits for it any more.
bool Shell::goes_on(const ClusterUid& uid, Sequence record, const fsm::Outcome& outcome) {
  const std::optional<fsm::Intent> intent = intent_waited_for(uid, outcome.intent);
  if (!intent) return true;
  if (!fsm::finds_nothing_new(intent->action, outcome)) return false;
  const Timestamp due = parts_.clock.now() + fsm::made_again_after(intent->action);
  looks_.insert({.due = due, .cluster = uid, .intent = intent->id, .record = record});
  return true;
}

void Shell::look_again() {
  const Timestamp now = parts_.clock.now();
  while (!looks_.empty() && looks_.begin()->due <= now) {
    const StandingLook look = *looks_.begin();
    looks_.erase(looks_.begin());
    std::optional<fsm::Intent> intent = intent_waited_for(look.cluster, look.intent);
    if (intent) run_intent(look.cluster, *std::move(intent), look.record);
  }
}

}  // namespace annals::runtime

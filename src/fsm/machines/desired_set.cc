#include "fsm/machines/desired_set.h"

#include <algorithm>
#include <optional>
#include <span>

#include "fsm/step/oscillation.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/namesake.h"
#include "fsm/view/rendering.h"
#include "manifests/cluster/desired.h"

namespace annals::fsm {
namespace {

constexpr int kWorkload = static_cast<int>(manifests::Rank::kWorkload);

bool is_volume(const Wanted& wanted) { return wanted.ref.kind == "PersistentVolumeClaim"; }

// Of a deleted cluster: it becomes ours by the clone that takes it up, and is written afterwards.
bool is_kept(const ClusterState& state, const Wanted& wanted) {
  const auto object = state.objects.find(wanted.ref);
  return object != state.objects.end() && is_volume(wanted) &&
         is_kept_for_another(state, object->second);
}

// Pods are made anew for a template that the spec asks for, and not for one that only another
// version of the operator, or one without memory, would write.
void note_leniency(ClusterState& state, const Wanted& wanted, const Cause& cause) {
  if (wanted.ref.kind != "StatefulSet" || cause.undoes_somebody) return;
  const bool by_us = (cause.is_adoption || cause.is_update) && state.operator_changed;
  if (by_us) {
    state.rollout_suppressed.insert(wanted.ref.name);
  } else {
    state.rollout_suppressed.erase(wanted.ref.name);
  }
}

// Empty where nobody asks for anything else.
Message change_behind(const ClusterState& state, const Cause& cause) {
  if (!cause.is_update) return {};
  return state.operator_changed ? say::operator_version_changed() : in_words(state.changes);
}

void write(StepBuilder& builder, const Wanted& wanted, const Cause& cause) {
  const std::string& target = wanted.target;
  const Message reason =
      say::writing_object(target, cause.reason, change_behind(builder.state(), cause));
  if (cause.undoes_somebody &&
      !may_repair(builder, {.target = target, .reason = cause.reason, .writer = cause.writer}))
    return;
  note_leniency(builder.state(), wanted, cause);
  builder.decide(
      {.machine = "desired-set",
       .transition = cause.transition,
       .reason = reason,
       .inputs = {{.name = "in-place", .value = target, .holds = false},
                  {.name = "asked-for", .value = wanted.digest.substr(0, 12), .holds = true}},
       .intents = {}},
      {write_action(builder.state(), wanted)}, wanted.rank > kWorkload);
}

}  // namespace

void decide_desired_set(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (first_not_in_sync(state) == nullptr) return;
  const std::shared_ptr<const Rendered> all =
      state.rendered.share();  // a write may not render it anew under our feet
  const bool may_start = wait_for_own_patroni_state(state).satisfied;
  std::optional<int> unsettled;  // the lowest rank with something that is not in place
  for (const Wanted& wanted : std::span(all->wanted).subspan(state.rendered.first_not_in_sync())) {
    if (unsettled && wanted.rank > *unsettled) break;
    // Nothing runs before its deletion can be held until it is stopped in order.
    if (wanted.rank >= kWorkload && !state.spec->finalized) break;
    if (wanted.rank >= kWorkload && !may_start) break;
    // Volumes are the sign that an instance may have run.
    if (is_volume(wanted) && !may_start) continue;
    if (is_volume(wanted) && awaits_adoption(state, wanted.ref.name)) {
      unsettled = wanted.rank;
      continue;
    }
    const std::optional<Cause> cause = cause_to_write(state, wanted);
    if (!cause) continue;
    const std::string& target = wanted.target;
    // A pod that cannot be is no reason to leave people without what they reach the others by.
    if (wanted.rank != kWorkload || !is_waiting_to_retry(state, target)) unsettled = wanted.rank;
    if (is_pending(state, target) || is_waiting_to_retry(state, target)) continue;
    if (is_kept(state, wanted)) continue;
    write(builder, wanted, *cause);
  }
}

}  // namespace annals::fsm

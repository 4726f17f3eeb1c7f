#include "fsm/step/keep_volumes.h"

#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/kept_volumes.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

KeepClaim keeping_of(ClusterState& state, const ObjectObserved& claim, const std::string& leader,
                     const DeletedRetention& retention) {
  const std::string uid = state.uid.value();
  const Timestamp since = deleted_at(state);
  KeepClaim action{.ref = claim.ref,
                   .digest = {},
                   .of = uid,
                   .kept = true,
                   .led = leader.empty()
                              ? claim.fields.claim->led_for == uid
                              : is_of_data(claim) && claim.fields.instance->name == leader,
                   .deleted_at = annals::to_string(since),
                   .until = annals::to_string(since + retention.time)};
  action.digest = sha256_hex(concat(uid, " kept", action.led ? " led" : ""));
  return action;
}

// It says so itself; or it was looked at and has gone, or is nobody's of this cluster and as it was
// then.
bool is_settled(const ClusterState& state, const ObjectObserved& claim, const KeepClaim& action) {
  const bool is_noted = (claim.fields.claim->led_for == action.of) == action.led;
  if (claim.fields.claim->kept_for == action.of && is_noted) return true;
  const auto written = state.written.find(target_of(action));
  return written != state.written.end() && written->second.asked == action.digest &&
         (written->second.result.empty() || written->second.result == claim.digest);
}

std::vector<KeepClaim> to_be_kept(ClusterState& state) {
  std::vector<KeepClaim> actions;
  const DeletedRetention retention = deleted_retention(state);
  if (retention.time == Duration::zero()) return actions;
  const std::string leader = last_leader(state);
  for (const auto& [ref, object] : state.objects) {
    if (!is_claim(ref) || is_kept_for_another(state, object)) continue;
    KeepClaim action = keeping_of(state, object, leader, retention);
    if (!is_settled(state, object, action)) actions.push_back(std::move(action));
  }
  return actions;
}

// People learn how to undo it while there still is something to tell it of.
void tell_how_to_undo(StepBuilder& builder, const KeepClaim& kept) {
  report_event(
      builder, EventType::kNormal, "VolumesKept",
      say::volumes_outlive_cluster(kept.until, manifests::annotation::kTakeUpDeleted, kept.of));
}

}  // namespace

Wait volumes_kept(const OperationView& view) {
  std::vector<std::string> names;
  Message trouble;
  for (const KeepClaim& action : to_be_kept(view.state)) {
    names.push_back(action.ref.name);
    const auto retry = view.state.retries.find(target_of(action));
    if (retry != view.state.retries.end()) trouble = retry->second.error;
  }
  return {.satisfied = names.empty(),
          .waits_for = say::volumes_to_be_kept(listed(names), std::move(trouble)),
          .remedy = say::volumes_to_be_kept_remedy(manifests::annotation::kDeletedVolumeRetention)};
}

Wait keep_volumes(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const DeletedRetention retention = deleted_retention(state);
  for (KeepClaim& action : to_be_kept(state)) {
    const std::string target = target_of(action);
    // A write that is on its way would make us its owner again.
    if (is_pending(state, to_string(action.ref)) || is_pending(state, target) ||
        is_waiting_to_retry(state, target))
      continue;
    tell_how_to_undo(builder, action);
    builder.decide(
        {.machine = "delete",
         .transition = "keep-volume",
         .reason = say::keeping_volume(to_string(action.ref), action.until, retention.why),
         .inputs = {{.name = "deleted-at", .value = action.deleted_at, .holds = true},
                    {.name = "led", .value = action.led ? "true" : "false", .holds = action.led}},
         .intents = {}},
        {std::move(action)});
  }
  return volumes_kept(view);
}

}  // namespace annals::fsm

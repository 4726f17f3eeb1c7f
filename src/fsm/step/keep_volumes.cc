#include "fsm/step/keep_volumes.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/rendering.h"
#include "manifests/labels.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr WaitLimit kAnswered{"take-up", "kept-volumes-answered", 10min};
constexpr const char* kNamesakeEvent = "VolumesOfDeletedCluster";

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

std::optional<Timestamp> end_of(const ObjectObserved& claim) {
  const std::optional<spec::PointInTime> end =
      spec::parse_point_in_time(claim.fields.claim->kept_until.value_or(""));
  return end ? std::optional(end->time) : std::nullopt;
}

void remove_expired(StepBuilder& builder, const ObjectObserved& claim) {
  ClusterState& state = builder.state();
  const std::string target = to_string(claim.ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  const std::string until = claim.fields.claim->kept_until.value_or("");
  builder.decide({.machine = "delete",
                  .transition = "remove-kept-volume",
                  .reason = say::removing_kept_volume(target, until),
                  .inputs = {{.name = "kept-until", .value = until, .holds = false}},
                  .intents = {}},
                 {DeleteObject{.ref = claim.ref,
                               .digest = claim.uid,
                               .guard = {.lost = say::volume_of_deleted_cluster(claim.ref.name),
                                         .other_copy = say::no_other_copy(),
                                         .allowed_by = say::retention_over(until)},
                               .precondition = kept_as(state.uid.value(), until)}});
}

// Whatever runs has been decided on before.
bool has_begun(const ClusterState& state) {
  return std::ranges::any_of(state.objects, [](const auto& entry) {
    return entry.first.kind == "StatefulSet" && entry.second.fields.instance->set;
  });
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

void decide_expired_volumes(StepBuilder& builder) {
  ClusterState& state = builder.state();
  std::vector<ObjectObserved> expired;
  for (const ObjectObserved* claim : claims_kept_for(state, state.uid.value())) {
    // Of one that says nothing that could be read nobody knows that it may go.
    const std::optional<Timestamp> end = end_of(*claim);
    if (!end) continue;
    if (*end > state.now)
      requeue_at(state, *end);
    else
      expired.push_back(*claim);
  }
  for (const ObjectObserved& claim : expired) remove_expired(builder, claim);
}

bool hold_for_kept_volumes(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const KeptNamesake kept = kept_namesake(state);
  const bool is_answered = kept.uid.empty() || state.restore || has_begun(state) ||
                           !clone_request(rendered(state).cluster).id.empty();
  if (is_answered) {
    clear_event(state, kNamesakeEvent);
    return false;
  }
  const Message awaited = say::kept_volumes_answered(kept.uid, kept.until);
  const Message remedy = say::kept_volumes_remedy(manifests::annotation::kTakeUpDeleted, kept.uid,
                                                  listed(kept.claims));
  report_event(builder, EventType::kWarning, kNamesakeEvent,
               say::kept_volumes_found(kept.uid, kept.until, remedy));
  note_wait(builder, kAnswered, {.satisfied = false, .waits_for = awaited, .remedy = remedy});
  return true;
}

}  // namespace annals::fsm

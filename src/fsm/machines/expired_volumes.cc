#include "fsm/machines/expired_volumes.h"

#include <optional>
#include <string>
#include <vector>

#include "fsm/text/say.h"
#include "fsm/view/kept_volumes.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

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

}  // namespace

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

}  // namespace annals::fsm

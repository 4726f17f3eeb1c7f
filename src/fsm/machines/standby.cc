#include "fsm/machines/standby.h"

#include "fsm/step/events.h"
#include "fsm/step/successor_query.h"
#include "fsm/text/say.h"
#include "fsm/view/demotion.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {
namespace {

constexpr const char* kNotTakenUp = "StandbyNotTakenUp";

// A question that is on its way is no reason.
bool is_refused(const ClusterState& state, DemotionRight right) {
  return right == DemotionRight::kUnknown || right == DemotionRight::kParted ||
         state.retries.contains(kStandbyTarget);
}

}  // namespace

void decide_standby(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!keeps_primary(state, rendered(state).cluster)) {
    forget_whom_to_follow(state);
    return clear_event(state, kNotTakenUp);
  }
  keep_asking_whom_to_follow(builder);
  const DemotionRight right = demotion_ground(state).right;
  if (name_of(state.operation) == kDemotionName || permits_demotion(right) || another_leads(state))
    return clear_event(state, kNotTakenUp);
  if (is_refused(state, right))
    report_event(builder, EventType::kWarning, kNotTakenUp, not_taken_up(state));
}

}  // namespace annals::fsm

#include "fsm/machines/standby.h"

#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/demotion.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {
namespace {

constexpr const char* kNotTakenUp = "StandbyNotTakenUp";

}  // namespace

void decide_standby(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const bool is_in_demotion =
      name_of(state.operation) == kDemotionName || is_demotion_allowed(state);
  if (is_in_demotion || another_leads(state) || !keeps_primary(state, rendered(state).cluster))
    return clear_event(state, kNotTakenUp);
  report_event(builder, EventType::kWarning, kNotTakenUp, not_taken_up(state));
}

}  // namespace annals::fsm

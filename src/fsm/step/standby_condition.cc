#include "fsm/step/standby_condition.h"

#include "fsm/text/say.h"
#include "fsm/view/demotion.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {

std::optional<RestoreVerdict> standby_verdict(ClusterState& state) {
  const Rendered& all = rendered(state);
  if (!all.mistakes.empty()) return std::nullopt;
  if (name_of(state.operation) == kDemotionName)
    return RestoreVerdict{true, "Demoting", say::standby_in_demotion(followed_by(all.cluster))};
  if (keeps_primary(state, all.cluster))
    return RestoreVerdict{false, "NotTakenUp", not_taken_up(state)};
  if (is_being_promoted(state))
    return RestoreVerdict{true, "Promoting", say::standby_in_promotion()};
  if (!follows_another(state)) return std::nullopt;
  return RestoreVerdict{true, "Following", say::standby_follows(followed_by(all.cluster))};
}

}  // namespace annals::fsm

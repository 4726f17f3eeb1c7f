#include "fsm/step/standby_condition.h"

#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {

std::optional<RestoreVerdict> standby_verdict(ClusterState& state) {
  const Rendered& all = rendered(state);
  if (!all.mistakes.empty()) return std::nullopt;
  if (keeps_primary(state, all.cluster))
    return RestoreVerdict{false, "NotTakenUp", say::standby_not_taken_up()};
  if (is_being_promoted(state))
    return RestoreVerdict{true, "Promoting", say::standby_in_promotion()};
  if (!follows_another(state)) return std::nullopt;
  return RestoreVerdict{true, "Following", say::standby_follows(followed_by(all.cluster))};
}

}  // namespace annals::fsm

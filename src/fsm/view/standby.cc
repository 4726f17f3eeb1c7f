#include "fsm/view/standby.h"

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {

bool is_configured_standby(const ClusterState& state) {
  return own_store(state).standby.has_value();
}

bool follows_another(ClusterState& state) {
  return follows_another(state, rendered(state).cluster);
}

bool follows_another(const ClusterState& state, const spec::PostgresCluster& cluster) {
  return is_configured(state) ? is_configured_standby(state) : spec::asks_for_standby(cluster);
}

bool keeps_primary(const ClusterState& state, const spec::PostgresCluster& cluster) {
  return is_configured(state) && !is_configured_standby(state) && spec::asks_for_standby(cluster);
}

bool is_promotion_asked(ClusterState& state) {
  return is_configured(state) && is_configured_standby(state) &&
         !spec::asks_for_standby(rendered(state).cluster);
}

bool is_being_promoted(ClusterState& state) {
  return is_promotion_asked(state) || name_of(state.operation) == kPromotionName;
}

Message followed_by(const spec::PostgresCluster& cluster) {
  const std::optional<spec::Standby>& standby = cluster.spec.standby;
  if (!standby || !standby->enabled) return {};
  const std::string host = standby->host.empty() || !standby->port
                               ? standby->host
                               : concat(standby->host, ":", *standby->port);
  return say::standby_source(host, host.empty() || standby->repo_name.empty() ? "" : " and ",
                             standby->repo_name);
}

}  // namespace annals::fsm

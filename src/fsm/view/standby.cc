#include "fsm/view/standby.h"

#include <charconv>
#include <string>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "manifests/labels.h"

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

bool is_given_up(const spec::PostgresCluster& cluster, std::int64_t timeline) {
  const auto given_up = cluster.annotations.find(manifests::annotation::kGiveUpTimeline);
  return given_up != cluster.annotations.end() && timeline > 0 &&
         given_up->second == std::to_string(timeline);
}

std::int64_t kept_timeline(const ClusterState& state, const spec::PostgresCluster& cluster) {
  const std::optional<std::string>& kept = own_store(state).kept;
  if (!kept || !is_configured_standby(state)) return 0;
  std::int64_t timeline = 0;
  std::from_chars(kept->data(), kept->data() + kept->size(), timeline);
  const bool has_passed = state.standby && state.standby->its.timeline > timeline;
  return has_passed || is_given_up(cluster, timeline) ? 0 : timeline;
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

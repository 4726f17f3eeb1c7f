#include "manifests/standby.h"

namespace annals::manifests {

const spec::Standby* standby_of(const spec::PostgresCluster& cluster, const Observed& observed) {
  const std::optional<spec::Standby>& standby = cluster.spec.standby;
  if (observed.keeps_primary || !standby || !standby->enabled) return nullptr;
  return &*standby;
}

std::string followed_repository(const spec::PostgresCluster& cluster, const Observed& observed) {
  const spec::Standby* standby = standby_of(cluster, observed);
  if (standby == nullptr || standby->repo_name.empty()) return {};
  return {standby->repo_name.back()};
}

}  // namespace annals::manifests

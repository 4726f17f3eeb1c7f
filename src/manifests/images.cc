#include "manifests/images.h"

#include "base/concat.h"

namespace annals::manifests {
namespace {

std::string either(const std::string& given, const std::string& environment,
                   const Observed& observed) {
  if (!given.empty()) return given;
  const auto found = observed.images.find(environment);
  return found == observed.images.end() ? std::string() : found->second;
}

std::string postgres_environment(const spec::PostgresCluster& cluster) {
  const std::string name = concat("RELATED_IMAGE_POSTGRES_", cluster.spec.postgres_version);
  const std::string& gis = cluster.spec.post_gis_version;
  return gis.empty() ? name : concat(name, "_GIS_", gis);
}

constexpr const char* kPgBackRestEnvironment = "RELATED_IMAGE_PGBACKREST";

}  // namespace

std::string postgres_image(const spec::PostgresCluster& cluster, const Observed& observed) {
  return either(cluster.spec.image, postgres_environment(cluster), observed);
}

std::string pgbackrest_image(const spec::PostgresCluster& cluster, const Observed& observed) {
  if (!spec::has_backups(cluster)) return {};
  return either(cluster.spec.backups->pgbackrest->image, kPgBackRestEnvironment, observed);
}

std::vector<MissingImage> missing_images(const spec::PostgresCluster& cluster,
                                         const Observed& observed) {
  std::vector<MissingImage> missing;
  if (postgres_image(cluster, observed).empty()) {
    missing.push_back({"spec.image", postgres_environment(cluster)});
  }
  if (spec::has_backups(cluster) && pgbackrest_image(cluster, observed).empty()) {
    missing.push_back({"spec.backups.pgbackrest.image", kPgBackRestEnvironment});
  }
  return missing;
}

}  // namespace annals::manifests

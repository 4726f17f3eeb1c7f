#include "manifests/pgbackrest/restore_permit.h"

#include "manifests/containers.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::manifests {
namespace {

constexpr const char* kPermitVolume = "permit";

}  // namespace

Json permit_mount() { return read_only_mount(kPermitVolume, paths::kRestorePermit); }

Json permit_volume(const spec::PostgresCluster& cluster, const std::string& hash) {
  return {{"name", kPermitVolume},
          {"configMap", {{"name", names::restore_permit(cluster.name, hash)}}}};
}

std::string restore_permit_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                    const std::string& job, const std::string& hash) {
  Json map = owned_object(
      kConfigMap, cluster, observed, names::restore_permit(cluster.name, hash),
      {{label::kCluster, cluster.name}, {label::kPgBackRest, ""}, {label::kPgBackRestRestore, ""}},
      pgbackrest_metadata(cluster));
  map["data"] = {{"job", job}};
  return canonical(map);
}

}  // namespace annals::manifests

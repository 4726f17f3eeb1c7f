#include "manifests/pgbackrest/restore_settings.h"

#include <optional>

namespace annals::manifests {
namespace {

spec::RestoreSource of_data_source(const spec::PostgresCluster& cluster) {
  const std::optional<spec::DataSource>& source = cluster.spec.data_source;
  if (!source) return {};
  if (source->postgres_cluster) return *source->postgres_cluster;
  if (!source->pgbackrest) return {};
  spec::RestoreSource settings;
  settings.resources = source->pgbackrest->resources;
  settings.scheduling = source->pgbackrest->scheduling;
  return settings;
}

spec::RestoreSource in_place(const spec::PostgresCluster& cluster) {
  if (!spec::has_backups(cluster)) return {};
  return cluster.spec.backups->pgbackrest->restore.value_or(spec::Restore{}).source;
}

}  // namespace

spec::RestoreSource restore_settings(const spec::PostgresCluster& cluster,
                                     const spec::InstanceSet& set, bool clone) {
  spec::RestoreSource settings = clone ? of_data_source(cluster) : in_place(cluster);
  const auto otherwise = [](spec::Opaque& own, const spec::Opaque& other) {
    if (own.empty()) own = other;
  };
  spec::Scheduling& scheduling = settings.scheduling;
  otherwise(settings.resources.json, set.resources.json);
  otherwise(scheduling.affinity, set.scheduling.affinity);
  otherwise(scheduling.tolerations, set.scheduling.tolerations);
  if (scheduling.priority_class_name.empty()) {
    scheduling.priority_class_name = set.scheduling.priority_class_name;
  }
  return settings;
}

}  // namespace annals::manifests

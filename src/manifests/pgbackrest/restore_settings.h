// Resources and scheduling of what restores: a Job, or the pod that reads a repository for it.
#pragma once

#include "spec/postgres_cluster.h"

namespace annals::manifests {

// What spec.backups.pgbackrest.restore, or for a clone spec.dataSource, does not say is as for an
// instance of the set: its volumes may be on nodes that only its tolerations allow, and what it
// used is free.
spec::RestoreSource restore_settings(const spec::PostgresCluster& cluster,
                                     const spec::InstanceSet& set, bool clone);

}  // namespace annals::manifests

// What a Job needs that writes on a volume before an instance starts. A request to create a Job can
// arrive long after it was given up and repeated, when instances run again. So its pod starts only
// while a ConfigMap is there, the permit, whose name has the Job's hash: made before the Job, and
// gone before an instance starts.
#pragma once

#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// Of a container, and of its pod.
Json permit_mount();
Json permit_volume(const spec::PostgresCluster& cluster, const std::string& hash);

// The ConfigMap itself, for the Job of that name and hash.
std::string restore_permit_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                    const std::string& job, const std::string& hash);

}  // namespace annals::manifests

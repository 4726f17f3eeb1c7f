// The pod of an instance: volumes, containers, probes.
#pragma once

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

Json instance_pod(const spec::PostgresCluster& cluster, const Observed& observed,
                  const spec::InstanceSet& set, const Instance& instance);

}  // namespace annals::manifests

// How many instances of a set must stay while nodes are drained.
#pragma once

#include <optional>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// None where the set may lose all: minAvailable 0, or by default a set of one instance.
std::optional<Json> disruption_budget(const spec::PostgresCluster& cluster,
                                      const Observed& observed, const spec::InstanceSet& set);

}  // namespace annals::manifests

// PostgreSQL's parameters: what the operator must decide, over what the user says, over our
// defaults.
#pragma once

#include <map>
#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// For `postgresql.parameters` of Patroni. The order of precedence: mandatory,
// spec.config.parameters, spec.patroni.dynamicConfiguration, defaults. Libraries to preload are
// ours and the user's, each once.
Json postgres_parameters(const spec::PostgresCluster& cluster, const Observed& observed = {});

}  // namespace annals::manifests

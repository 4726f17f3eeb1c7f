// Patroni's configuration: what is the same for all instances ({c}-config), what is an instance's
// own
// ({i}-config), and what all of them keep in the DCS and change together.
#pragma once

#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// The document of the DCS: put there by the bootstrap, and from then on by PUT /config when it
// differs.
Json dynamic_configuration(const spec::PostgresCluster& cluster, const Observed& observed);
// The same as the text that is sent and digested.
std::string dynamic_configuration_text(const spec::PostgresCluster& cluster,
                                       const Observed& observed);

// ConfigMap {c}-config. It contains the dynamic configuration only until the cluster is
// bootstrapped.
Json cluster_config_map(const spec::PostgresCluster& cluster, const Observed& observed);

// ConfigMap {i}-config.
Json instance_config_map(const spec::PostgresCluster& cluster, const Observed& observed,
                         const spec::InstanceSet& set, const Instance& instance);

}  // namespace annals::manifests

// What a cluster follows instead of having a primary. One that has a primary of its own follows
// nobody, whatever the specification says.
#pragma once

#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// Null for none.
const spec::Standby* standby_of(const spec::PostgresCluster& cluster, const Observed& observed);

// The repository that it follows, by its number; empty for none.
std::string followed_repository(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests

// pg_hba.conf: who may connect, in the order in which PostgreSQL asks.
#pragma once

#include <string>
#include <vector>

#include "spec/postgres_cluster.h"

namespace annals::manifests {

// The lines that the operator and replication need, then spec.authentication, then the user's lines
// of spec.patroni.dynamicConfiguration; without either, everybody with a password over TLS. Nobody
// gets in without TLS unless the user says so.
std::vector<std::string> hba_rules(const spec::PostgresCluster& cluster);

}  // namespace annals::manifests

// The names of instances: chosen once per instance, kept for its life, and never by chance, so that
// replaying the same history gives the same names.
#pragma once

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// Takes over the instances that exist (also such as an earlier journal made), then names as many
// more as the spec asks for. Never takes a name away.
void name_instances(ClusterState& state, const spec::PostgresCluster& cluster);

}  // namespace annals::fsm

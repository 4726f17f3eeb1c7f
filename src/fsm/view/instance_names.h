// The names of instances: chosen once per instance, kept for its life, and never by chance, so that
// replaying the same history gives the same names.
#pragma once

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// Takes over the instances that exist (also such as an earlier journal made), then names as many
// more as the spec asks for. Takes no name away, but that of an
// instance of a deleted cluster which is not taken up yet, where its last leader needs the room.
void name_instances(ClusterState& state, const spec::PostgresCluster& cluster);

}  // namespace annals::fsm

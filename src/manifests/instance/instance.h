// One instance of PostgreSQL: its volumes, and the StatefulSet of its single pod.
#pragma once

#include <vector>

#include "manifests/json.h"
#include "manifests/labels.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// The PersistentVolumeClaims {i}-pgdata, {i}-pgwal and {i}-{tablespace}-tablespace. They are no
// part of the StatefulSet, so that it can be replaced without them.
std::vector<Json> instance_volume_claims(const spec::PostgresCluster& cluster,
                                         const Observed& observed, const spec::InstanceSet& set,
                                         const Instance& instance);

// StatefulSet {i}. Kubernetes never rolls it out by itself: the operator decides which pod goes
// when.
Json instance_stateful_set(const spec::PostgresCluster& cluster, const Observed& observed,
                           const spec::InstanceSet& set, const Instance& instance);

Labels instance_labels(const spec::PostgresCluster& cluster, const spec::InstanceSet& set,
                       const Instance& instance);

}  // namespace annals::manifests

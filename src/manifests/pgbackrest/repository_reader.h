// A pod that does nothing: the operator runs `pgbackrest info` in it. It is there while a
// repository in an object store has to be read and no instance of the cluster runs: before a clone
// is restored, or while a data directory is half written. It has what a restore Job has to reach
// the repository, and no volume.
#pragma once

#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// "hippo-reader-1a2b3c": what reads by another configuration is another one.
std::string repository_reader_name(const spec::PostgresCluster& cluster, const Observed& observed);
// Whether that is a name of one.
bool is_repository_reader(const std::string& cluster, const std::string& name);

Json repository_reader(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests

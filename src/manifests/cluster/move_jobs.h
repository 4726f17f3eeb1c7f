// Jobs that bring volumes of another layout, such as PGO v4's, into the cluster's own
// (spec.dataSource.volumes): the given directory goes where the cluster looks for it. Done again
// they find that it has gone there. No pod of an instance, and for the second no repository host,
// may run meanwhile. So their pods need a permit, as those of a restore (restore_jobs.h), and
// leave a termination message.
//
// {c}-move-pgdata-dir, on the volumes of the first instance: the data goes where Patroni's
// bootstrap takes it from (paths::restored), and WAL on a volume of its own where pg_wal points to.
// {c}-move-pgbackrest-repo-dir, on the volume of repo1: archive and backup go to its root.
#pragma once

#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

struct MoveDataJob {
  std::string id;         // of the request
  std::string instance;   // one of Observed::instances
  std::string directory;  // of the volume; empty: the data is in its place
  std::string wal_directory;
  bool may_be_empty = false;  // no database is an answer as well: "empty yes"
  int attempt = 0;
};

struct MoveRepositoryJob {
  std::string id;
  std::string directory;
  int attempt = 0;
};

// Annotation pgbackrest-hash of the Job: of all that is in the struct, attempt included.
std::string hash_of(const MoveDataJob& job);
std::string hash_of(const MoveRepositoryJob& job);

Json move_data_job(const spec::PostgresCluster& cluster, const Observed& observed,
                   const MoveDataJob& job);
Json move_repository_job(const spec::PostgresCluster& cluster, const Observed& observed,
                         const MoveRepositoryJob& job);

std::string move_data_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                               const MoveDataJob& job);
std::string move_repository_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                     const MoveRepositoryJob& job);

}  // namespace annals::manifests

// Where a cluster's repositories lie, and which of them have the stanza of its database.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// A repository that lies elsewhere is another one: it has neither stanza nor backups.
struct RepositoryPlace {
  std::string repo;  // "repo1"
  std::string text;  // "s3 bucket backups at s3.example.com, path /pgbackrest/repo1"
};

// In the order of the spec; none without backups.
std::vector<RepositoryPlace> repository_places(const spec::PostgresCluster& cluster);

bool has_stanza(const ClusterState& state, const std::string& repo);

// The repository that replicas are made from, once it is chosen; empty before.
std::string replica_repository(ClusterState& state);

// Databases in it whose stanza is not ours, by their system identifiers, as it was read last.
std::vector<std::string> other_databases(const ClusterState& state, const std::string& repo);

// The last attempt found another database's stanza there. pgBackRest writes nothing then.
bool is_of_other_database(const FailedAttempt& failure);

// Why the repository has no stanza, with what to look at; empty while no attempt has failed.
Message trouble_of_stanza(ClusterState& state, const std::string& repo);

}  // namespace annals::fsm

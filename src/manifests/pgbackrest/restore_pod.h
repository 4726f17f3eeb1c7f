// What the pods of all Jobs on the volumes of an instance have in common: those that restore,
// whatever they restore to, and the one that reads.
#pragma once

#include <string>
#include <vector>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// For how long a repository may fail while its WAL is replayed, before the Job fails.
inline constexpr int kPatienceSeconds = 900;

// "1" of "repo1": it may be one of another cluster.
std::string index_of(const std::string& repo);

// Text of the user's: Kubernetes replaces $(NAME) in commands and variables, unless it is escaped.
std::string literal(const std::string& text);

// An instance and its set, both of what is given.
struct InstancePlace {
  const spec::InstanceSet& set;
  const Instance& instance;
};
// One of Observed::instances.
InstancePlace place_of_instance(const spec::PostgresCluster& cluster, const Observed& observed,
                                const std::string& instance);

// What works at a database or its repositories in one container, beside the instances and with
// their rights: their account, for cloud repositories, and no token of the API. It ends by itself.
Json restore_pod(const spec::PostgresCluster& cluster, const Observed& observed,
                 const spec::RestoreSource& settings, Json container, Json volumes);

// Annotation pgbackrest-hash of a Job: of all that it is told.
std::string hash_of_parts(const std::vector<std::string>& parts);

}  // namespace annals::manifests

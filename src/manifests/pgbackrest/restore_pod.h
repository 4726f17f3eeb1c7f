// What the pods of all Jobs that restore have in common, whatever they restore to.
#pragma once

#include <string>
#include <vector>

#include "spec/postgres_cluster.h"

namespace annals::manifests {

// For how long a repository may fail while its WAL is replayed, before the Job fails.
inline constexpr int kPatienceSeconds = 900;

// "1" of "repo1": it may be one of another cluster.
std::string index_of(const std::string& repo);

// Text of the user's: Kubernetes replaces $(NAME) in commands and variables, unless it is escaped.
std::string literal(const std::string& text);

// Annotation pgbackrest-hash of a Job: of all that it is told.
std::string hash_of_parts(const std::vector<std::string>& parts);

}  // namespace annals::manifests

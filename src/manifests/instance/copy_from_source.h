// The first copy of a standby of a server that no operator runs (source_login.h): a script that
// Patroni calls in the pod.
#pragma once

#include <string>

#include "spec/postgres_cluster.h"

namespace annals::manifests {

// Key of {c}-config with the script that makes the first copy, and how Patroni calls it.
inline constexpr const char* kCopyFromSourceKey = "copy-from-source";
inline constexpr const char* kCopyFromSourceMethod = "source";
std::string copy_from_source_script();
std::string copy_from_source_command(const spec::PostgresCluster& cluster, const std::string& wal);

}  // namespace annals::manifests

// Where the data of a new cluster comes from, as spec.dataSource says, and whether it can.
#pragma once

#include <optional>
#include <string>

#include "fsm/model/state.h"
#include "fsm/view/backup_sets.h"
#include "fsm/view/restore_request.h"
#include "spec/postgres_cluster.h"
#include "spec/restore_options.h"

namespace annals::fsm {

struct CloneRequest {
  std::string
      id{};  // "~pgo-bootstrap-hippo", as PGO's status calls it; empty: nothing is asked for
  // Whose backups; both empty: those of the cluster itself.
  std::string name_space{};
  std::string cluster{};
  std::string repo{};

  bool is_of_own() const { return cluster.empty(); }
  std::string source() const;  // "namespace/cluster"; empty for its own
};

CloneRequest clone_request(const spec::PostgresCluster& cluster);

// What another value of means another clone.
std::string clone_described(const spec::PostgresCluster& cluster);

// The options, typed; only of use where mistake_in_clone() finds none.
spec::RestoreOptions options_of_clone(const spec::PostgresCluster& cluster);

// From the resource and the operator's settings alone.
RestoreRefusal mistake_in_clone(const spec::PostgresCluster& cluster,
                                const OperatorConfigured& config);

// From what was seen of the source.
RestoreRefusal mistake_in_source(const spec::PostgresCluster& cluster,
                                 const OperatorConfigured& config, const SourceSeen& seen);

// What is to be restored of a repository whose database nobody here knows: the newest that it has,
// on the timeline that went furthest.
RestorableDatabase database_in(const RepositoryContents& contents, std::int32_t version);

}  // namespace annals::fsm

// Where the data of a new cluster comes from, as spec.dataSource says, and whether it can.
#pragma once

#include <map>
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
  // Whose backups; both empty: those of the cluster itself, unless a store is described.
  std::string name_space{};
  std::string cluster{};
  std::string store{};  // where in an object store; empty: some cluster's repository
  std::string repo{};
  // Of the cluster's namespace; with `data` there are no backups to restore.
  spec::ExistingVolumes volumes{};

  // The claims of this instance set choose volumes that may hold a database; empty: none does.
  std::string kept_set{};

  // The UID of a deleted cluster of this name whose volumes are taken up; empty: of none.
  std::string deleted{};

  bool is_of_volume() const {
    return volumes.data.has_value() || !kept_set.empty() || !deleted.empty();
  }
  bool is_of_own() const { return cluster.empty() && store.empty(); }
  bool is_of_store() const { return !store.empty(); }
  // "namespace/cluster", or where in which store; empty for its own.
  std::string source() const;
};

// How messages call one: "namespace/cluster"; empty for a cluster's own repository.
std::string source_name(const std::string& name_space, const std::string& cluster);

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

// Whether that repository of the source is in an object store. Only where it makes no mistake.
bool is_source_in_store(const CloneRequest& request, const SourceSeen& seen);

// The claims that are to be adopted, by the names of those that the cluster would make: of its
// first instance, which is called `instance`, and of its first repository.
std::map<std::string, std::string> claims_to_adopt(const spec::PostgresCluster& cluster,
                                                   const std::string& instance);

// Whose volume gets the data; empty before there is any.
std::string first_instance(ClusterState& state);

// One of those, and not adopted yet: none is made in its place.
bool awaits_adoption(ClusterState& state, const std::string& claim);

// From what was seen of them.
RestoreRefusal mistake_in_volumes(const spec::PostgresCluster& cluster, const ClusterUid& uid,
                                  const VolumesSeen& seen);

// What is to be restored of a repository whose database nobody here knows: the newest that it has,
// on the timeline that went furthest.
RestorableDatabase database_in(const RepositoryContents& contents, std::int32_t version);

}  // namespace annals::fsm

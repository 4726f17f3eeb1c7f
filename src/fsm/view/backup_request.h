// What asks for a backup: an annotation of the cluster, what spec.backups.pgbackrest.manual says of
// it, and the Jobs, which bear the request that they were made for.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// The annotation's value; empty when nothing is asked for.
std::string backup_request(const spec::PostgresCluster& cluster);

// Why a request cannot be met as it stands. It is met once it is mended.
struct RequestMistake {
  const char* reason = "";  // of Event and condition; empty: there is no mistake
  Message text{};           // with the remedy
};
RequestMistake mistake_in_request(const spec::PostgresCluster& cluster);

// All Jobs of the cluster, by name.
std::vector<const ObjectObserved*> jobs_of(const ClusterState& state);

// The Job that bears this request; null when there is none.
const ObjectObserved* job_for(const ClusterState& state, const std::string& request);

}  // namespace annals::fsm

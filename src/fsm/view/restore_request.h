// What asks for a restore in place: an annotation of the cluster, and what
// spec.backups.pgbackrest.restore says of it.
#pragma once

#include <string>

#include "fsm/text/message.h"
#include "spec/postgres_cluster.h"
#include "spec/restore_options.h"

namespace annals::fsm {

// Why a restore is not done as it is asked for.
struct RestoreRefusal {
  const char* reason = "";  // of Event and condition; empty: there is none
  Message text{};           // a sentence with the remedy
  // Of one that may come right without another request: what to wait for. None of any other.
  Message waits_for{};

  bool empty() const { return text.empty(); }
  bool may_pass() const { return !waits_for.empty(); }
};

struct RestoreRequest {
  std::string id{};   // the annotation's value; empty: nothing is asked for
  bool undo = false;  // "undo" or "undo-...": to the end of the timeline that the last restore left
};

// Nothing where the annotation has no value, or asks for a restore that spec.backups.pgbackrest
// .restore.enabled does not allow. An undo needs no such field.
RestoreRequest restore_request(const spec::PostgresCluster& cluster);

// Of a request that is no undo: from the resource alone.
RestoreRefusal mistake_in_restore(const spec::PostgresCluster& cluster);

// The options, typed; only of use where mistake_in_restore() finds none.
spec::RestoreOptions options_of_restore(const spec::PostgresCluster& cluster);

// What another value of means another restore of the same request: repository and options.
std::string restore_described(const spec::PostgresCluster& cluster);

}  // namespace annals::fsm

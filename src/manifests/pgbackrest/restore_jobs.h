// The Jobs of a restore in place, on the volumes of the instance that led. No pod of an instance
// may run while one of them exists. The first sees to it that nothing is lost with the data
// directory; the second writes it anew.
//
// Archive, {c}-pgbackrest-archive: archives what WAL the stopped primary has not archived yet, and
// finds its last segment in the repository, with the same checksum. A server that was killed is
// first started alone, without connections, so that its last segment becomes complete. The data
// is what it was, and it may be done again.
//
// A new cluster that is a clone has only the second, on the volumes of its first instance.
//
// Restore, {c}-pgbackrest-restore: restores one backup set by delta, recovers without being
// reachable from anywhere, compares what was replayed with what the repository holds, promotes, and
// puts the data where Patroni's bootstrap takes it from ({data}_bootstrap; see
// BootstrapState::restored). Done again it begins anew, also where it was killed in the middle.
//
// Their pods start only while their permit is there: restore_permit.h.
//
// Both have one pod (backoffLimit 0): who asks decides about another attempt. Their pods' one
// container leaves a termination message of at most 4096 bytes.
//   success: lines "name value".
//     archive: system 7301..., timeline 1, segment 000000010000000000000007 (the last in the
//       archive), lsn 0/8000000 (the end of the WAL that is archived), pushed 2 (segments)
//     restore: system 7301..., timeline 2 (the new one), from 1, lsn 0/5000098 (where it forks),
//       stopped "2026-01-31 08:05:00.123+00" or "-" (of the last transaction that was replayed)
//   failure: for people. The first line says what went wrong, with pgBackRest's exit status where
//     it was that: "pgbackrest restore: exit status 75". Then the last lines of output; what looks
//     like a secret is left out.
#pragma once

#include <cstdint>
#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "spec/postgres_cluster.h"
#include "spec/restore_options.h"

namespace annals::manifests {

struct ArchiveJob {
  std::string id;        // of the request: the annotation's value
  std::string instance;  // one of Observed::instances
  std::string repo;      // "repo1": where the WAL has to be found
  int attempt = 0;

  friend bool operator==(const ArchiveJob&, const ArchiveJob&) = default;
};

struct RestoreJob {
  std::string id;
  std::string instance;
  std::string repo;  // restored from, and no other is asked for WAL
  // With `set`, and `timeline` as a decimal number.
  spec::RestoreOptions options{};
  std::string archive{};  // the folder of the WAL in the repository: "15-1"
  // Recovery has to come at least to here; 0: only to what the repository holds of the timeline.
  std::uint64_t least_lsn = 0;
  // Likewise to the end of this segment, which an archive Job has named as the last one; empty:
  // none is known.
  std::string least_wal{};
  int attempt = 0;
  // Of a new cluster: it writes only on a volume that has no database, but for what it has written
  // itself. `source`: whose repository, "namespace/cluster", or which one of a store; empty: its
  // own.
  bool clone = false;
  std::string source{};
  std::string stanza = kStanza;

  friend bool operator==(const RestoreJob&, const RestoreJob&) = default;
};

// Annotation pgbackrest-hash of the Job: of all that is in the struct, attempt included.
std::string hash_of(const ArchiveJob& job);
std::string hash_of(const RestoreJob& job);

// Each is created once and never applied again.
Json archive_job(const spec::PostgresCluster& cluster, const Observed& observed,
                 const ArchiveJob& job);
Json restore_job(const spec::PostgresCluster& cluster, const Observed& observed,
                 const RestoreJob& job);
// The same as the texts that are applied.
std::string archive_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                 const ArchiveJob& job);
std::string restore_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                 const RestoreJob& job);

}  // namespace annals::manifests

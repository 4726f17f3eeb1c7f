// Jobs of pgBackRest: one makes the stanza of a repository, others back up, by hand, on a schedule,
// or for the first time so that replicas can be made from it. A repository on a volume is written
// by the repository host: the Job runs the command there. A repository in an object store is
// written by the Job itself. One pod of them runs at a time: they exclude each other by
// anti-affinity.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

enum class BackupPurpose : std::uint8_t { kStanza, kManual, kReplicaCreate, kExpire, kMissingWal };

struct BackupJob {
  std::string name;  // {c}-stanza-{4 characters} or {c}-backup-{...}, chosen by the caller
  BackupPurpose purpose = BackupPurpose::kManual;
  std::string repo;                  // one of the cluster's
  std::vector<std::string> options;  // of the command; the stanza and the repository are added
  std::string id;  // of a manual backup or an expiry: the annotation's value that asked for it
};

// A Job; created once and never applied again.
Json backup_job(const spec::PostgresCluster& cluster, const Observed& observed,
                const BackupJob& backup);
// The same as the text that is applied.
std::string backup_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                const BackupJob& backup);

// CronJobs {c}-{repo}-{full,diff,incr}, for the schedules there are. Suspended while there is no
// primary of our own, when the cluster is shut down or a standby, and while schedules rest.
std::vector<Json> backup_cron_jobs(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests

// The Job of a restore drill, {c}-restore-drill, and its volume of the same name: the newest backup
// is restored to a volume that is thrown away, recovered to the end of the archive, opened without
// being reachable from anywhere, and checked. Nothing of the cluster is on that volume, no instance
// waits for it, and nothing is written to the repository. So no permit is needed as for a restore:
// a Job that is created late finds no volume, and its pod does not start.
//
// One pod (backoffLimit 0), whose one container leaves a termination message of at most 4096 bytes.
//   success: lines "name value": backup 20260131-080500F, timeline 2, lsn 0/9000000 (the end of the
//     WAL that was replayed), stopped "2026-01-31 08:05:00.123+00" or "-" (of the last
//     transaction), checks wal,amcheck,rows,query,age,checksums (what was done of these), databases
//     3, tables 12, rows 3456, seconds 42, age 17 (seconds; of the newest row), answer "..." (of
//     the user's query; 256 bytes of it).
//   failure: for people, as of a restore (restore_jobs.h). The exit status says of what kind it is.
#pragma once

#include <cstdint>
#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// Any other one is of a restore that failed.
inline constexpr std::int64_t kDrillFoundDamage = 3;
inline constexpr std::int64_t kDrillQueryFailed = 4;

struct DrillJob {
  std::string id;        // of the drill: the annotation's value, or the time that it was due
  std::string repo;      // "repo1"
  std::string set;       // label of the backup
  std::string timeline;  // that is replayed, as a decimal number
  std::string archive;   // the folder of its WAL: "15-1"
  // What is asked of the restored database; empty: nothing.
  std::string database{};
  std::string query{};      // one row
  std::string age_query{};  // one time: of the newest row

  friend bool operator==(const DrillJob&, const DrillJob&) = default;
};

// Annotation pgbackrest-hash of the Job.
std::string hash_of(const DrillJob& job);

// Of the class of the first set's data, or of this one; as large as its volumes of data, WAL and
// tablespaces together.
Json drill_claim(const spec::PostgresCluster& cluster, const Observed& observed,
                 const std::string& storage_class);
// Created once and never applied again.
Json drill_job(const spec::PostgresCluster& cluster, const Observed& observed, const DrillJob& job);
// The same as the texts that are applied.
std::string drill_claim_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                 const std::string& storage_class);
std::string drill_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                               const DrillJob& job);

}  // namespace annals::manifests

// The status of a PostgresCluster as a document for server-side apply to its status subresource.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annals::manifests {

struct StatusCondition {
  std::string type;
  bool status = false;
  std::string reason;                // CamelCase, one word
  std::string message;               // one sentence for a person
  std::string last_transition_time;  // RFC 3339, seconds

  friend bool operator==(const StatusCondition&, const StatusCondition&) = default;
};

struct InstanceSetStatus {
  std::string name;
  int replicas = 0;
  int ready_replicas = 0;

  friend bool operator==(const InstanceSetStatus&, const InstanceSetStatus&) = default;
};

// One that can be restored. Times are RFC 3339.
struct BackupSetStatus {
  std::string label;
  std::string type;  // "full"
  std::string start_time{};
  std::string stop_time{};
  std::int64_t size = 0;  // of what it restores, in bytes
  bool faulty = false;

  friend bool operator==(const BackupSetStatus&, const BackupSetStatus&) = default;
};

// Segments that are not in the archive, and no restore gets beyond.
struct MissingWalStatus {
  std::string first;
  std::string last;
  std::string after{};            // RFC 3339: when the one before them was archived
  std::string restorable_from{};  // RFC 3339: the first time that a later backup leads to; or empty

  friend bool operator==(const MissingWalStatus&, const MissingWalStatus&) = default;
};

struct LastWalStatus {
  std::string name;
  std::string time{};  // RFC 3339: when it was archived

  friend bool operator==(const LastWalStatus&, const LastWalStatus&) = default;
};

struct RepositoryErrorStatus {
  std::string message;
  std::string time{};  // RFC 3339

  friend bool operator==(const RepositoryErrorStatus&, const RepositoryErrorStatus&) = default;
};

struct RepositoryContentsStatus {
  std::string looked_at;
  std::string trouble{};  // why it could not be read; empty: it could
  std::string oldest_restorable_time{};
  std::string newest_restorable_time{};
  std::vector<BackupSetStatus> backups{};
  std::int64_t size = 0;            // of all backups as they are stored, in bytes
  std::int64_t growth_per_day = 0;  // backups and WAL, in bytes
  std::optional<LastWalStatus> last_wal{};
  std::vector<MissingWalStatus> missing_wal{};

  friend bool operator==(const RepositoryContentsStatus&,
                         const RepositoryContentsStatus&) = default;
};

// A backup that was restored and checked.
struct VerifiedBackupStatus {
  std::string label;
  std::string type{};
  std::string verified_at{};  // RFC 3339
  std::string wal_end{};
  std::string last_transaction{};
  std::string checks{};
  std::int64_t databases = 0;
  std::int64_t tables = 0;
  std::int64_t rows = 0;
  std::int64_t seconds = 0;
  std::optional<std::int64_t> age{};  // of the newest row, in seconds
  std::string answer{};

  friend bool operator==(const VerifiedBackupStatus&, const VerifiedBackupStatus&) = default;
};

struct RepositoryStatus {
  std::string name;
  bool stanza_created = false;
  bool replica_create_backup_complete = false;
  std::optional<std::string> volume{};  // that it is bound to, "" for none yet; of one on a volume
  std::string repo_options_hash{};      // of one in an object store
  std::optional<RepositoryContentsStatus> contents{};  // once it has been looked into
  std::optional<VerifiedBackupStatus> verified{};      // once there is one
  std::optional<RepositoryErrorStatus> last_error{};   // likewise

  friend bool operator==(const RepositoryStatus&, const RepositoryStatus&) = default;
};

// What a Job has told of itself; empty and 0 for what it has not.
struct JobStatus {
  std::string start_time{};  // RFC 3339
  std::string completion_time{};
  std::int64_t active = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;

  friend bool operator==(const JobStatus&, const JobStatus&) = default;
};

// Of what an annotation asked for, by its value: a manual backup, a restore, or a drill.
struct RequestedJobStatus {
  std::string id;
  bool finished = false;
  JobStatus job;

  friend bool operator==(const RequestedJobStatus&, const RequestedJobStatus&) = default;
};

struct ScheduledBackupStatus {
  std::string cron_job;
  std::string repo;
  std::string type;  // "full"
  JobStatus job;

  friend bool operator==(const ScheduledBackupStatus&, const ScheduledBackupStatus&) = default;
};

// How far a cluster is that follows another one. Times are RFC 3339.
struct StandbyStatus {
  std::string source;  // "hippo-primary.ns.svc:5432 and repository repo1"
  std::string state;   // "Streaming"
  std::string received_lsn{};
  std::string replayed_lsn{};
  std::int64_t timeline = 0;
  std::optional<std::int64_t> lag_bytes{};
  std::optional<std::int64_t> replay_lag_seconds{};
  std::string last_transaction{};
  std::string last_received{};
  std::string system_identifier{};

  friend bool operator==(const StandbyStatus&, const StandbyStatus&) = default;
};

// Of a cluster that was shut down cleanly (lens/receipt.h).
struct ShutdownReceiptStatus {
  std::int64_t timeline = 0;
  std::string checkpoint{};  // LSN
  std::string end{};         // LSN
  std::string system_identifier{};
  std::string time{};  // RFC 3339
  std::vector<std::string> repositories{};

  friend bool operator==(const ShutdownReceiptStatus&, const ShutdownReceiptStatus&) = default;
};

struct StatusDocument {
  std::string name_space;
  std::string name;
  std::int64_t observed_generation = 0;
  std::string primary;  // the pod, empty when there is none
  std::vector<StatusCondition> conditions;
  std::vector<InstanceSetStatus> instances;
  std::string system_identifier;    // of the database, empty until there is one
  std::string database_init_sql{};  // the ConfigMap whose script was run
  bool has_repository_host = false;
  bool repository_host_ready = false;
  std::vector<RepositoryStatus> repositories;  // empty without backups
  std::optional<RequestedJobStatus> manual_backup{};
  std::optional<RequestedJobStatus> restore{};
  std::optional<RequestedJobStatus> drill{};
  std::optional<RequestedJobStatus> expire{};
  std::vector<ScheduledBackupStatus> scheduled_backups{};
  std::optional<StandbyStatus> standby{};
  std::optional<ShutdownReceiptStatus> shutdown_receipt{};

  friend bool operator==(const StatusDocument&, const StatusDocument&) = default;
};

// JSON text; the same document gives the same bytes.
std::string status_manifest(const StatusDocument& status);
// The same with these conditions instead of its own.
std::string status_manifest(const StatusDocument& status,
                            const std::vector<StatusCondition>& conditions);

}  // namespace annals::manifests

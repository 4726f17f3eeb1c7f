// The names of everything that belongs to a cluster. They are PGO's and never change: an object is
// found again by its name after a restart, and users have written them down.
#pragma once

#include <string>
#include <string_view>

namespace annals::manifests {

// Containers.
inline constexpr const char* kDatabaseContainer = "database";
inline constexpr const char* kCertCopyContainer = "replication-cert-copy";
inline constexpr const char* kStartupContainer = "postgres-startup";
inline constexpr const char* kNssWrapperContainer = "nss-wrapper-init";
inline constexpr const char* kPgBackRestContainer = "pgbackrest";
inline constexpr const char* kPgBackRestConfigContainer = "pgbackrest-config";
inline constexpr const char* kLogDirContainer = "pgbackrest-log-dir";
inline constexpr const char* kArchiveContainer = "pgbackrest-archive";
inline constexpr const char* kRestoreContainer = "pgbackrest-restore";
inline constexpr const char* kDrillContainer = "restore-drill";
inline constexpr const char* kReceiptContainer = "shutdown-receipt";

// Ports.
inline constexpr const char* kPostgresPort = "postgres";

// Users inside of PostgreSQL.
inline constexpr const char* kReplicationUser = "_crunchyrepl";
// Of Patroni's configuration, which knows nothing of it: Observed::kept_timeline.
inline constexpr const char* kKeepTimeline = "annals_keep_timeline";
inline constexpr const char* kSuperuser = "postgres";

// The authority that signs every certificate in a namespace.
inline constexpr const char* kRootAuthority = "pgo-root-cacert";

namespace names {

// Of a cluster.
std::string pods(std::string_view cluster);    // Service that names each pod
std::string leader(std::string_view cluster);  // Service and Endpoints of Patroni, and its scope
std::string leader_config(std::string_view cluster);     // where Patroni keeps its configuration
std::string primary(std::string_view cluster);           // Service that users connect to
std::string replicas(std::string_view cluster);          // Service of the replicas
std::string config(std::string_view cluster);            // ConfigMap of Patroni for all instances
std::string instance_account(std::string_view cluster);  // ServiceAccount, Role and RoleBinding
std::string server_certificate(std::string_view cluster);
std::string replication_certificate(std::string_view cluster);
std::string user_secret(std::string_view cluster, std::string_view user);
std::string disruption_budget(std::string_view cluster, std::string_view set);
std::string pgbackrest_config(std::string_view cluster);
std::string pgbackrest_secret(std::string_view cluster);
std::string pgbackrest_account(std::string_view cluster);
std::string repo_host(std::string_view cluster);
std::string repo_host_account(std::string_view cluster);
std::string repo_volume(std::string_view cluster, std::string_view repo);
// Of one of a repository's schedules: full, diff, incr.
std::string backup_cron_job(std::string_view cluster, std::string_view repo, std::string_view type);
std::string archive_job(std::string_view cluster);  // Jobs of a restore
std::string restore_job(std::string_view cluster);
// Without which a pod of such a Job does not start; `hash` is that of the Job.
inline constexpr std::string_view kRestorePermit = "-restore-permit-";
std::string restore_permit(std::string_view cluster, std::string_view hash);
std::string restore_drill(std::string_view cluster);  // Job and volume of a restore drill
std::string receipt_job(std::string_view cluster);    // of a clean shutdown
std::string clone_source(std::string_view cluster);
// Begins the name of one; the rest says by which configuration it reads.
std::string repository_reader(std::string_view cluster);
std::string move_data_job(std::string_view cluster);
std::string move_repository_job(std::string_view cluster);
std::string pgbouncer(std::string_view cluster);

// Of an instance, which is called {cluster}-{set}-{suffix}.
std::string instance(std::string_view cluster, std::string_view set, std::string_view suffix);
std::string instance_pod(std::string_view instance);
std::string instance_config(std::string_view instance);
std::string instance_certificates(std::string_view instance);
std::string data_volume(std::string_view instance);
std::string wal_volume(std::string_view instance);
std::string tablespace_volume(std::string_view instance, std::string_view tablespace);

}  // namespace names

// Paths inside of the containers.
namespace paths {

std::string data(int postgres_version);                      // /pgdata/pg15
std::string wal(int postgres_version, bool has_wal_volume);  // /pgdata/pg15_wal or /pgwal/pg15_wal
std::string restored(int postgres_version);                  // /pgdata/pg15_bootstrap
// There while a clone writes what is on the volume: /pgdata/pg15_cloning.
std::string cloning(int postgres_version);
inline constexpr const char* kDrillTablespaces = "/pgdata/tablespaces";
inline constexpr const char* kSocket = "/tmp/postgres";
inline constexpr const char* kCertificates = "/pgconf/tls";
inline constexpr const char* kReplicationCertificates = "/tmp/replication";
// With which a standby logs in at a server that no operator runs: as mounted, and for libpq.
inline constexpr const char* kSourceLogin = "/pgconf/source";
inline constexpr const char* kSourcePasswords = "/tmp/replication/pgpass";
inline constexpr const char* kPatroni = "/etc/patroni";
inline constexpr const char* kCopyFromSource = "/etc/patroni/~postgres-operator/copy-from-source";
inline constexpr const char* kPostgresFiles = "/etc/postgres";
inline constexpr const char* kPgBackRestConfig = "/etc/pgbackrest/conf.d";
inline constexpr const char* kPgBackRestServer = "/etc/pgbackrest/server";
inline constexpr const char* kRestorePermit = "/etc/restore-permit";

}  // namespace paths

}  // namespace annals::manifests

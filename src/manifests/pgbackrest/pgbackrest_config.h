// pgBackRest's files: one for the instances, one for the repository host, one for Jobs that write
// to object stores, and the server's. All of them are keys of one ConfigMap, mounted as each place
// needs.
#pragma once

#include <string>
#include <vector>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

inline constexpr const char* kStanza = "db";
inline constexpr const char* kInstanceConf = "pgbackrest_instance.conf";
inline constexpr const char* kRepoHostConf = "pgbackrest_repo.conf";
inline constexpr const char* kCloudConf = "pgbackrest_cloud.conf";
inline constexpr const char* kServerConf = "pgbackrest-server.conf";
inline constexpr const char* kConfigHash = "config-hash";

// These need a cluster with backups.
const spec::PgBackRest& pgbackrest_of(const spec::PostgresCluster& cluster);
bool has_volume_repository(const spec::PostgresCluster& cluster);

// Null for a cluster without backups.
const spec::Metadata* pgbackrest_metadata(const spec::PostgresCluster& cluster);

// ConfigMap {c}-pgbackrest-config.
Json pgbackrest_config_map(const spec::PostgresCluster& cluster, const Observed& observed);

// The file of the instances.
std::string instance_conf_text(const spec::PostgresCluster& cluster, const Observed& observed);

// Where pgBackRest leaves what it says beside an instance, when WAL is archived asynchronously.
struct AsyncFiles {
  std::string spool;  // a folder with a file for each segment that failed
  std::string log;    // of the process that archives
};
AsyncFiles async_files(const spec::PostgresCluster& cluster);

// The same for backups in an object store that are none of the cluster's own. Its one section of a
// stanza is the source's.
std::string stored_backups_conf_text(const spec::PostgresCluster& cluster,
                                     const spec::StoredBackups& backups);

// Keys of the Secret {c}-pgbackrest: with these a repository host of the cluster is asked.
inline constexpr const char* kClientAuthoritiesKey = "pgbackrest.ca-roots";
inline constexpr const char* kClientCertificateKey = "pgbackrest-client.crt";
inline constexpr const char* kClientPrivateKeyKey = "pgbackrest-client.key";
// The source of a projected volume: these keys of a Secret, where the configuration wants them.
Json client_certificate_source(const std::string& secret);

// Changes when an external repository becomes another one, and with nothing else.
std::string external_repositories_hash(const spec::PostgresCluster& cluster);

// The same of one repository; empty for one on a volume.
std::string repository_options_hash(const spec::Repository& repo);

// The projected volume for /etc/pgbackrest/conf.d with one of the files above, and the client's
// certificates; the user's own files come first. With `server`, also what the TLS server reads.
enum class ServerFiles : bool { kNo, kYes };
Json pgbackrest_config_volume(const spec::PostgresCluster& cluster, const std::string& conf,
                              ServerFiles server);

// How Patroni makes a replica from the repository, as a shell command.
std::string replica_create_command(const spec::PostgresCluster& cluster, const Observed& observed,
                                   const spec::InstanceSet& set);

}  // namespace annals::manifests

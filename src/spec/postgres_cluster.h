// PostgresCluster: the custom resource of a user, typed, with its defaults filled in and checked.
// It is a value: equal specifications are equal values, whatever the order of keys they were
// written in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/authentication.h"
#include "spec/backups.h"
#include "spec/data_source.h"
#include "spec/findings.h"
#include "spec/instances.h"
#include "spec/kubernetes.h"
#include "spec/metadata.h"
#include "spec/patroni.h"
#include "spec/postgres_config.h"
#include "spec/proxy.h"
#include "spec/service.h"
#include "spec/standby.h"
#include "spec/users.h"

namespace annals::spec {

struct DatabaseInitSql {
  std::string name;  // of a ConfigMap
  std::string key;

  friend bool operator==(const DatabaseInitSql&, const DatabaseInitSql&) = default;
};

void describe(Fields& fields, DatabaseInitSql& sql);

// The fields of `spec`, under their own names.
struct PostgresClusterSpec {
  Metadata metadata;
  std::int32_t postgres_version = 0;
  std::string post_gis_version;
  std::string image;
  std::string image_pull_policy;  // Always, Never, IfNotPresent or empty
  Opaque image_pull_secrets;
  std::int32_t port = 5432;
  std::vector<InstanceSet> instances;
  std::optional<std::vector<User>> users;  // absent: one, named as the cluster
  std::optional<DatabaseInitSql> database_init_sql;
  PostgresConfig config;
  Authentication authentication;
  Patroni patroni;
  Service service;
  Service replica_service;
  std::optional<TlsSecret> custom_tls_secret;
  std::optional<TlsSecret> custom_replication_tls_secret;
  std::optional<Backups> backups;
  std::optional<DataSource> data_source;
  std::optional<Standby> standby;
  std::optional<Proxy> proxy;
  std::vector<std::int64_t> supplemental_groups;
  std::optional<bool> openshift;
  bool disable_default_pod_scheduling = false;
  bool shutdown = false;
  bool paused = false;
  // Kept for later versions; reported as without effect.
  Opaque monitoring;
  Opaque instrumentation;
  Opaque user_interface;

  friend bool operator==(const PostgresClusterSpec&, const PostgresClusterSpec&) = default;
};

void describe(Fields& fields, PostgresClusterSpec& spec);

// The annotation that says in which kind of objects Patroni is to keep the state of a new cluster;
// without it, in Endpoints.
inline constexpr const char* kPatroniStore = "postgres-operator.crunchydata.com/patroni-store";
inline constexpr const char* kInEndpoints = "endpoints";
inline constexpr const char* kInConfigMaps = "configmaps";

struct PostgresCluster {
  std::string name;
  std::string namespace_name;
  std::map<std::string, std::string> annotations;  // some are commands, such as trigger-switchover
  PostgresClusterSpec spec;

  friend bool operator==(const PostgresCluster&, const PostgresCluster&) = default;
};

// What was read from a resource: the cluster is complete only when there are no mistakes.
struct Reading {
  PostgresCluster cluster;
  Findings findings;
};

// Reads the JSON text of a resource, with `metadata` and `spec`; other members are not looked at.
// Finds all mistakes there are, not only the first. Never fails: text that is no JSON is a mistake
// as well.
Reading read_postgres_cluster(std::string_view json);

// The same as one Error (kInvalid) that names every mistake, for callers that need a usable
// cluster.
Result<PostgresCluster> parse_postgres_cluster(std::string_view json);

// The resource as canonical JSON with all defaults filled in. Parsing it gives an equal cluster.
std::string print_postgres_cluster(const PostgresCluster& cluster);

// spec.users, or the user and database of the cluster's name that stand for an absent list. Empty
// as well where the cluster's name cannot be a user.
std::vector<User> effective_users(const PostgresCluster& cluster);

// The repositories; none without backups.
const std::vector<Repository>& repositories(const PostgresCluster& cluster);
bool has_backups(const PostgresCluster& cluster);

bool asks_for_config_maps(const PostgresCluster& cluster);

// The Secret with which it logs in at the server that it follows, where no operator runs that;
// empty for none.
std::string source_login(const PostgresCluster& cluster);

// Whether it is to follow another cluster: by spec.standby, or by `standby_cluster` in Patroni's
// dynamic configuration.
bool asks_for_standby(const PostgresCluster& cluster);

}  // namespace annals::spec

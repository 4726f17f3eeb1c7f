#include "manifests/instance/patroni.h"

#include <utility>

#include "base/concat.h"
#include "manifests/instance/copy_from_source.h"
#include "manifests/instance/hba.h"
#include "manifests/instance/leader_check.h"
#include "manifests/instance/parameters.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/standby.h"
#include "manifests/yaml.h"

namespace annals::manifests {
namespace {

constexpr const char* kHeader = "# Written by the operator. Changes made here are undone.\n";
constexpr const char* kAuthorities = "/etc/patroni/~postgres-operator/patroni.ca-roots";
constexpr const char* kCertificateAndKey = "/etc/patroni/~postgres-operator/patroni.crt+key";

Json kubernetes_section(const spec::PostgresCluster& cluster, const Observed& observed) {
  return {{"namespace", cluster.namespace_name},
          {"labels", {{label::kCluster, cluster.name}}},
          {"scope_label", label::kPatroni},
          {"role_label", label::kRole},
          {"leader_label_value", role::kLeader},
          {"follower_label_value", role::kReplica},
          {"standby_leader_label_value", role::kLeader},
          {"use_endpoints", !observed.config_maps}};
}

Json replication_login() {
  const std::string folder = paths::kReplicationCertificates;
  return {{"username", kReplicationUser},
          {"sslmode", "verify-ca"},
          {"sslcert", folder + "/tls.crt"},
          {"sslkey", folder + "/tls.key"},
          {"sslrootcert", folder + "/ca.crt"}};
}

// Instead of initdb. An instance without restored data fails to begin anything. No clone writes on
// this volume again.
void take_what_was_restored(Json& configuration, const spec::PostgresCluster& cluster) {
  const int major = cluster.spec.postgres_version;
  configuration["bootstrap"]["method"] = "existing";
  configuration["bootstrap"]["existing"] = {
      {"command",
       concat("bash -ceu 'rm --force ", paths::cloning(major), "; mv --no-target-directory ",
              paths::restored(major), " ", paths::data(major), "'")},
      {"no_params", true}};
}

// keyfile is null so that one inherited from the environment cannot contradict the combined file.
Json cluster_configuration(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json configuration = {
      {"scope", names::leader(cluster.name)},
      {"kubernetes", kubernetes_section(cluster, observed)},
      {"postgresql",
       {{"authentication",
         {{"replication", replication_login()}, {"rewind", replication_login()}}}}},
      {"restapi",
       {{"cafile", kAuthorities},
        {"certfile", kCertificateAndKey},
        {"keyfile", nullptr},
        {"verify_client", "optional"}}},
      {"ctl",
       {{"cacert", kAuthorities},
        {"certfile", kCertificateAndKey},
        {"keyfile", nullptr},
        {"insecure", false}}},
      {"watchdog", {{"mode", "off"}}}};
  if (!observed.bootstrap_state.bootstrapped) {
    configuration["bootstrap"]["dcs"] = dynamic_configuration(cluster, observed);
    if (observed.bootstrap_state.restored) take_what_was_restored(configuration, cluster);
  }
  return configuration;
}

// Nobody is trusted, not even until Patroni writes pg_hba.conf.
Json initdb_options(const std::string& wal) {
  return Json::array({"data-checksums", Json{{"auth-host", "reject"}}, Json{{"auth-local", "peer"}},
                      Json{{"encoding", "UTF8"}}, Json{{"waldir", wal}}});
}

bool replicas_come_from_backup(const spec::PostgresCluster& cluster, const Observed& observed) {
  if (!spec::has_backups(cluster)) return false;
  return observed.bootstrap_state.replica_create_backup_complete ||
         !followed_repository(cluster, observed).empty();
}

// The empty sections are there for what comes from the environment.
Json instance_configuration(const spec::PostgresCluster& cluster, const Observed& observed,
                            const spec::InstanceSet& set) {
  const std::string wal =
      paths::wal(cluster.spec.postgres_version, set.wal_volume_claim_spec.has_value());
  // Without it the copy begins only after a checkpoint that is spread over minutes.
  Json postgresql = {{"basebackup", Json::array({concat("waldir=", wal), "checkpoint=fast"})},
                     {"create_replica_methods", Json::array({"basebackup"})},
                     {"pgpass", "/tmp/.pgpass"},
                     {"use_unix_socket", true}};
  if (replicas_come_from_backup(cluster, observed)) {
    postgresql["create_replica_methods"] = Json::array({"pgbackrest", "basebackup"});
    postgresql["pgbackrest"] = {{"command", replica_create_command(cluster, observed, set)},
                                {"keep_data", true},
                                {"no_leader", true},
                                {"no_params", true}};
  }
  if (!spec::source_login(cluster).empty()) {
    // Patroni names its own file to PostgreSQL, and leaves it alone while it knows no password.
    postgresql["pgpass"] = paths::kSourcePasswords;
    postgresql[kCopyFromSourceMethod] = {{"command", copy_from_source_command(cluster, wal)}};
  }
  return {{"kubernetes", Json::object()},
          {"restapi", Json::object()},
          {"tags", Json::object()},
          {"postgresql", std::move(postgresql)},
          {"bootstrap", {{"initdb", initdb_options(wal)}}}};
}

// Its leader is made from the repository where there is one, since that takes nothing from the
// other cluster. Of a server that no operator runs nobody knows how a repository was written.
Json standby_cluster(const spec::PostgresCluster& cluster, const spec::Standby& standby,
                     const Json& parameters, Json settings) {
  if (!settings.is_object()) settings = Json::object();
  Json methods = Json::array();
  if (!standby.repo_name.empty()) {
    methods.push_back("pgbackrest");
    settings["restore_command"] = parameters["restore_command"];
  }
  if (!standby.host.empty()) {
    methods.push_back("basebackup");
    settings["host"] = standby.host;
    if (standby.port) settings["port"] = *standby.port;
  }
  if (!spec::source_login(cluster).empty()) methods = Json::array({kCopyFromSourceMethod});
  settings["create_replica_methods"] = methods;
  return settings;
}

// Stops the server before Patroni does, and notices at once when it has ended: Patroni looks once a
// second, gives replicas another one while the server still archives, and hands its lock on only
// then; nobody can write in the meantime. The signal ends all sessions, so the wait is safe
// whatever Patroni stops the server for. It is short, since a server can take long to end. A server
// in single-user mode has a negative number in the file.
// (_do_stop in patroni/postgresql/__init__.py, demote in patroni/ha.py; "before_stop" in Patroni's
// documentation; versions that do not know it ignore it.)
constexpr const char* kBeforeStop =
    R"(bash -c 'read -r pid <"$PGDATA/postmaster.pid" && ((pid > 0)) && kill -INT "$pid" && )"
    R"(for ((i = 0; i < 75; ++i)); do kill -0 "$pid" || break; sleep 0.02; done')";

Json patroni_file(const Json& configuration) {
  return {{"patroni.yaml", kHeader + to_yaml(configuration)}};
}

}  // namespace

// Nor does it make anew what does not fit. Patroni keeps the key that it does not know.
void keep_timeline(Json& dynamic, std::int64_t timeline) {
  dynamic[kKeepTimeline] = std::to_string(timeline);
  Json& postgresql = dynamic["postgresql"];
  postgresql["use_pg_rewind"] = false;
  for (const char* key :
       {"remove_data_directory_on_diverged_timelines", "remove_data_directory_on_rewind_failure"}) {
    if (postgresql.contains(key)) postgresql[key] = false;
  }
}

Json dynamic_configuration(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json dynamic = value_of(cluster.spec.patroni.dynamic_configuration);
  if (!dynamic.is_object()) dynamic = Json::object();
  dynamic["ttl"] = cluster.spec.patroni.leader_lease_duration_seconds;
  dynamic["loop_wait"] = cluster.spec.patroni.sync_period_seconds;
  if (observed.bootstrap_state.failsafe && !dynamic.contains("failsafe_mode"))
    dynamic["failsafe_mode"] = true;
  Json& postgresql = dynamic["postgresql"];
  if (!postgresql.is_object()) postgresql = Json::object();
  if (!postgresql.contains("use_slots")) postgresql["use_slots"] = false;
  if (!postgresql.contains("before_stop")) postgresql["before_stop"] = kBeforeStop;
  postgresql["use_pg_rewind"] = true;
  postgresql["parameters"] = postgres_parameters(cluster, observed);
  postgresql["pg_hba"] = hba_rules(cluster);
  if (const spec::Standby* standby = standby_of(cluster, observed)) {
    dynamic["standby_cluster"] = standby_cluster(cluster, *standby, postgresql["parameters"],
                                                 dynamic.value("standby_cluster", Json()));
    if (observed.kept_timeline != 0) keep_timeline(dynamic, observed.kept_timeline);
  } else if (observed.keeps_primary) {
    dynamic.erase("standby_cluster");
  }
  if (observed.asks_before_it_leads && !postgresql.contains("pre_promote"))
    postgresql["pre_promote"] = leader_check(*cluster.spec.standby);
  return dynamic;
}

std::string dynamic_configuration_text(const spec::PostgresCluster& cluster,
                                       const Observed& observed) {
  return canonical(dynamic_configuration(cluster, observed));
}

Json cluster_config_map(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json map = owned_object(kConfigMap, cluster, observed, names::config(cluster.name),
                          {{label::kCluster, cluster.name}});
  map["data"] = patroni_file(cluster_configuration(cluster, observed));
  if (!spec::source_login(cluster).empty())
    map["data"][kCopyFromSourceKey] = copy_from_source_script();
  return map;
}

Json instance_config_map(const spec::PostgresCluster& cluster, const Observed& observed,
                         const spec::InstanceSet& set, const Instance& instance) {
  Json map = owned_object(kConfigMap, cluster, observed, names::instance_config(instance.name),
                          {{label::kCluster, cluster.name},
                           {label::kInstanceSet, set.name},
                           {label::kInstance, instance.name}},
                          &set.metadata);
  map["data"] = patroni_file(instance_configuration(cluster, observed, set));
  return map;
}

}  // namespace annals::manifests

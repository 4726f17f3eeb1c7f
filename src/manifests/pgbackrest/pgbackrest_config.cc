#include "manifests/pgbackrest/pgbackrest_config.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/ini.h"
#include "manifests/standby.h"

namespace annals::manifests {
namespace {

using Repositories = std::vector<spec::Repository>;

constexpr const char* kTlsAuthorities = "/etc/pgbackrest/conf.d/~postgres-operator/tls-ca.crt";
constexpr const char* kClientCertificate =
    "/etc/pgbackrest/conf.d/~postgres-operator/client-tls.crt";
constexpr const char* kClientKey = "/etc/pgbackrest/conf.d/~postgres-operator/client-tls.key";
constexpr const char* kServerCertificate = "/etc/pgbackrest/server/server-tls.crt";
constexpr const char* kInstanceLogs = "/pgdata/pgbackrest/log";
constexpr const char* kSpool = "/pgdata/pgbackrest-spool";
constexpr const char* kLocks = "/tmp/pgbackrest";  // pgBackRest's default
constexpr const char* kServerKey = "/etc/pgbackrest/server/server-tls.key";

std::string pod_host(const spec::PostgresCluster& cluster, const Observed& observed,
                     const std::string& stateful_set) {
  return concat(stateful_set, "-0.", names::pods(cluster.name), ".", cluster.namespace_name,
                ".svc.", observed.cluster_domain);
}

// The keys of a host that is spoken to over TLS; `prefix` is "repo1-host" or "pg1-host".
void add_host(IniSection& section, const std::string& prefix, const std::string& host) {
  section[prefix] = host;
  section[prefix + "-type"] = "tls";
  section[prefix + "-ca-file"] = kTlsAuthorities;
  section[prefix + "-cert-file"] = kClientCertificate;
  section[prefix + "-key-file"] = kClientKey;
}

void add_store(IniSection& section, const spec::Repository& repo) {
  const std::string prefix = repo.name + "-";
  if (repo.azure) {
    section[prefix + "type"] = "azure";
    section[prefix + "azure-container"] = repo.azure->container;
  } else if (repo.gcs) {
    section[prefix + "type"] = "gcs";
    section[prefix + "gcs-bucket"] = repo.gcs->bucket;
  } else if (repo.s3) {
    section[prefix + "type"] = "s3";
    section[prefix + "s3-bucket"] = repo.s3->bucket;
    section[prefix + "s3-endpoint"] = repo.s3->endpoint;
    section[prefix + "s3-region"] = repo.s3->region;
  }
}

void add_repository(IniSection& section, const spec::Repository& repo) {
  section[repo.name + "-path"] = "/pgbackrest/" + repo.name;
  add_store(section, repo);
}

void add_given(IniSection& section, const spec::PostgresCluster& cluster) {
  for (const auto& [key, value] : cluster.spec.backups->pgbackrest->global) section[key] = value;
}

// A repository that must not be written to gets a path where nothing is, so that pgBackRest refuses
// to. Without its options it would still be one, by those in the files of users.
void withhold(IniSection& section, const Observed& observed) {
  for (const std::string& repo : observed.withheld_repositories)
    section[repo + "-path"] = concat("/place-taken/", observed.uid);
}

IniSection local_postgres(const spec::PostgresCluster& cluster, const std::string& prefix) {
  return {{prefix + "-path", paths::data(cluster.spec.postgres_version)},
          {prefix + "-port", std::to_string(cluster.spec.port)},
          {prefix + "-socket-path", paths::kSocket}};
}

// A standby that is promoted asks the archive several times before it takes writes. By default each
// question to a repository host that is cut off takes three minutes: nobody writes for ten, with a
// leader elected in thirty seconds. A standby asks again, so that giving up costs it nothing. An
// object store that is far away may take a few seconds to answer. Who gives one of these keys for
// all commands has chosen by himself; the last two depend on each other.
IniSection archive_get(const spec::PostgresCluster& cluster) {
  const auto& given = cluster.spec.backups->pgbackrest->global;
  IniSection section;
  if (!given.contains("io-timeout"))
    section["io-timeout"] = has_volume_repository(cluster) ? "1" : "5";
  if (!given.contains("db-timeout") && !given.contains("protocol-timeout")) {
    section["db-timeout"] = "10";
    section["protocol-timeout"] = "15";
  }
  return section;
}

// One that cannot be reached holds up what the others get: pgBackRest writes a batch of WAL to all
// of them, and asks a lost store again and again first.
bool may_hold_up_others(const spec::PostgresCluster& cluster) {
  const Repositories& all = spec::repositories(cluster);
  return all.size() > 1 &&
         std::ranges::any_of(all, [](const spec::Repository& repo) { return !repo.volume; });
}

// For one command. pgBackRest refuses a key that two files set in the same section, and files of
// users have [global:archive-push] if any such section: ours are the stanza's.
void add_section(Ini& conf, const char* command, IniSection section) {
  if (!section.empty()) conf[concat(kStanza, ":", command)] = std::move(section);
}

// By default a lost store takes three minutes of each batch. One that has no stanza takes no WAL
// anyway: on a path where nothing is, pgBackRest refuses it at once, and goes on with the others.
IniSection archive_push(const spec::PostgresCluster& cluster, const Observed& observed) {
  IniSection section;
  if (!may_hold_up_others(cluster)) return section;
  if (!cluster.spec.backups->pgbackrest->global.contains("io-timeout")) section["io-timeout"] = "5";
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    if (repo.volume || !observed.stanzas_failed.contains(repo.name)) continue;
    section[repo.name + "-type"] = "posix";
    section[repo.name + "-path"] = "/stanza-create-failed/" + repo.name;
  }
  return section;
}

// A backup waits for its last WAL, which is late then. By default it gives up after a minute.
IniSection backup_beside_lost_store(const spec::PostgresCluster& cluster) {
  const auto& given = cluster.spec.backups->pgbackrest->global;
  if (!may_hold_up_others(cluster) || given.contains("archive-timeout")) return {};
  return {{"archive-timeout", "600"}};
}

// stanza-create, wherever it runs, takes the lock of the archive on the primary. archive-push has
// it as long as it tries a store that is lost, which held up the stanzas of all other repositories.
// They need not exclude each other: without a stanza nothing is pushed.
IniSection stanza_create(const spec::PostgresCluster& cluster) {
  const auto& given = cluster.spec.backups->pgbackrest->global;
  const auto path = given.find("lock-path");
  return {{"lock-path", concat(path == given.end() ? kLocks : path->second, "/stanza-create")}};
}

Ini instance_conf(const spec::PostgresCluster& cluster, const Observed& observed) {
  IniSection global{{"archive-async", "y"}, {"log-path", kInstanceLogs}, {"spool-path", kSpool}};
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    add_repository(global, repo);
    if (!repo.volume) continue;
    add_host(global, repo.name + "-host",
             pod_host(cluster, observed, names::repo_host(cluster.name)));
    global[repo.name + "-host-user"] = "postgres";
  }
  add_given(global, cluster);
  withhold(global, observed);
  Ini conf{{"global", global}, {kStanza, local_postgres(cluster, "pg1")}};
  add_section(conf, "archive-get", archive_get(cluster));
  add_section(conf, "archive-push", archive_push(cluster, observed));
  add_section(conf, "stanza-create", stanza_create(cluster));
  return conf;
}

// All instances, so that pgBackRest finds the primary by itself.
IniSection all_instances(const spec::PostgresCluster& cluster, const Observed& observed) {
  std::vector<std::string> names;
  for (const auto& [set, instances] : observed.instances) {
    for (const Instance& instance : instances) names.push_back(instance.name);
  }
  std::ranges::sort(names);
  IniSection section;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string prefix = concat("pg", i + 1);
    section.merge(local_postgres(cluster, prefix));
    add_host(section, prefix + "-host", pod_host(cluster, observed, names[i]));
  }
  return section;
}

const spec::Repository* first_volume(const spec::PostgresCluster& cluster) {
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    if (repo.volume) return &repo;
  }
  return nullptr;
}

Ini repo_host_conf(const spec::PostgresCluster& cluster, const Observed& observed) {
  IniSection global{{"log-path", concat("/pgbackrest/", first_volume(cluster)->name, "/log")}};
  for (const spec::Repository& repo : spec::repositories(cluster)) add_repository(global, repo);
  add_given(global, cluster);
  withhold(global, observed);
  Ini conf{{"global", global}, {kStanza, all_instances(cluster, observed)}};
  add_section(conf, "backup", backup_beside_lost_store(cluster));
  return conf;
}

Ini cloud_conf(const spec::PostgresCluster& cluster, const Observed& observed) {
  IniSection global{{"log-level-file", "off"}};
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    if (!repo.volume) add_repository(global, repo);
  }
  add_given(global, cluster);
  withhold(global, observed);
  Ini conf{{"global", global}, {kStanza, all_instances(cluster, observed)}};
  add_section(conf, "backup", backup_beside_lost_store(cluster));
  return conf;
}

Ini server_conf(const spec::PostgresCluster& cluster, const Observed& observed) {
  const auto version = cluster.annotations.find(annotation::kPgBackRestIpVersion);
  const bool ipv6 = version != cluster.annotations.end() && version->second == "IPv6";
  return {{"global",
           {{"tls-server-address", ipv6 ? "::" : "0.0.0.0"},
            {"tls-server-auth", concat("pgbackrest@", observed.uid, "=*")},
            {"tls-server-ca-file", kTlsAuthorities},
            {"tls-server-cert-file", kServerCertificate},
            {"tls-server-key-file", kServerKey}}},
          {"global:server",
           {{"log-level-console", "detail"},
            {"log-level-file", "off"},
            {"log-level-stderr", "error"},
            {"log-timestamp", "n"}}}};
}

// FNV-1 of 32 bits as decimal digits, in the alphabet that Kubernetes uses for generated names.
std::string safe_hash(std::string_view content) {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::uint32_t hash = 2166136261U;
  for (const char c : content) hash = (hash * 16777619U) ^ static_cast<unsigned char>(c);
  std::string text = std::to_string(hash);
  for (char& c : text) c = kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()];
  return text;
}

}  // namespace

const spec::PgBackRest& pgbackrest_of(const spec::PostgresCluster& cluster) {
  return *cluster.spec.backups->pgbackrest;
}

const spec::Metadata* pgbackrest_metadata(const spec::PostgresCluster& cluster) {
  return spec::has_backups(cluster) ? &pgbackrest_of(cluster).metadata : nullptr;
}

bool has_volume_repository(const spec::PostgresCluster& cluster) {
  return first_volume(cluster) != nullptr;
}

std::string external_repositories_hash(const spec::PostgresCluster& cluster) {
  IniSection stores;
  for (const spec::Repository& repo : spec::repositories(cluster)) add_store(stores, repo);
  return safe_hash(to_text({{"external", stores}}));
}

std::string stored_backups_conf_text(const spec::PostgresCluster& cluster,
                                     const spec::StoredBackups& backups) {
  IniSection global{{"log-path", kInstanceLogs}};
  add_repository(global, backups.repo);
  for (const auto& [key, value] : backups.global) global[key] = value;
  const std::string stanza = backups.stanza.empty() ? kStanza : backups.stanza;
  return to_text({{"global", global}, {stanza, local_postgres(cluster, "pg1")}});
}

std::string repository_options_hash(const spec::Repository& repo) {
  if (repo.volume) return {};
  IniSection store;
  add_store(store, repo);
  return safe_hash(to_text({{repo.name, store}}));
}

std::string instance_conf_text(const spec::PostgresCluster& cluster, const Observed& observed) {
  return to_text(instance_conf(cluster, observed));
}

AsyncFiles async_files(const spec::PostgresCluster& cluster) {
  const auto& given = pgbackrest_of(cluster).global;
  const auto path = [&given](const char* key, const char* usual) {
    const auto found = given.find(key);
    return found == given.end() ? std::string(usual) : found->second;
  };
  return {.spool = concat(path("spool-path", kSpool), "/archive/", kStanza, "/out"),
          .log = concat(path("log-path", kInstanceLogs), "/", kStanza, "-archive-push-async.log")};
}

Json client_certificate_source(const std::string& secret) {
  return secret_source(secret, {{kClientAuthoritiesKey, "~postgres-operator/tls-ca.crt"},
                                {kClientCertificateKey, "~postgres-operator/client-tls.crt"},
                                {kClientPrivateKeyKey, "~postgres-operator/client-tls.key", true}});
}

Json pgbackrest_config_map(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json data = {{kInstanceConf, instance_conf_text(cluster, observed)},
               {kServerConf, to_text(server_conf(cluster, observed))},
               {kConfigHash, external_repositories_hash(cluster)}};
  if (has_volume_repository(cluster)) {
    data[kRepoHostConf] = to_text(repo_host_conf(cluster, observed));
  }
  const auto external = [](const spec::Repository& repo) { return !repo.volume; };
  if (std::ranges::any_of(spec::repositories(cluster), external)) {
    data[kCloudConf] = to_text(cloud_conf(cluster, observed));
  }
  Json map = owned_object(
      kConfigMap, cluster, observed, names::pgbackrest_config(cluster.name),
      {{label::kCluster, cluster.name}, {label::kPgBackRest, ""}, {label::kPgBackRestConfig, ""}},
      &cluster.spec.backups->pgbackrest->metadata);
  map["data"] = data;
  return map;
}

Json pgbackrest_config_volume(const spec::PostgresCluster& cluster, const std::string& conf,
                              ServerFiles server) {
  std::vector<ProjectedFile> files{{conf, conf}, {kConfigHash, kConfigHash}};
  if (server == ServerFiles::kYes) {
    files.push_back({kServerConf, "~postgres-operator_server.conf"});
  }
  Json secret = client_certificate_source(names::pgbackrest_secret(cluster.name));
  // A pod that is already there when backups are added must not wait for this Secret.
  secret["secret"]["optional"] = true;
  Json sources = list_of(cluster.spec.backups->pgbackrest->configuration);
  sources.push_back(config_map_source(names::pgbackrest_config(cluster.name), files));
  sources.push_back(secret);
  return projected_volume("pgbackrest-config", sources);
}

std::string replica_create_command(const spec::PostgresCluster& cluster, const Observed& observed,
                                   const spec::InstanceSet& set) {
  const Repositories& repos = spec::repositories(cluster);
  auto repo = std::ranges::find(repos, observed.replica_repo, &spec::Repository::name);
  if (repo == repos.end()) repo = repos.begin();
  const std::string followed = followed_repository(cluster, observed);
  const bool is_chosen = observed.bootstrap_state.replica_create_backup_complete;
  const std::string wal =
      paths::wal(cluster.spec.postgres_version, set.wal_volume_claim_spec.has_value());
  // Patroni removes the folder of a failed attempt, and pgBackRest wants it to be there.
  return concat(R"(bash -ceu -- 'install --directory --mode=0700 "$PGDATA" && exec "$@"' -)",
                " pgbackrest restore --delta --stanza=", kStanza,
                " --repo=", is_chosen || followed.empty() ? std::string(repo->index()) : followed,
                " --link-map=pg_wal=", wal, " --type=standby");
}

}  // namespace annals::manifests

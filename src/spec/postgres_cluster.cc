#include "spec/postgres_cluster.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/concat.h"
#include "spec/fields.h"
#include "spec/parameters.h"
#include "spec/redaction.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr std::int32_t kPostgresVersionMin = 11;
constexpr std::int32_t kPostgresVersionMax = 18;
constexpr std::size_t kUsersMax = 64;
// A StatefulSet's name, {cluster}-{set}-{4 characters}, fits in the labels that Kubernetes makes of
// it.
constexpr std::size_t kClusterAndSetMax = 46;
// Far more than an API server stores, and no deeper than anything that it accepts.
constexpr std::size_t kTextMax = 4U << 20U;
constexpr int kDepthMax = 64;

enum class PullPolicy : std::uint8_t { kDefault, kAlways, kNever, kIfNotPresent };
constexpr Choices<PullPolicy, 3> kPullPolicies{{{"Always", PullPolicy::kAlways},
                                                {"Never", PullPolicy::kNever},
                                                {"IfNotPresent", PullPolicy::kIfNotPresent}}};

void describe_image(Fields& fields, PostgresClusterSpec& spec) {
  fields.text("image", spec.image);
  std::optional<PullPolicy> policy;
  for (const auto& [text, value] : kPullPolicies) {
    if (text == spec.image_pull_policy) policy = value;
  }
  fields.choice("imagePullPolicy", policy, kPullPolicies);
  for (const auto& [text, value] : kPullPolicies) {
    if (value == policy) spec.image_pull_policy = text;
  }
  fields.opaque("imagePullSecrets", spec.image_pull_secrets, Shape::kArray);
}

void describe_postgres(Fields& fields, PostgresClusterSpec& spec) {
  fields.require("postgresVersion", "give the major version of PostgreSQL, such as 15");
  fields.number("postgresVersion", spec.postgres_version);
  fields.check(!fields.has("postgresVersion") || (spec.postgres_version >= kPostgresVersionMin &&
                                                  spec.postgres_version <= kPostgresVersionMax),
               "postgresVersion", "choose a major version from 11 to 18");
  fields.text("postGISVersion", spec.post_gis_version);
  fields.number("port", spec.port);
  fields.check(spec.port >= 1024 && spec.port <= 65535, "port", "choose a port from 1024 to 65535");
  fields.part("config", spec.config);
  fields.check(!spec.config.parameters.contains("ssl_groups") || spec.postgres_version > 17,
               "config", "remove parameters.ssl_groups; it needs PostgreSQL 18");
  fields.part("authentication", spec.authentication);
  fields.part("databaseInitSQL", spec.database_init_sql);
}

void describe_users(Fields& fields, PostgresClusterSpec& spec) {
  fields.parts("users", spec.users, Keyed::kByName);
  fields.check(!spec.users || spec.users->size() <= kUsersMax, "users", "define at most 64 users");
}

// Sets without a name are numbered, so that the first is "00".
void name_instance_sets(std::vector<InstanceSet>& sets) {
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].name.empty()) sets[i].name = concat(i < 10 ? "0" : "", i);
  }
}

void describe_instances(Fields& fields, PostgresClusterSpec& spec) {
  fields.require("instances", "define at least one instance set");
  fields.parts("instances", spec.instances, Keyed::kByName);
  fields.check(!fields.has_empty_list("instances"), "instances",
               "define at least one instance set");
  if (!fields.is_reading()) return;
  name_instance_sets(spec.instances);
  std::set<std::string> names;
  for (const InstanceSet& set : spec.instances) names.insert(set.name);
  fields.check(names.size() == spec.instances.size(), "instances",
               "give each instance set a unique name");
}

void describe_tls(Fields& fields, PostgresClusterSpec& spec) {
  fields.part("customTLSSecret", spec.custom_tls_secret);
  fields.part("customReplicationTLSSecret", spec.custom_replication_tls_secret);
}

void describe_standby(Fields& fields, PostgresClusterSpec& spec) {
  fields.part("standby", spec.standby);
  if (!spec.standby || !spec.standby->enabled || spec.standby->repo_name.empty()) return;
  const auto named = [&](const Repository& repo) { return repo.name == spec.standby->repo_name; };
  const Repository* source = nullptr;
  if (spec.backups && spec.backups->pgbackrest) {
    const auto found = std::ranges::find_if(spec.backups->pgbackrest->repos, named);
    if (found != spec.backups->pgbackrest->repos.end()) source = &*found;
  }
  fields.check(source != nullptr, "standby",
               "set repoName to one of spec.backups.pgbackrest.repos");
  if (source != nullptr && source->volume)
    fields.doubt("standby.repoName", spec.standby->repo_name,
                 "name a repository in an object store: the volume of this one is this cluster's "
                 "own, and is empty unless the other cluster's backups were copied to it");
}

void check_groups(Fields& fields, PostgresClusterSpec& spec) {
  fields.numbers("supplementalGroups", spec.supplemental_groups);
  const auto is_group = [](std::int64_t id) { return id >= 1 && id <= 2147483647; };
  fields.check(std::ranges::all_of(spec.supplemental_groups, is_group), "supplementalGroups",
               "give group IDs from 1 to 2147483647");
}

// How deep arrays and objects are nested, without parsing: parsing and printing recurse.
int depth_of(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

void check_names(const PostgresCluster& cluster, Findings& findings) {
  const auto mistake = [&](std::string field, const std::string& value, std::string_view remedy) {
    findings.mistakes.push_back({std::move(field), concat('"', value, '"'), std::string(remedy)});
  };
  const auto store = cluster.annotations.find(kPatroniStore);
  if (store != cluster.annotations.end() && store->second != kInEndpoints &&
      store->second != kInConfigMaps) {
    mistake(concat("metadata.annotations[", kPatroniStore, "]"), store->second,
            "set endpoints or configmaps, or remove the annotation");
  }
  if (!is_service_name(cluster.name)) {
    mistake("metadata.name", cluster.name,
            "begin with a lower-case letter and use only lower-case letters, digits and inner "
            "dashes; Services are named after the cluster");
  }
  for (std::size_t i = 0; i < cluster.spec.instances.size(); ++i) {
    const std::string& set = cluster.spec.instances[i].name;
    if (cluster.name.size() + set.size() <= kClusterAndSetMax) continue;
    mistake(concat("spec.instances[", i, "].name"), set,
            "shorten it: the cluster's and the set's name may have 46 characters together");
  }
}

// It would wait for itself for ever.
void check_standby_host(const PostgresCluster& cluster, Findings& findings) {
  const std::optional<Standby>& standby = cluster.spec.standby;
  if (!standby || !standby->enabled ||
      !is_host_of(standby->host, cluster.name, cluster.namespace_name))
    return;
  findings.mistakes.push_back({"spec.standby.host", concat('"', standby->host, '"'),
                               "give a host of the cluster to follow, not of this one"});
}

void check_source_login(const PostgresCluster& cluster, Findings& findings) {
  const std::string secret = source_login(cluster);
  if (secret.empty()) return;
  const auto mistake = [&](const char* remedy) {
    findings.mistakes.push_back(
        {concat("metadata.annotations[", kStandbyLogin, "]"), concat('"', secret, '"'), remedy});
  };
  if (!is_dns_subdomain(secret))
    mistake("give the name of a Secret in the cluster's namespace, with the key password");
  const std::optional<Standby>& standby = cluster.spec.standby;
  if (standby && standby->enabled && standby->host.empty())
    mistake(
        "give spec.standby.host: the server that this is the login of; or remove the annotation");
}

void read_resource(const Json& resource, Reading& reading) {
  Fields fields = Fields::reading(resource, "", reading.findings);
  fields.require("metadata", "give the resource a name");
  fields.require("spec", "define the cluster");
  if (fields.has("metadata") && resource["metadata"].is_object()) {
    Fields metadata = Fields::reading(resource["metadata"], "metadata", reading.findings);
    metadata.text("name", reading.cluster.name);
    metadata.text("namespace", reading.cluster.namespace_name);
    metadata.map("annotations", reading.cluster.annotations);
  }
  fields.part("spec", reading.cluster.spec);
  check_names(reading.cluster, reading.findings);
  check_standby_host(reading.cluster, reading.findings);
  check_source_login(reading.cluster, reading.findings);
}

}  // namespace

void describe(Fields& fields, DatabaseInitSql& sql) {
  fields.require("name", "name the ConfigMap");
  fields.text("name", sql.name);
  fields.require("key", "name the key of the ConfigMap");
  fields.text("key", sql.key);
  fields.check(!fields.has("key") || is_data_key(sql.key), "key",
               "give a key that is not . and does not begin with ..");
}

void describe(Fields& fields, PostgresClusterSpec& spec) {
  fields.part("metadata", spec.metadata);
  describe_image(fields, spec);
  describe_postgres(fields, spec);
  describe_instances(fields, spec);
  describe_users(fields, spec);
  fields.part("patroni", spec.patroni);
  check_parameters(fields, spec);
  fields.part("service", spec.service);
  fields.part("replicaService", spec.replica_service);
  describe_tls(fields, spec);
  fields.part("backups", spec.backups);
  fields.part("dataSource", spec.data_source);
  describe_standby(fields, spec);
  fields.part("proxy", spec.proxy);
  check_groups(fields, spec);
  fields.flag("openshift", spec.openshift);
  fields.flag("disableDefaultPodScheduling", spec.disable_default_pod_scheduling);
  fields.flag("shutdown", spec.shutdown);
  fields.flag("paused", spec.paused);
  fields.not_yet("monitoring", spec.monitoring);
  fields.not_yet("instrumentation", spec.instrumentation);
  fields.not_yet("userInterface", spec.user_interface);
}

Reading read_postgres_cluster(std::string_view json) {
  Reading reading;
  const auto unreadable = [&](std::string_view remedy) {
    reading.findings.mistakes.push_back({"resource", "unreadable", std::string(remedy)});
    return reading;
  };
  if (json.size() > kTextMax) return unreadable("keep it below 4 MiB");
  if (depth_of(json) > kDepthMax) return unreadable("nest objects and lists at most 64 deep");
  const Json resource = Json::parse(json, nullptr, false);
  if (!resource.is_object()) return unreadable("give a JSON object");
  read_resource(resource, reading);
  std::vector<Mistake> secrets = redacted_places(json);
  std::ranges::move(secrets, std::back_inserter(reading.findings.mistakes));
  return reading;
}

Result<PostgresCluster> parse_postgres_cluster(std::string_view json) {
  Reading reading = read_postgres_cluster(json);
  if (reading.findings.mistakes.empty()) return std::move(reading.cluster);
  std::string detail;
  for (const Mistake& mistake : reading.findings.mistakes) {
    detail += concat(detail.empty() ? "" : "; ", mistake);
  }
  return fail(Errc::kInvalid, detail);
}

std::string print_postgres_cluster(const PostgresCluster& cluster) {
  Json resource;
  resource["metadata"]["name"] = cluster.name;
  if (!cluster.namespace_name.empty()) resource["metadata"]["namespace"] = cluster.namespace_name;
  if (!cluster.annotations.empty()) resource["metadata"]["annotations"] = cluster.annotations;
  PostgresClusterSpec copy = cluster.spec;  // a description takes what it describes by reference
  Fields fields = Fields::printing(resource);
  fields.part("spec", copy);
  return resource.dump();
}

std::vector<User> effective_users(const PostgresCluster& cluster) {
  if (cluster.spec.users) return *cluster.spec.users;
  if (!is_user_name(cluster.name)) return {};
  User user;
  user.name = cluster.name;
  user.databases = {cluster.name};
  return {user};
}

bool asks_for_config_maps(const PostgresCluster& cluster) {
  const auto store = cluster.annotations.find(kPatroniStore);
  return store != cluster.annotations.end() && store->second == kInConfigMaps;
}

std::string source_login(const PostgresCluster& cluster) {
  const auto found = cluster.annotations.find(kStandbyLogin);
  return found == cluster.annotations.end() ? std::string() : found->second;
}

bool asks_for_standby(const PostgresCluster& cluster) {
  if (cluster.spec.standby && cluster.spec.standby->enabled) return true;
  const std::string& dynamic = cluster.spec.patroni.dynamic_configuration.json;
  if (!dynamic.contains("\"standby_cluster\"")) return false;
  const Json parsed = Json::parse(dynamic, nullptr, false);
  const auto given = parsed.is_object() ? parsed.find("standby_cluster") : parsed.end();
  return given != parsed.end() && given->is_object() && !given->empty();
}

bool has_backups(const PostgresCluster& cluster) {
  return cluster.spec.backups && cluster.spec.backups->pgbackrest;
}

const std::vector<Repository>& repositories(const PostgresCluster& cluster) {
  static const std::vector<Repository> kNone;
  return has_backups(cluster) ? cluster.spec.backups->pgbackrest->repos : kNone;
}

}  // namespace annals::spec

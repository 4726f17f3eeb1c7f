#include "manifests/pgbackrest/pgbackrest.h"

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/data_volumes.h"
#include "manifests/images.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::manifests {
namespace {

constexpr const char* kServerVolume = "pgbackrest-server";
constexpr const char* kConfigVolume = "pgbackrest-config";

// The server reads certificates and its settings again on a hangup; its files are swapped by a
// link, which changes their time.
constexpr const char* kReloadScript = R"bash(
folder=/etc/pgbackrest/conf.d
times() { stat --format=%y --dereference /etc/pgbackrest/server "$folder/~postgres-operator/tls-ca.crt" "$folder/~postgres-operator_server.conf" 2>/dev/null || true; }
monitor() {
  local seen now
  seen=$(times)
  while sleep 5; do
    now=$(times)
    [[ $now != "$seen" ]] || continue
    echo "certificates or configuration have changed"
    if pkill --signal HUP --older 10 --exact --parent=0 pgbackrest; then seen=$now; fi
  done
}
export folder
export -f times monitor
exec -a "$0" bash -ceuo pipefail -- monitor
)bash";

spec::Resources resources_of(const std::optional<spec::Sidecar>& sidecar) {
  return sidecar ? sidecar->resources : spec::Resources{};
}

Json server_volume(const std::string& secret, const std::string& prefix) {
  return projected_volume(
      kServerVolume,
      Json::array({secret_source(secret, {{prefix + ".crt", "server-tls.crt"},
                                          {prefix + ".key", "server-tls.key", true}})}));
}

Json config_mounts() {
  return Json::array({read_only_mount(kServerVolume, paths::kPgBackRestServer),
                      read_only_mount(kConfigVolume, paths::kPgBackRestConfig)});
}

Json server_container(const spec::PostgresCluster& cluster, const std::string& image,
                      const spec::Resources& resources, const Json& data_mounts) {
  Json server = container(cluster, kPgBackRestContainer, image, resources);
  server["command"] = Json::array({"pgbackrest", "server"});
  server["env"] = nss_wrapper_variables();
  server["livenessProbe"] = {{"exec", {{"command", Json::array({"pgbackrest", "server-ping"})}}}};
  server["volumeMounts"] = config_mounts();
  append(server["volumeMounts"], data_mounts);
  server["volumeMounts"].push_back(tmp_mount());
  return server;
}

Json reload_container(const spec::PostgresCluster& cluster, const std::string& image) {
  Json reload = container(cluster, kPgBackRestConfigContainer, image,
                          resources_of(pgbackrest_of(cluster).sidecars.pgbackrest_config));
  reload["command"] = bash_command(kPgBackRestConfigContainer, kReloadScript);
  reload["volumeMounts"] = config_mounts();
  reload["volumeMounts"].push_back(tmp_mount());
  return reload;
}

Labels repo_host_labels(const spec::PostgresCluster& cluster) {
  return {
      {label::kCluster, cluster.name}, {label::kPgBackRest, ""}, {label::kPgBackRestDedicated, ""}};
}

spec::RepoHost host_settings(const spec::PostgresCluster& cluster) {
  return pgbackrest_of(cluster).repo_host.value_or(spec::RepoHost{});
}

// pgBackRest makes folders in its repository but not the one of its own log.
Json log_dir_container(const spec::PostgresCluster& cluster, const std::string& image,
                       const Json& repo_mounts) {
  std::string log;
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    if (repo.volume && log.empty()) log = concat("/pgbackrest/", repo.name, "/log");
  }
  Json init = container(cluster, kLogDirContainer, image, host_settings(cluster).resources);
  init["command"] = Json::array({"mkdir", "--parents", log});
  init["volumeMounts"] = repo_mounts;
  init["volumeMounts"].push_back(tmp_mount());
  return init;
}

Json repo_host_pod(const spec::PostgresCluster& cluster, const Observed& observed) {
  const std::string image = pgbackrest_image(cluster, observed);
  const spec::RepoHost host = host_settings(cluster);
  Json volumes = Json::array(
      {server_volume(names::pgbackrest_secret(cluster.name), "pgbackrest-repo-host"),
       pgbackrest_config_volume(cluster, kRepoHostConf, ServerFiles::kYes), tmp_volume()});
  Json mounts = Json::array();
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    if (!repo.volume) continue;
    volumes.push_back(
        claim_volume(repo.name, claim_for(observed, names::repo_volume(cluster.name, repo.name))));
    mounts.push_back(mount(repo.name, "/pgbackrest/" + repo.name));
  }
  Json pod = pod_defaults(cluster, observed);
  pod["automountServiceAccountToken"] = false;
  pod["serviceAccountName"] = names::repo_host_account(cluster.name);
  pod["shareProcessNamespace"] = true;
  schedule(pod, cluster, host.scheduling);
  pod["volumes"] = volumes;
  pod["initContainers"] = Json::array({log_dir_container(cluster, image, mounts),
                                       nss_wrapper_container(cluster, image, host.resources)});
  pod["containers"] = Json::array(
      {server_container(cluster, image, host.resources, mounts), reload_container(cluster, image)});
  return pod;
}

// It is there before the first instance starts, and until the last one has ended.
bool is_repo_host_running(const spec::PostgresCluster& cluster, const Observed& observed) {
  if (observed.repository_moves) return false;
  return !cluster.spec.shutdown || observed.repo_host_running;
}

}  // namespace

CertificateSecret pgbackrest_certificates(const spec::PostgresCluster& cluster,
                                          const Observed& observed) {
  const spec::Metadata* component = &pgbackrest_of(cluster).metadata;
  const Labels labels{
      {label::kCluster, cluster.name}, {label::kPgBackRest, ""}, {label::kPgBackRestConfig, ""}};
  Leaf client;
  client.common_name = concat("pgbackrest@", observed.uid);
  client.client = true;
  client.files = {{kClientAuthoritiesKey, Content::kAuthority},
                  {kClientCertificateKey, Content::kCertificate},
                  {kClientPrivateKeyKey, Content::kPrivateKey}};
  CertificateSecret secret{{names::pgbackrest_secret(cluster.name), cluster.namespace_name,
                            merged_labels(cluster, component, labels),
                            merged_annotations(cluster, component), Ownership::kController},
                           kRootAuthority,
                           {client}};
  if (has_volume_repository(cluster)) {
    const std::string host =
        concat(names::repo_host(cluster.name), "-0.", names::pods(cluster.name));
    Leaf server;
    server.dns_names = dns_names(host, cluster.namespace_name, observed.cluster_domain);
    server.common_name = common_name_of(server.dns_names);
    server.server = true;
    server.files = {{"pgbackrest-repo-host.crt", Content::kCertificate},
                    {"pgbackrest-repo-host.key", Content::kPrivateKey}};
    secret.leaves.push_back(std::move(server));
  }
  return secret;
}

void add_pgbackrest(Json& pod, const spec::PostgresCluster& cluster, const Observed& observed,
                    const Instance& instance, const Json& data_mounts) {
  const std::string image = pgbackrest_image(cluster, observed);
  pod["volumes"].push_back(
      server_volume(names::instance_certificates(instance.name), "pgbackrest-server"));
  pod["volumes"].push_back(pgbackrest_config_volume(cluster, kInstanceConf, ServerFiles::kYes));
  for (Json& one : pod["containers"]) {
    if (one["name"] != kDatabaseContainer) continue;
    one["volumeMounts"].push_back(read_only_mount(kConfigVolume, paths::kPgBackRestConfig));
  }
  pod["containers"].push_back(server_container(
      cluster, image, resources_of(pgbackrest_of(cluster).sidecars.pgbackrest), data_mounts));
  pod["containers"].push_back(reload_container(cluster, image));
}

std::vector<Json> repository_claims(const spec::PostgresCluster& cluster,
                                    const Observed& observed) {
  std::vector<Json> claims;
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    if (!repo.volume) continue;
    const Labels labels{{label::kCluster, cluster.name},
                        {label::kPgBackRest, ""},
                        {label::kPgBackRestRepo, repo.name},
                        {label::kPgBackRestVolume, ""},
                        {label::kData, kDataPgBackRest}};
    Json claim =
        owned_object(kVolumeClaim, cluster, observed, names::repo_volume(cluster.name, repo.name),
                     labels, &pgbackrest_of(cluster).metadata);
    claim["spec"] = value_of(repo.volume->volume_claim_spec.json);
    take_adopted(claim, observed);
    claims.push_back(claim);
  }
  return claims;
}

Json repo_host(const spec::PostgresCluster& cluster, const Observed& observed) {
  const spec::Metadata* component = &pgbackrest_of(cluster).metadata;
  const Labels selector = repo_host_labels(cluster);
  Labels labels = selector;
  labels[label::kData] = kDataPgBackRest;
  Json object = owned_object(kStatefulSet, cluster, observed, names::repo_host(cluster.name),
                             labels, component);
  object["spec"] = {{"podManagementPolicy", "Parallel"},
                    {"replicas", is_repo_host_running(cluster, observed) ? 1 : 0},
                    {"revisionHistoryLimit", 0},
                    {"selector", match_labels(selector)},
                    {"serviceName", names::pods(cluster.name)},
                    {"updateStrategy", {{"type", "OnDelete"}}},
                    {"template",
                     {{"metadata", pod_metadata(cluster, component, labels,
                                                {{kDefaultContainer, kPgBackRestContainer}})},
                      {"spec", repo_host_pod(cluster, observed)}}}};
  return object;
}

}  // namespace annals::manifests

#include "manifests/instance/instance_pod.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/data_volumes.h"
#include "manifests/images.h"
#include "manifests/instance/cert_copy.h"
#include "manifests/instance/copy_from_source.h"
#include "manifests/instance/source_login.h"
#include "manifests/instance/startup.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/pgbackrest.h"
#include "manifests/secrets/custom_tls_certificates.h"

namespace annals::manifests {
namespace {

constexpr const char* kCertificateVolume = "cert-volume";
constexpr const char* kContainerInfoVolume = "database-containerinfo";
constexpr const char* kFilesVolume = "postgres-config";
constexpr const char* kTempVolume = "postgres-temp";
constexpr const char* kPatroniVolume = "patroni-config";
constexpr const char* kSharedMemoryVolume = "dshm";

// --- Volumes ---

std::vector<ProjectedFile> tls_files(const std::string& folder) {
  return {{"tls.crt", folder + "tls.crt", true},
          {"tls.key", folder + "tls.key", true},
          {"ca.crt", folder + "ca.crt", true}};
}

// Certificate and key are the user's where he brings them; what is trusted is ours in any case.
void add_certificate(Json& sources, const std::optional<spec::TlsSecret>& custom_tls,
                     const std::string& ours, const std::string& folder) {
  if (custom_tls) {
    sources.push_back(custom_tls_source(*custom_tls, folder));
    sources.push_back(secret_source(ours, {{"ca.crt", folder + "ca.crt", true}}));
  } else {
    sources.push_back(secret_source(ours, tls_files(folder)));
  }
}

Json certificate_volume(const spec::PostgresCluster& cluster) {
  Json sources = Json::array();
  add_certificate(sources, cluster.spec.custom_tls_secret, names::server_certificate(cluster.name),
                  "");
  add_certificate(sources, cluster.spec.custom_replication_tls_secret,
                  names::replication_certificate(cluster.name), "replication/");
  Json volume = projected_volume(kCertificateVolume, std::move(sources));
  volume["projected"]["defaultMode"] = 0600;
  return volume;
}

Json patroni_volume(const spec::PostgresCluster& cluster, const Instance& instance) {
  std::vector<ProjectedFile> shared{{"patroni.yaml", "~postgres-operator_cluster.yaml"}};
  if (!spec::source_login(cluster).empty())
    shared.push_back({kCopyFromSourceKey, "~postgres-operator/copy-from-source"});
  return projected_volume(
      kPatroniVolume,
      Json::array(
          {config_map_source(names::config(cluster.name), shared),
           config_map_source(names::instance_config(instance.name),
                             {{"patroni.yaml", "~postgres-operator_instance.yaml"}}),
           secret_source(names::instance_certificates(instance.name),
                         {{"patroni.ca-roots", "~postgres-operator/patroni.ca-roots"},
                          {"patroni.crt-combined", "~postgres-operator/patroni.crt+key", true}})}));
}

// What the container may use and is called, for queries of monitoring.
Json container_info_volume() {
  const auto resource = [](const char* path, const char* name) {
    Json reference = {{"containerName", kDatabaseContainer}, {"divisor", "0"}, {"resource", name}};
    return Json{{"path", path}, {"resourceFieldRef", std::move(reference)}};
  };
  const auto field = [](const char* path, const char* name) {
    Json reference = {{"apiVersion", "v1"}, {"fieldPath", name}};
    return Json{{"path", path}, {"fieldRef", std::move(reference)}};
  };
  Json items = Json::array(
      {resource("cpu_limit", "limits.cpu"), resource("cpu_request", "requests.cpu"),
       resource("mem_limit", "limits.memory"), resource("mem_request", "requests.memory"),
       field("labels", "metadata.labels"), field("annotations", "metadata.annotations")});
  return {{"name", kContainerInfoVolume}, {"downwardAPI", {{"items", std::move(items)}}}};
}

Json temp_volume(const spec::PostgresCluster& cluster, const spec::InstanceSet& set) {
  Json claim = {{"spec", value_of(set.volumes.temp->json)}};
  Labels labels = cluster.spec.metadata.labels;
  labels.insert({{label::kCluster, cluster.name}, {label::kInstanceSet, set.name}});
  claim["metadata"] = {{"labels", labels}};
  return {{"name", kTempVolume}, {"ephemeral", {{"volumeClaimTemplate", claim}}}};
}

Json instance_volumes(const spec::PostgresCluster& cluster, const Observed& observed,
                      const spec::InstanceSet& set, const Instance& instance) {
  Json volumes =
      Json::array({certificate_volume(cluster), data_volume(observed, instance),
                   container_info_volume(), patroni_volume(cluster, instance), tmp_volume(),
                   Json{{"name", kSharedMemoryVolume}, {"emptyDir", {{"medium", "Memory"}}}}});
  append(volumes, further_data_volumes(observed, set, instance));
  if (set.volumes.temp) volumes.push_back(temp_volume(cluster, set));
  if (!spec::source_login(cluster).empty()) volumes.push_back(source_login_volume(cluster));
  Json files = list_of(cluster.spec.config.files);
  if (!files.empty()) volumes.push_back(projected_volume(kFilesVolume, std::move(files)));
  return volumes;
}

// --- Mounts ---

Json startup_mounts(const spec::PostgresCluster& cluster, const spec::InstanceSet& set) {
  Json mounts = data_mounts(set);
  mounts.push_back(read_only_mount(kCertificateVolume, paths::kCertificates));
  if (!spec::source_login(cluster).empty()) mounts.push_back(source_login_mount());
  mounts.push_back(tmp_mount());
  return mounts;
}

Json database_mounts(const spec::PostgresCluster& cluster, const spec::InstanceSet& set) {
  Json mounts = startup_mounts(cluster, set);
  mounts.push_back(read_only_mount(kContainerInfoVolume, "/etc/database-containerinfo"));
  mounts.push_back(read_only_mount(kPatroniVolume, paths::kPatroni));
  mounts.push_back(mount(kSharedMemoryVolume, "/dev/shm"));
  if (set.volumes.temp) mounts.push_back(mount(kTempVolume, "/pgtmp"));
  if (!list_of(cluster.spec.config.files).empty()) {
    mounts.push_back(read_only_mount(kFilesVolume, paths::kPostgresFiles));
  }
  return mounts;
}

// --- The database container ---

// Patroni writes these in the Endpoints of the leader.
std::string leader_ports(const spec::PostgresCluster& cluster) {
  const Json port = {{"name", kPostgresPort}, {"port", cluster.spec.port}, {"protocol", "TCP"}};
  return canonical(Json::array({port}));
}

Json database_variables(const spec::PostgresCluster& cluster) {
  const std::string port = std::to_string(cluster.spec.port);
  const std::string api_port = std::to_string(cluster.spec.patroni.port);
  const std::string data = paths::data(cluster.spec.postgres_version);
  const std::string host = concat("$(PATRONI_NAME).", names::pods(cluster.name), ":");
  Json variables = Json::array({
      field_variable("PATRONI_NAME", "metadata.name"),  // first: others refer to it
      field_variable("PATRONI_KUBERNETES_POD_IP", "status.podIP"),
      variable("PATRONI_KUBERNETES_PORTS", leader_ports(cluster)),
      variable("PATRONI_POSTGRESQL_CONNECT_ADDRESS", host + port),
      variable("PATRONI_POSTGRESQL_LISTEN", "*:" + port),
      variable("PATRONI_POSTGRESQL_CONFIG_DIR", data),
      variable("PATRONI_POSTGRESQL_DATA_DIR", data),
      variable("PATRONI_RESTAPI_CONNECT_ADDRESS", host + api_port),
      variable("PATRONI_RESTAPI_LISTEN", "*:" + api_port),
      variable("PATRONICTL_CONFIG_FILE", paths::kPatroni),
      variable("PGDATA", data),
      variable("PGHOST", paths::kSocket),
      variable("PGPORT", port),
      variable("KRB5_CONFIG", "/etc/postgres/krb5.conf"),
      variable("KRB5RCACHEDIR", "/tmp"),
      variable("LDAPTLS_CACERT", "/etc/postgres/ldap/ca.crt"),
  });
  if (!spec::source_login(cluster).empty()) variables.push_back(source_login_variable());
  append(variables, nss_wrapper_variables());
  return variables;
}

Json probe(const spec::PostgresCluster& cluster, const char* path) {
  const spec::Patroni& patroni = cluster.spec.patroni;
  return {{"httpGet", {{"path", path}, {"port", patroni.port}, {"scheme", "HTTPS"}}},
          {"initialDelaySeconds", 3},
          {"periodSeconds", patroni.sync_period_seconds},
          {"timeoutSeconds", std::max(1, patroni.sync_period_seconds / 2)},
          {"successThreshold", 1},
          {"failureThreshold",
           std::max(1, patroni.leader_lease_duration_seconds / patroni.sync_period_seconds)}};
}

// A Patroni that starts while the API server is away opens no port, not even /liveness, until that
// answers. Ending it gains nothing and makes it wait anew, so that it is given a day.
Json startup_probe(const spec::PostgresCluster& cluster) {
  constexpr int kPeriodSeconds = 2;
  constexpr int kDaySeconds = 24 * 60 * 60;
  return {{"httpGet",
           {{"path", "/liveness"}, {"port", cluster.spec.patroni.port}, {"scheme", "HTTPS"}}},
          {"periodSeconds", kPeriodSeconds},
          {"timeoutSeconds", 5},
          {"successThreshold", 1},
          {"failureThreshold", kDaySeconds / kPeriodSeconds}};
}

Json database_container(const spec::PostgresCluster& cluster, const spec::InstanceSet& set,
                        const std::string& image) {
  Json database = container(cluster, kDatabaseContainer, image, set.resources);
  database["command"] = Json::array({"patroni", paths::kPatroni});
  database["env"] = database_variables(cluster);
  database["startupProbe"] = startup_probe(cluster);
  database["livenessProbe"] = probe(cluster, "/liveness");
  database["readinessProbe"] = probe(cluster, "/readiness");
  Json port = {{"name", kPostgresPort}, {"containerPort", cluster.spec.port}, {"protocol", "TCP"}};
  database["ports"] = Json::array({std::move(port)});
  database["volumeMounts"] = database_mounts(cluster, set);
  return database;
}

Json cert_copy_mounts(const spec::PostgresCluster& cluster) {
  Json mounts = Json::array({read_only_mount(kCertificateVolume, paths::kCertificates),
                             read_only_mount(kPatroniVolume, paths::kPatroni), tmp_mount()});
  if (!spec::source_login(cluster).empty()) mounts.push_back(source_login_mount());
  return mounts;
}

}  // namespace

Json instance_pod(const spec::PostgresCluster& cluster, const Observed& observed,
                  const spec::InstanceSet& set, const Instance& instance) {
  const std::string image = postgres_image(cluster, observed);
  Json pod = pod_defaults(cluster, observed);
  pod["serviceAccountName"] = names::instance_account(cluster.name);
  pod["shareProcessNamespace"] = true;
  schedule(pod, cluster, set.scheduling);
  pod["volumes"] = instance_volumes(cluster, observed, set, instance);
  pod["initContainers"] =
      Json::array({startup_container(cluster, set, image, startup_mounts(cluster, set)),
                   nss_wrapper_container(cluster, image, set.resources)});
  pod["containers"] =
      Json::array({database_container(cluster, set, image),
                   cert_copy_container(cluster, set, image, cert_copy_mounts(cluster))});
  if (spec::has_backups(cluster)) {
    add_pgbackrest(pod, cluster, observed, instance, data_mounts(set));
  }
  append(pod["containers"], list_of(set.containers));
  return pod;
}

}  // namespace annals::manifests

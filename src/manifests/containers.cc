#include "manifests/containers.h"

#include <utility>

#include "base/concat.h"
#include "manifests/names.h"
#include "manifests/object.h"

namespace annals::manifests {
namespace {

constexpr int kPrivateMode = 0600;
constexpr int kPostgresGroup = 26;
// pgBackRest, psql and the files of a restore work here; a pod that exceeds it is evicted.
constexpr const char* kTmpSize = "128Mi";

// Our own name comes first, so that the user id is known as postgres whatever the image says of it.
constexpr const char* kNssWrapperScript = R"bash(
folder=/tmp/nss_wrapper/postgres
install --directory "$folder"
user=$(id -u) group=$(id -g)
{ printf 'postgres:x:%s:%s:PostgreSQL:/tmp:/bin/bash\n' "$user" "$group"
  grep --invert-match '^postgres:' /etc/passwd; } >"$folder/passwd"
{ printf 'postgres:x:%s:\n' "$group"
  grep --invert-match '^postgres:' /etc/group; } >"$folder/group"
)bash";

Json projected_items(const std::vector<ProjectedFile>& files) {
  Json items = Json::array();
  for (const ProjectedFile& file : files) {
    Json item = {{"key", file.key}, {"path", file.path}};
    if (file.is_private) item["mode"] = kPrivateMode;
    items.push_back(std::move(item));
  }
  return items;
}

Json restricted() {
  return {{"allowPrivilegeEscalation", false},
          {"capabilities", {{"drop", Json::array({"ALL"})}}},
          {"privileged", false},
          {"readOnlyRootFilesystem", true},
          {"runAsNonRoot", true},
          {"seccompProfile", {{"type", "RuntimeDefault"}}}};
}

Json pod_security(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json security = {{"fsGroupChangePolicy", "OnRootMismatch"}};
  if (!is_openshift(cluster, observed)) security["fsGroup"] = kPostgresGroup;
  set_given(security, "supplementalGroups", cluster.spec.supplemental_groups);
  return security;
}

Json default_spread(const spec::PostgresCluster& cluster, const char* topology_key) {
  Json data = {{"key", label::kData},
               {"operator", "In"},
               {"values", Json::array({kDataPostgres, kDataPgBackRest})}};
  Json selector = match_labels({{label::kCluster, cluster.name}});
  selector["matchExpressions"] = Json::array({std::move(data)});
  return {{"labelSelector", std::move(selector)},
          {"maxSkew", 1},
          {"topologyKey", topology_key},
          {"whenUnsatisfiable", "ScheduleAnyway"}};
}

}  // namespace

Json mount(const std::string& volume, const std::string& path) {
  return {{"name", volume}, {"mountPath", path}};
}

Json read_only_mount(const std::string& volume, const std::string& path) {
  return {{"name", volume}, {"mountPath", path}, {"readOnly", true}};
}

Json claim_volume(const std::string& volume, const std::string& claim) {
  return {{"name", volume}, {"persistentVolumeClaim", {{"claimName", claim}}}};
}

Json projected_volume(const std::string& volume, Json sources) {
  return {{"name", volume}, {"projected", {{"sources", std::move(sources)}}}};
}

Json config_map_source(const std::string& name, const std::vector<ProjectedFile>& files) {
  return {{"configMap", {{"name", name}, {"items", projected_items(files)}}}};
}

Json secret_source(const std::string& name, const std::vector<ProjectedFile>& files) {
  return {{"secret", {{"name", name}, {"items", projected_items(files)}}}};
}

Json tmp_volume() { return {{"name", "tmp"}, {"emptyDir", {{"sizeLimit", kTmpSize}}}}; }
Json tmp_mount() { return mount("tmp", "/tmp"); }

Json variable(const std::string& name, const std::string& value) {
  return {{"name", name}, {"value", value}};
}

Json field_variable(const std::string& name, const std::string& field_path) {
  Json field = {{"apiVersion", "v1"}, {"fieldPath", field_path}};
  return {{"name", name}, {"valueFrom", {{"fieldRef", std::move(field)}}}};
}

Json nss_wrapper_variables() {
  return Json::array({variable("LD_PRELOAD", "/usr/lib64/libnss_wrapper.so"),
                      variable("NSS_WRAPPER_PASSWD", "/tmp/nss_wrapper/postgres/passwd"),
                      variable("NSS_WRAPPER_GROUP", "/tmp/nss_wrapper/postgres/group")});
}

Json nss_wrapper_container(const spec::PostgresCluster& cluster, const std::string& image,
                           const spec::Resources& resources) {
  Json init = container(cluster, kNssWrapperContainer, image, resources);
  init["command"] = bash_command(kNssWrapperContainer, kNssWrapperScript);
  init["volumeMounts"] = Json::array({tmp_mount()});
  return init;
}

Json container(const spec::PostgresCluster& cluster, const std::string& name,
               const std::string& image, const spec::Resources& resources) {
  Json container = {{"name", name}, {"image", image}, {"securityContext", restricted()}};
  set_given(container, "imagePullPolicy", cluster.spec.image_pull_policy);
  set_given(container, "resources", value_of(resources.json));
  return container;
}

Json bash_command(const std::string& name, const std::string& script,
                  const std::vector<std::string>& arguments) {
  Json command = Json::array({"bash", "-ceuo", "pipefail", "--", script, name});
  for (const std::string& argument : arguments) command.push_back(argument);
  return command;
}

Json pod_defaults(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json pod = {{"enableServiceLinks", false},
              {"restartPolicy", "Always"},
              {"securityContext", pod_security(cluster, observed)}};
  set_given(pod, "imagePullSecrets", list_of(cluster.spec.image_pull_secrets));
  return pod;
}

void schedule(Json& pod, const spec::PostgresCluster& cluster, const spec::Scheduling& scheduling) {
  set_given(pod, "affinity", value_of(scheduling.affinity));
  set_given(pod, "tolerations", list_of(scheduling.tolerations));
  set_given(pod, "priorityClassName", scheduling.priority_class_name);
  Json constraints = list_of(scheduling.topology_spread_constraints);
  if (!cluster.spec.disable_default_pod_scheduling) {
    constraints.push_back(default_spread(cluster, "kubernetes.io/hostname"));
    constraints.push_back(default_spread(cluster, "topology.kubernetes.io/zone"));
  }
  set_given(pod, "topologySpreadConstraints", std::move(constraints));
}

}  // namespace annals::manifests

#include "k8s/resource.h"

#include "base/concat.h"
#include "base/percent_encoding.h"

namespace annals::k8s {

std::string api_version(const Resource& resource) {
  return resource.group.empty() ? resource.version : concat(resource.group, '/', resource.version);
}

std::string to_string(const Resource& resource) {
  return resource.group.empty() ? resource.plural : concat(resource.plural, '.', resource.group);
}

std::string to_string(const ObjectName& object) {
  return object.name_space.empty() ? object.name : concat(object.name_space, '/', object.name);
}

std::string to_string(const ObjectKey& object) {
  return concat(ObjectName{object.name_space, object.name}, " (", object.uid, ")");
}

std::string collection_path(const Resource& resource, std::string_view name_space) {
  std::string path = resource.group.empty()
                         ? concat("/api/", resource.version)
                         : concat("/apis/", resource.group, '/', resource.version);
  if (resource.namespaced && !name_space.empty()) {
    path += concat("/namespaces/", percent_encoded(name_space));
  }
  return path += concat('/', resource.plural);
}

std::string object_path(const Resource& resource, const ObjectName& object,
                        std::string_view subresource) {
  std::string path =
      concat(collection_path(resource, object.name_space), '/', percent_encoded(object.name));
  if (!subresource.empty()) path += concat('/', subresource);
  return path;
}

Resource pods() { return {"", "v1", "pods"}; }
Resource services() { return {"", "v1", "services"}; }
Resource endpoints() { return {"", "v1", "endpoints"}; }
Resource config_maps() { return {"", "v1", "configmaps"}; }
Resource secrets() { return {"", "v1", "secrets"}; }
Resource persistent_volume_claims() { return {"", "v1", "persistentvolumeclaims"}; }
Resource service_accounts() { return {"", "v1", "serviceaccounts"}; }
Resource namespaces() { return {"", "v1", "namespaces", false}; }
Resource nodes() { return {"", "v1", "nodes", false}; }
Resource stateful_sets() { return {"apps", "v1", "statefulsets"}; }
Resource deployments() { return {"apps", "v1", "deployments"}; }
Resource jobs() { return {"batch", "v1", "jobs"}; }
Resource leases() { return {"coordination.k8s.io", "v1", "leases"}; }
Resource roles() { return {"rbac.authorization.k8s.io", "v1", "roles"}; }
Resource role_bindings() { return {"rbac.authorization.k8s.io", "v1", "rolebindings"}; }
Resource custom_resource_definitions() {
  return {"apiextensions.k8s.io", "v1", "customresourcedefinitions", false};
}
Resource postgres_clusters() {
  return {"postgres-operator.crunchydata.com", "v1beta1", "postgresclusters"};
}
Resource pg_upgrades() { return {"postgres-operator.crunchydata.com", "v1beta1", "pgupgrades"}; }

}  // namespace annals::k8s

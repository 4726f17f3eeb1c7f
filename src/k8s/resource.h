// Resource: a kind of object as it stands in URLs, and the place of one object within it.
// Values. The functions below name what Annals uses; kinds whose version differs between clusters
// (CronJob, PodDisruptionBudget) come from Discovery.
#pragma once

#include <string>
#include <string_view>

namespace annals::k8s {

struct Resource {
  std::string group;    // "" for the core group
  std::string version;  // "v1"
  std::string plural;   // "pods"
  bool namespaced = true;

  friend auto operator<=>(const Resource&, const Resource&) = default;
};

// "v1" or "apps/v1", as in an object's apiVersion.
std::string api_version(const Resource& resource);
// "pods" or "statefulsets.apps", for messages and metrics.
std::string to_string(const Resource& resource);

// Where one object is. The namespace is empty for kinds that have none.
struct ObjectName {
  std::string name_space;
  std::string name;

  friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
};

std::string to_string(const ObjectName& object);

// An object for ever: what a name alone cannot say is whether it is still the same one.
struct ObjectKey {
  std::string name_space;
  std::string name;
  std::string uid;

  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

std::string to_string(const ObjectKey& object);

// "/api/v1/namespaces/NS/pods"; all namespaces where `name_space` is empty.
std::string collection_path(const Resource& resource, std::string_view name_space);
// "/api/v1/namespaces/NS/pods/NAME[/SUBRESOURCE]".
std::string object_path(const Resource& resource, const ObjectName& object,
                        std::string_view subresource = {});

Resource pods();
Resource services();
Resource endpoints();
Resource config_maps();
Resource secrets();
Resource persistent_volume_claims();
Resource service_accounts();
Resource namespaces();
Resource nodes();
Resource stateful_sets();
Resource deployments();
Resource jobs();
Resource leases();
Resource roles();
Resource role_bindings();
Resource custom_resource_definitions();
Resource postgres_clusters();
Resource pg_upgrades();

}  // namespace annals::k8s

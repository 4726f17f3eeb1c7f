#include "runtime/owned_kinds.h"

namespace annals::runtime {
namespace {

k8s::Resource resource_of(const std::string& api_version, std::string plural) {
  const std::size_t slash = api_version.find('/');
  return {.group = api_version.substr(0, slash),
          .version = api_version.substr(slash + 1),
          .plural = std::move(plural)};
}

}  // namespace

std::vector<OwnedKind> owned_kinds(const ServedKinds& served) {
  std::vector<OwnedKind> kinds{
      {"v1", "Service", k8s::services()},
      {"v1", "Endpoints", k8s::endpoints()},
      {"v1", "ConfigMap", k8s::config_maps()},
      {"v1", "Secret", k8s::secrets()},
      {"v1", "ServiceAccount", k8s::service_accounts()},
      {"v1", "PersistentVolumeClaim", k8s::persistent_volume_claims()},
      {"apps/v1", "StatefulSet", k8s::stateful_sets()},
      {"batch/v1", "Job", k8s::jobs()},
      {"rbac.authorization.k8s.io/v1", "Role", k8s::roles()},
      {"rbac.authorization.k8s.io/v1", "RoleBinding", k8s::role_bindings()}};
  const auto add = [&](const char* kind, const char* plural) {
    const auto found = served.find(kind);
    if (found != served.end())
      kinds.push_back({found->second, kind, resource_of(found->second, plural)});
  };
  add("CronJob", "cronjobs");
  add("PodDisruptionBudget", "poddisruptionbudgets");
  return kinds;
}

}  // namespace annals::runtime

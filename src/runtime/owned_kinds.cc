#include "runtime/owned_kinds.h"

namespace annals::runtime {

std::vector<OwnedKind> owned_kinds() {
  return {{"v1", "Service", k8s::services()},
          {"v1", "Endpoints", k8s::endpoints()},
          {"v1", "ConfigMap", k8s::config_maps()},
          {"v1", "Secret", k8s::secrets()},
          {"v1", "ServiceAccount", k8s::service_accounts()},
          {"v1", "PersistentVolumeClaim", k8s::persistent_volume_claims()},
          {"apps/v1", "StatefulSet", k8s::stateful_sets()},
          {"rbac.authorization.k8s.io/v1", "Role", k8s::roles()},
          {"rbac.authorization.k8s.io/v1", "RoleBinding", k8s::role_bindings()}};
}

}  // namespace annals::runtime

#include "actions/resources.h"

#include <array>
#include <string_view>

namespace annals::actions {
namespace {

struct Entry {
  std::string_view kind;
  k8s::Resource (*resource)();
};

k8s::Resource pod_disruption_budgets() {
  return {"policy", "v1beta1", "poddisruptionbudgets", true};
}

constexpr std::array kKinds{
    Entry{"ConfigMap", k8s::config_maps},
    Entry{"Endpoints", k8s::endpoints},
    Entry{"PersistentVolumeClaim", k8s::persistent_volume_claims},
    Entry{"PodDisruptionBudget", pod_disruption_budgets},
    Entry{"PostgresCluster", k8s::postgres_clusters},
    Entry{"Role", k8s::roles},
    Entry{"RoleBinding", k8s::role_bindings},
    Entry{"Secret", k8s::secrets},
    Entry{"Service", k8s::services},
    Entry{"ServiceAccount", k8s::service_accounts},
    Entry{"StatefulSet", k8s::stateful_sets},
};

}  // namespace

Result<k8s::Resource> resource_of(const fsm::ObjectRef& ref) {
  for (const Entry& entry : kKinds) {
    if (entry.kind == ref.kind) return entry.resource();
  }
  return fail(Errc::kInvalid, "no action writes objects of kind ", ref.kind);
}

}  // namespace annals::actions

#include "actions/resources.h"

#include <array>
#include <string_view>

namespace annals::actions {
namespace {

struct Entry {
  std::string_view kind;
  std::string_view plural;
};

constexpr std::array kKinds{
    Entry{"ConfigMap", "configmaps"},
    Entry{"CronJob", "cronjobs"},
    Entry{"Endpoints", "endpoints"},
    Entry{"Job", "jobs"},
    Entry{"PersistentVolumeClaim", "persistentvolumeclaims"},
    Entry{"Pod", "pods"},
    Entry{"PodDisruptionBudget", "poddisruptionbudgets"},
    Entry{"PostgresCluster", "postgresclusters"},
    Entry{"Role", "roles"},
    Entry{"RoleBinding", "rolebindings"},
    Entry{"Secret", "secrets"},
    Entry{"Service", "services"},
    Entry{"ServiceAccount", "serviceaccounts"},
    Entry{"StatefulSet", "statefulsets"},
};

}  // namespace

Result<k8s::Resource> resource_of(const fsm::ObjectRef& ref) {
  const std::size_t slash = ref.api_version.find('/');
  const bool core = slash == std::string::npos;
  for (const Entry& entry : kKinds) {
    if (entry.kind != ref.kind) continue;
    return k8s::Resource{.group = core ? std::string() : ref.api_version.substr(0, slash),
                         .version = core ? ref.api_version : ref.api_version.substr(slash + 1),
                         .plural = std::string(entry.plural)};
  }
  return fail(Errc::kInvalid, "no action writes objects of kind ", ref.kind);
}

}  // namespace annals::actions

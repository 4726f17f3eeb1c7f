#include "fsm/view/restore_permit.h"

#include "manifests/names.h"

namespace annals::fsm {

bool is_restore_permit(const ObjectRef& ref) {
  return ref.kind == "ConfigMap" && ref.name.contains(manifests::names::kRestorePermit);
}

ObjectRef restore_permit_ref(const ClusterState& state, const std::string& hash) {
  return {.api_version = "v1",
          .kind = "ConfigMap",
          .name_space = state.spec->name_space,
          .name = manifests::names::restore_permit(state.spec->name, hash)};
}

std::vector<const ObjectObserved*> restore_permits(const ClusterState& state) {
  std::vector<const ObjectObserved*> permits;
  for (auto at = state.objects.lower_bound(restore_permit_ref(state, ""));
       at != state.objects.end(); ++at) {
    if (!at->first.name.starts_with(restore_permit_ref(state, "").name)) break;
    if (is_restore_permit(at->first)) permits.push_back(&at->second);
  }
  return permits;
}

bool is_permitted(const ClusterState& state, const ObjectObserved& job) {
  const std::optional<std::string>& hash = job.fields.job->restore;
  return hash && state.objects.contains(restore_permit_ref(state, *hash));
}

}  // namespace annals::fsm

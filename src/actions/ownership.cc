#include "actions/ownership.h"

#include "fsm/model/kept_claim.h"

namespace annals::actions {

Answer<void> check_ownership(const fsm::ObjectRef& ref, const Holder& holder,
                             const ClusterIdentity& cluster) {
  if (!holder.controller_uid.empty() && holder.controller_uid != cluster.uid.value())
    return k8s::refuse(k8s::Trouble::kNotSent, to_string(ref), " belongs to owner ",
                       holder.controller_uid, ", not to this cluster (", cluster.uid.value(),
                       "): it is recreated once Kubernetes has garbage-collected it. If it stays, "
                       "delete it or remove its metadata.ownerReferences");
  if (holder.controller_uid.empty() && !holder.kept_for.empty())
    return k8s::refuse(k8s::Trouble::kNotSent, to_string(ref), " is kept for the deleted cluster ",
                       holder.kept_for,
                       ": delete it if nobody needs its data, or create this cluster with the "
                       "annotation ",
                       fsm::kept_claim::kTakeUpAnnotation, "=", holder.kept_for, " to take it up");
  if (holder.deleting)
    return k8s::refuse(k8s::Trouble::kNotSent, to_string(ref),
                       " is being deleted: it is recreated once the deletion is complete");
  return {};
}

}  // namespace annals::actions

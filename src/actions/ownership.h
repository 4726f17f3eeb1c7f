// Who holds a name under which an object of a cluster belongs, and whether the cluster may write
// there. What a namesake that is gone has left is collected by Kubernetes some time later; a
// server-side apply would take it over meanwhile, since our field manager has written that owner
// reference too: and with it a pod of other certificates, or a volume that is on its way out. Pure.
#pragma once

#include <string>

#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/object_ref.h"

namespace annals::actions {

struct Holder {
  std::string controller_uid;  // of the object that stands there; empty where it has none
  bool deleting = false;
  std::string kept_for{};  // of a volume claim: the deleted cluster that it outlives
};

// An error with a sentence for people when that object is another cluster's, or on its way out.
// What has no controller may be adopted, but for what is kept for a deleted cluster.
Answer<void> check_ownership(const fsm::ObjectRef& ref, const Holder& holder,
                             const ClusterIdentity& cluster);

}  // namespace annals::actions

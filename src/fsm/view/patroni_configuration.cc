#include "fsm/view/patroni_configuration.h"

#include "fsm/view/members.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "manifests/names.h"

namespace annals::fsm {

ConfigurePatroni configuration_for(ClusterState& state, const PodObserved& leader) {
  const Rendered& all = rendered(state);
  return {.ref = patroni_store(state),
          .digest = all.patroni_digest,
          .host = host_of(state, leader.name),
          .authority_secret = manifests::kRootAuthority,
          .configuration = all.patroni};
}

}  // namespace annals::fsm

#include "fsm/view/patroni_configuration.h"

#include <string>
#include <utility>

#include "base/sha256.h"
#include "fsm/view/members.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "manifests/instance/patroni.h"
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

WriteConfiguration standby_configuration(ClusterState& state, std::int64_t kept_timeline) {
  const Rendered& all = rendered(state);
  manifests::Observed world = all.world;
  world.keeps_primary = false;
  world.asks_before_it_leads = false;
  world.kept_timeline = kept_timeline;
  std::string text = manifests::dynamic_configuration_text(all.cluster, world);
  std::string digest = sha256_hex(text);
  return {.ref = patroni_store(state),
          .lock = patroni_lock(state),
          .digest = std::move(digest),
          .configuration = std::move(text)};
}

}  // namespace annals::fsm

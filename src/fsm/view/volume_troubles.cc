#include "fsm/view/volume_troubles.h"

#include "fsm/text/say.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {

std::vector<Message> volume_troubles(ClusterState& state) {
  std::vector<Message> troubles;
  for (const KeptSize& kept : rendered(state).kept_sizes) {
    troubles.push_back(say::volume_cannot_shrink(kept.claim, kept.kept, kept.asked));
  }
  for (const auto& [target, refusal] : state.refused) {
    troubles.push_back(say::volume_not_changed(target, refusal.error));
  }
  return troubles;
}

std::vector<Message> volumes_in_resize(const ClusterState& state) {
  std::vector<Message> claims;
  for (const auto& [ref, object] : state.objects) {
    const std::optional<std::string>& resize = object.fields.claim->resize;
    if (resize) claims.push_back(say::volume_resizing(ref.name, *resize));
  }
  return claims;
}

}  // namespace annals::fsm

#include "fsm/view/volume_troubles.h"

#include "base/concat.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {

std::vector<std::string> volume_troubles(ClusterState& state) {
  std::vector<std::string> troubles;
  for (const KeptSize& kept : rendered(state).kept_sizes) {
    troubles.push_back(concat(kept.claim, " has ", kept.kept, " and the spec asks for ", kept.asked,
                              ": volumes do not shrink; add a set with smaller volumes and remove "
                              "this one"));
  }
  for (const auto& [target, refusal] : state.refused) {
    troubles.push_back(
        concat(target, " is kept as it is: ", refusal.error,
               "; use a StorageClass that allows expansion, or ask for the old size"));
  }
  return troubles;
}

std::vector<std::string> volumes_in_resize(const ClusterState& state) {
  std::vector<std::string> claims;
  for (const auto& [ref, object] : state.objects) {
    const auto resize = object.fields.find("resize");
    if (resize != object.fields.end()) claims.push_back(concat(ref.name, " ", resize->second));
  }
  return claims;
}

}  // namespace annals::fsm

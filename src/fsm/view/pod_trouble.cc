#include "fsm/view/pod_trouble.h"

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "manifests/secrets/references.h"

namespace annals::fsm {

Message trouble_of(ClusterState& state, const PodObserved& pod) {
  if (!pod.problem.empty() || pod.phase != "Pending") return literal(pod.problem);
  std::string needed;
  for (const manifests::Reference& each : manifests::needed_references(rendered(state).cluster))
    needed += concat(needed.empty() ? "" : ", ", each.object, " of ", each.field);
  return needed.empty() ? Message() : say::references_may_be_missing(needed);
}

}  // namespace annals::fsm

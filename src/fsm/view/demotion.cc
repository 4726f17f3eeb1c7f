#include "fsm/view/demotion.h"

#include <string>

#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "manifests/labels.h"

namespace annals::fsm {

std::int64_t own_timeline(const ClusterState& state) {
  const PodObserved* pod = primary(state);
  if (pod != nullptr && pod->timeline > 0) return pod->timeline;
  return state.role.timeline;
}

Message not_taken_up(const ClusterState& state) {
  return say::standby_not_taken_up(own_timeline(state), manifests::annotation::kGiveUpTimeline);
}

// The annotation names the timeline, so that a manifest of an earlier time allows nothing.
bool is_demotion_allowed(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  if (!keeps_primary(state, cluster)) return false;
  const auto given_up = cluster.annotations.find(manifests::annotation::kGiveUpTimeline);
  const std::int64_t timeline = own_timeline(state);
  return given_up != cluster.annotations.end() && timeline > 0 &&
         given_up->second == std::to_string(timeline);
}

}  // namespace annals::fsm

#include "fsm/machines/kept_namesake.h"

#include <algorithm>
#include <chrono>

#include "fsm/step/events.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/rendering.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr WaitLimit kAnswered{"take-up", "kept-volumes-answered", 10min};
constexpr const char* kNamesakeEvent = "VolumesOfDeletedCluster";

// Whatever runs has been decided on before.
bool has_begun(const ClusterState& state) {
  return std::ranges::any_of(state.objects, [](const auto& entry) {
    return entry.first.kind == "StatefulSet" && entry.second.fields.instance->set;
  });
}

}  // namespace

bool hold_for_kept_volumes(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const KeptNamesake kept = kept_namesake(state);
  const bool is_answered = kept.uid.empty() || state.restore || has_begun(state) ||
                           !clone_request(rendered(state).cluster).id.empty();
  if (is_answered) {
    clear_event(state, kNamesakeEvent);
    return false;
  }
  const Message awaited = say::kept_volumes_answered(kept.uid, kept.until);
  const Message remedy = say::kept_volumes_remedy(manifests::annotation::kTakeUpDeleted, kept.uid,
                                                  listed(kept.claims));
  report_event(builder, EventType::kWarning, kNamesakeEvent,
               say::kept_volumes_found(kept.uid, kept.until, remedy));
  note_wait(builder, kAnswered, {.satisfied = false, .waits_for = awaited, .remedy = remedy});
  return true;
}

}  // namespace annals::fsm

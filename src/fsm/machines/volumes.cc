#include "fsm/machines/volumes.h"

#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "fsm/view/volume_troubles.h"

namespace annals::fsm {

namespace {

// Nothing waits for it, and it may be granted by now: somebody lets the StorageClass grow volumes.
void ask_again(StepBuilder& builder, const Wanted& wanted) {
  const ClusterState& state = builder.state();
  const auto refused = state.refused.find(wanted.target);
  const auto* manifest = std::get_if<std::string>(&wanted.content);
  if (manifest == nullptr || refused == state.refused.end() ||
      refused->second.asked != wanted.digest || is_pending(state, wanted.target) ||
      is_waiting_to_retry(state, wanted.target))
    return;
  builder.decide(
      {.machine = "volumes",
       .transition = "ask-again",
       .reason = say::retrying_refused(wanted.target),
       .inputs = {{.name = "refused-for", .value = refused->second.error, .holds = true}},
       .intents = {}},
      {ApplyObject{.ref = wanted.ref, .digest = wanted.digest, .manifest = *manifest}});
}

}  // namespace

void decide_volumes(StepBuilder& builder) {
  for (const Wanted& wanted : rendered(builder.state()).wanted) {
    if (builder.state().refused.empty()) break;
    ask_again(builder, wanted);
  }
  const std::vector<Message> troubles = volume_troubles(builder.state());
  if (troubles.empty()) {
    clear_event(builder.state(), "PersistentVolumeError");
  } else {
    report_event(builder, EventType::kWarning, "PersistentVolumeError", troubles.front());
  }
}

}  // namespace annals::fsm

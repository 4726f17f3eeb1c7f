#include "fsm/waits.h"

#include "base/concat.h"

namespace annals::fsm {

void note_wait(StepBuilder& builder, const Awaited& awaited, const Wait& wait) {
  ClusterState& state = builder.state();
  const bool same_wait = state.blocker && state.blocker->transition == awaited.transition;
  if (same_wait && state.blocker->waits_for == wait.waits_for) return;
  const Timestamp since = same_wait ? state.blocker->since : state.now;
  state.blocker = Blocker{.transition = awaited.transition,
                          .waits_for = wait.waits_for,
                          .cure = wait.cure,
                          .since = since,
                          .deadline = since + awaited.limit};
  builder.decide({.machine = awaited.machine,
                  .transition = concat("not-yet-", awaited.transition),
                  .reason = "waits for " + wait.waits_for,
                  .inputs = {{.name = awaited.transition, .value = wait.waits_for, .holds = false}},
                  .intents = {}});
}

void end_wait(ClusterState& state, const Awaited& awaited) {
  if (state.blocker && state.blocker->transition == awaited.transition) state.blocker.reset();
}

}  // namespace annals::fsm

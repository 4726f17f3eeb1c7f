#include "fsm/step/waits.h"

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

WaitEnded ended(const ClusterState& state, const std::string& machine, const Blocker& blocker) {
  return {.machine = machine, .goal = blocker.transition, .waited = state.now - blocker.since};
}

}  // namespace

void note_wait(StepBuilder& builder, const WaitLimit& awaited, const Wait& wait) {
  ClusterState& state = builder.state();
  builder.note_waiting(awaited.machine);
  const auto before = state.blockers.find(awaited.machine);
  const bool same_wait =
      before != state.blockers.end() && before->second.transition == awaited.transition;
  if (same_wait && before->second.waits_for == wait.waits_for) {
    // What does not matter of it may be otherwise: whoever looks sees what is so now.
    before->second.waits_for = wait.waits_for;
    before->second.remedy = wait.remedy;
    return;
  }
  if (before != state.blockers.end() && !same_wait)
    builder.note_ended(ended(state, before->first, before->second));
  const Timestamp since = same_wait ? before->second.since : state.now;
  state.blockers[awaited.machine] = Blocker{.transition = awaited.transition,
                                            .waits_for = wait.waits_for,
                                            .remedy = wait.remedy,
                                            .since = since,
                                            .deadline = since + awaited.limit};
  builder.decide({.machine = awaited.machine,
                  .transition = concat("not-yet-", awaited.transition),
                  .reason = say::waiting_for(wait.waits_for),
                  .inputs = {{.name = awaited.transition,
                              .value = name_of(wait.waits_for.id),
                              .holds = false}},
                  .intents = {}});
}

void end_other_waits(StepBuilder& builder) {
  ClusterState& state = builder.state();
  std::erase_if(state.blockers, [&](const auto& entry) {
    const bool is_over = !builder.waits(entry.first);
    if (is_over) builder.note_ended(ended(state, entry.first, entry.second));
    return is_over;
  });
}

}  // namespace annals::fsm

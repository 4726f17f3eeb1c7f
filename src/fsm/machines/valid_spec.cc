#include "fsm/machines/valid_spec.h"

#include <chrono>

#include "fsm/step/events.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kInvalid = "InvalidSpec";
constexpr const char* kInDoubt = "SpecInDoubt";
constexpr WaitLimit kAccepted{"provision", "spec-accepted", 1s};

void tell_doubts(StepBuilder& builder) {
  const std::vector<Message>& doubts = rendered(builder.state()).doubts;
  if (doubts.empty()) return clear_event(builder.state(), kInDoubt);
  report_event(builder, EventType::kWarning, kInDoubt, say::fields_in_doubt(doubts));
}

}  // namespace

bool accept_spec(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::vector<Message> mistakes = mistakes_of(state);
  if (mistakes.empty()) {
    clear_event(state, kInvalid);
    tell_doubts(builder);
    return true;
  }
  note_wait(
      builder, kAccepted,
      {.satisfied = false, .waits_for = say::valid_spec(mistakes), .remedy = say::correct_spec()});
  report_event(builder, EventType::kWarning, kInvalid, say::nothing_changed(mistakes));
  return false;
}

}  // namespace annals::fsm

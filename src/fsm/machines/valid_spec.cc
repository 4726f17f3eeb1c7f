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
constexpr Awaited kAccepted{"provision", "spec-accepted", 1s};

}  // namespace

bool accept_spec(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::vector<Message> mistakes = mistakes_of(state);
  if (mistakes.empty()) {
    end_telling(state, kInvalid);
    return true;
  }
  note_wait(builder, kAccepted,
            {.over = false, .waits_for = say::valid_spec(mistakes), .cure = say::correct_spec()});
  tell(builder, Tone::kWarning, kInvalid, say::nothing_changed(mistakes));
  return false;
}

}  // namespace annals::fsm

#include "fsm/machines/valid_spec.h"

#include <chrono>

#include "base/concat.h"
#include "fsm/step/events.h"
#include "fsm/step/waits.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kInvalid = "InvalidSpec";
constexpr Awaited kAccepted{"provision", "spec-accepted", 1s};

}  // namespace

bool accept_spec(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::string mistakes = mistakes_of(state);
  if (mistakes.empty()) {
    end_telling(state, kInvalid);
    return true;
  }
  note_wait(
      builder, kAccepted,
      {.over = false, .waits_for = concat("a valid spec: ", mistakes), .cure = "correct the spec"});
  tell(builder, Tone::kWarning, kInvalid, concat("nothing is changed: ", mistakes));
  return false;
}

}  // namespace annals::fsm

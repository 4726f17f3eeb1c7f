// Events: what a person should read in `kubectl describe`. Told once, and again when the words
// change.
#pragma once

#include <string>

#include "fsm/step_builder.h"

namespace annals::fsm {

enum class Tone : std::uint8_t { kNormal, kWarning };

// As long as it is so: told when it begins.
void tell(StepBuilder& builder, Tone tone, const std::string& reason, const std::string& message);

// It is not so any more; when it comes back it is told again.
void end_telling(ClusterState& state, const std::string& reason);

}  // namespace annals::fsm

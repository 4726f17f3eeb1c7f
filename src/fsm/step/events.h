// Events: what a person should read in `kubectl describe`. Two kinds: what is so (told once while
// it lasts, and again when the words change) and what has happened (told once for each time).
// Neither is lost when the API server does not take it, or the process ends: it is told until it is
// there.
#pragma once

#include <string>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

enum class Tone : std::uint8_t { kNormal, kWarning };

// As long as it is so: told when it begins.
void tell(StepBuilder& builder, Tone tone, const std::string& reason, const Message& message);

// It is not so any more; when it comes back it is told again.
void end_telling(ClusterState& state, const std::string& reason);

// It has happened: told whatever was told before.
void tell_once(StepBuilder& builder, Tone tone, const std::string& reason, const Message& message);

// Tells what could not be told when it came up.
void tell_what_waits(StepBuilder& builder);

// People have been told.
void note_told(ClusterState& state, const EmitEvent& event);

}  // namespace annals::fsm

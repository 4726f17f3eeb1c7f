// Events: what a person should read in `kubectl describe`. Two kinds: what is so (told once while
// it lasts, and again when the words change) and what has happened (told once for each time).
// Neither is lost when the API server does not take it, or the process ends: it is told until it is
// there.
#pragma once

#include <string>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

enum class EventType : std::uint8_t { kNormal, kWarning };

// As long as it is so: told when it begins.
void report_event(StepBuilder& builder, EventType type, const std::string& reason,
                  const Message& message);

// It is not so any more; when it comes back it is told again.
void clear_event(ClusterState& state, const std::string& reason);

// It has happened: told whatever was told before.
void report_event_once(StepBuilder& builder, EventType type, const std::string& reason,
                       const Message& message);

// Tells what could not be told when it came up.
void flush_event_outbox(StepBuilder& builder);

// People have been told.
void mark_delivered(ClusterState& state, const EmitEvent& event);

}  // namespace annals::fsm

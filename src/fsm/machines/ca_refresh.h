// CA refresh: the authorities that users bring stand in our Secrets as copies. Nobody watches a
// user's Secret, so the copies are made anew every ten minutes, and what cannot be used of a Secret
// is told by an Event.
#pragma once

#include <chrono>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

inline constexpr std::chrono::minutes kCaRefreshInterval{10};

void decide_ca_refresh(StepBuilder& builder);

}  // namespace annals::fsm

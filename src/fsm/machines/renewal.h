// Renewal: the certificates that the operator signs end after a year. Once a day each Secret with
// one is ensured again, which renews what is in the last third of its time and writes nothing else.
#pragma once

#include <chrono>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

inline constexpr std::chrono::hours kCertificatesChecked{24};

void decide_renewal(StepBuilder& builder);

}  // namespace annals::fsm

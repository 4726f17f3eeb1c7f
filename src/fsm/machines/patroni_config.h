// Patroni's shared configuration: put there by the bootstrap, and from then on kept as the spec
// asks for, whoever changed it.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_patroni_config(StepBuilder& builder);

}  // namespace annals::fsm

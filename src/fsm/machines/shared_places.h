// Repositories of two clusters at one place: people are told at once, also of what goes on because
// it has begun before anybody noticed.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_shared_places(StepBuilder& builder);

}  // namespace annals::fsm

// The Job of a receipt goes when another one is to be made, or none is needed.
#pragma once

#include <string>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Nothing where there is none. With its pod, which only reads.
void remove_receipt_job(StepBuilder& builder, const std::string& machine);

}  // namespace annals::fsm

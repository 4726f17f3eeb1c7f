// The promotion of a standby cluster: it gets a primary of its own.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kPromotion;

}  // namespace annals::fsm

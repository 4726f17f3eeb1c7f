// Users and databases of the spec, which one SQL action writes; where there is a primary.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

// Over when they are as the spec says, and in a standby, which has those of whom it follows.
Wait wait_for_users(const OperationView& view);

// The same, after it has asked for what they lack, unless that is asked for already.
Wait open_database(StepBuilder& builder, const OperationView& view);

}  // namespace annals::fsm

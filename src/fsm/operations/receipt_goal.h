// The goal of operations that end with a database which takes no writes any more: a receipt says
// how far its history goes. Nothing waits for it but who wants to lead instead.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

// It is in the state and in every repository that it can be read from; or none is to be made. When
// it cannot be made the wait says why.
Wait receipt_written(const OperationView& view);
// Gets nearer to that by a Job on the volume of the instance that led last, and by further ones
// after pauses.
Wait write_receipt(StepBuilder& builder, const OperationView& view);

}  // namespace annals::fsm

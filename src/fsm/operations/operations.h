// Operations take turns: at most one that interrupts anything goes on at a time (I11).
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

// By precedence: of those that are wanted the first one begins.
OperationKinds operation_kinds();

// The engine over these tables.
void run_operations(StepBuilder& builder, OperationKinds kinds);
// The same over operation_kinds().
void decide_operations(StepBuilder& builder);

// The cluster is being deleted: what goes on is over.
void end_operation(StepBuilder& builder);

}  // namespace annals::fsm

// The engine of all operations: carries out what their tables say.
#pragma once

#include <string>

#include "fsm/step/operation_table.h"

namespace annals::fsm {

// What the next goal looks at.
OperationView look(ClusterState& state);

// True when it is wanted, and so has begun.
bool begin(StepBuilder& builder, const OperationKind& kind);

// One step of one that goes on: true while it does.
bool pursue(StepBuilder& builder, const OperationKind& kind);

// It is over, for this reason.
void end(StepBuilder& builder, const OperationKind& kind, const char* transition, Message reason,
         std::vector<Predicate> inputs = {});

// A process: begins it when it is wanted, and pursues it while it goes on.
void ask_process(StepBuilder& builder, const OperationKind& kind);

}  // namespace annals::fsm

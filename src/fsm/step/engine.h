// The engine of all operations: carries out what their tables say.
#pragma once

#include <cstdint>
#include <string>

#include "fsm/step/operation_table.h"

namespace annals::fsm {

// What the next goal looks at.
OperationView look(ClusterState& state);

// True when it is wanted, and so has begun. `view` is of the state as it is; where nothing has
// begun it still is.
bool begin(StepBuilder& builder, const OperationKind& kind, const OperationView& view);

// Where a goal or a whole operation stands after a step: it holds or is complete, is waited for, or
// was given up or withdrawn.
enum class Pursuit : std::uint8_t { kHolds, kWaits, kGivenUp };

// One step of one that goes on.
Pursuit pursue(StepBuilder& builder, const OperationKind& kind);

// It is over, for this reason.
void end(StepBuilder& builder, const OperationKind& kind, const char* transition, Message reason,
         std::vector<Predicate> inputs = {});

// A process: begins it when it is wanted, and pursues it while it goes on.
void decide_process(StepBuilder& builder, const OperationKind& kind);

}  // namespace annals::fsm

// Instances are stopped in order, replicas first, so that whoever leads ends last and with all that
// there is. They stay stopped until an operation takes them out of ClusterState::stopped.
#pragma once

#include <string_view>

#include "fsm/step/operation_table.h"

namespace annals::fsm::stopping {

// Who stops them, and why.
struct Order {
  std::string_view machine;
  Message reason;
};

// Whether all but the primary are stopped and their pods are gone; then, whether all are. Where
// nobody leads there is nobody to spare.
Wait replicas_stopped(const OperationView& view);
Wait primary_stopped(const OperationView& view);

// The same, after it has stopped those that run.
Wait stop_replicas(StepBuilder& builder, const OperationView& view, const Order& order);
Wait stop_primary(StepBuilder& builder, const OperationView& view, const Order& order);

// Who leads last starts first.
void remember_primary(const OperationView& view);

}  // namespace annals::fsm::stopping

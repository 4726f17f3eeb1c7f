// Removes objects in which Patroni keeps its state.
#pragma once

#include <string>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Removes a store; of one that is not known, whatever has its name and bears the cluster's.
struct StoreRemoval {
  const char* machine;
  const char* transition;
  Message reason;
  std::string input;  // what was asked before: "instances-running"
  Guard guard;
};
void remove_store(StepBuilder& builder, const ObjectRef& store, const StoreRemoval& why);

}  // namespace annals::fsm

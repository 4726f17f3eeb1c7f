// Oscillation: somebody undoes what we write, again and again. Mended three times in ten minutes,
// then told with the names of both writers, and left alone for a while.
#pragma once

#include <string>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// What somebody else did to a target of ours. Kubernetes tells who changed something, but not who
// deleted it.
struct ExternalChange {
  std::string target;
  Message reason;  // what happened
  Actor writer;
};

// Whether it is to be undone now; notes that it is, or records that it is fought no longer.
bool may_repair(StepBuilder& builder, const ExternalChange& change);

}  // namespace annals::fsm

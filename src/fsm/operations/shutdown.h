// Shutdown: spec.shutdown is true. Replicas stop first and the primary last, so that nobody is
// promoted on the way. It lasts as long as the spec says so, and nothing else may begin meanwhile.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kShutdown;

}  // namespace annals::fsm

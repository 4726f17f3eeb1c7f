// Startup: after a shutdown. The repository host first, since PostgreSQL asks for archived WAL
// before it leads; then the instance that led, so that it leads again with all of the data; then
// the others.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kStartup;

}  // namespace annals::fsm

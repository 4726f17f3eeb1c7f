// spec.databaseInitSQL: a script of the user's that is run once in a database that is open. What is
// in it nobody here knows: the journal has the names of its ConfigMap and key. Whether it was run
// is remembered twice, here and by a mark in the database itself, so that it is not run again where
// the operator ends, or loses its journal, between the run and its record.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_init_sql(StepBuilder& builder);

}  // namespace annals::fsm

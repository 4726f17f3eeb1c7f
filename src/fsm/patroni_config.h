// Patroni's shared configuration: put there by the bootstrap, and from then on kept as the spec
// asks for, whoever changed it.
#pragma once

#include <string>

#include "fsm/step_builder.h"

namespace annals::fsm {

// Patroni has made a database: its configuration is its own from here on.
bool is_bootstrapped(const ClusterState& state);
// PostgreSQL's own name for that database; empty until there is one.
std::string system_identifier(const ClusterState& state);

void ask_patroni_config(StepBuilder& builder);

}  // namespace annals::fsm

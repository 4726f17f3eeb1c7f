// Patroni's shared configuration: put there by the bootstrap, and from then on kept as the spec
// asks for, whoever changed it.
#pragma once

#include <string>

#include "fsm/step_builder.h"

namespace annals::fsm {

// Patroni has made a database: its configuration is its own from here on.
bool is_bootstrapped(const ClusterState& state);
// Its members have shared their configuration, so that they start without being told how.
bool is_configured(const ClusterState& state);
// PostgreSQL's own name for that database; empty until there is one.
std::string system_identifier(const ClusterState& state);

// Whether Patroni's failsafe mode is on where the spec does not say: of a cluster that has no
// configuration yet, and of one whose configuration has it.
bool keeps_failsafe(const ClusterState& state);

void ask_patroni_config(StepBuilder& builder);

}  // namespace annals::fsm

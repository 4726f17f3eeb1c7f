// For how long the volumes of an instance that has gone are kept.
#pragma once

#include <optional>
#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

inline constexpr const char* kRetentionAnnotation =
    "postgres-operator.crunchydata.com/removed-volume-retention";

// "90s", "30m", "24h", "7d"; nothing for anything else.
std::optional<Duration> retention_of(const std::string& text);

// When the volumes of a retired instance go: a day later, or as the annotation
// removed-volume-retention says.
Timestamp end_of(ClusterState& state, const Retired& retired);

}  // namespace annals::fsm

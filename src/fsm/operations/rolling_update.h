// Rolling update: pods whose template is an old one are made anew, one at a time. Replicas first,
// each of which has to be ready and streaming before the next one goes, so that a bad template
// stops at the first; then the leader, after it has handed over. The repository host comes last: a
// leader that stops archives its last segment, and the host understands pgBackRest of its own
// version only. What has gone wrong already is mended first.
#pragma once

#include <string>
#include <vector>

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kRollingUpdate;

// What has to come before it is known which pods are outdated: templates first. Empty: it is known.
Message templates_awaited(ClusterState& state);

// The pods that are to be made anew, in the order of their turns.
std::vector<std::string> pods_to_update(const ClusterState& state);

}  // namespace annals::fsm

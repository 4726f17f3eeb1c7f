// Why a Job of pgBackRest failed, in pgBackRest's words where its pod has left some.
#pragma once

#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

// Of one that has failed: what its last pod said, or else what Kubernetes says of the Job.
std::string failure_of_job(const ClusterState& state, const ObjectObserved& job);

// What a pod of it that has ended said last; empty for none. Kubernetes may be trying it again.
std::string last_words_of_job(const ClusterState& state, const std::string& job);

}  // namespace annals::fsm

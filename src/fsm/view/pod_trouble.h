// Why a pod is not ready, in words for people.
#pragma once

#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

// In Kubernetes' words, or what it may lack, or that its node is silent, where Kubernetes says
// nothing; empty when nobody knows.
Message trouble_of(ClusterState& state, const PodObserved& pod);

}  // namespace annals::fsm

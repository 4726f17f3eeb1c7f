// Jobs that begin and get no pod: Kubernetes tells of pods that it refuses (a quota, an admission
// webhook, rules of security) in Events only, while the Job itself looks as if it was about to run.
#pragma once

#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

// What keeps this Job from running, in words; empty while nothing is known. Notes since when it has
// no pod, so that it is to be asked in each step that waits for it.
Message trouble_of_job(ClusterState& state, const ObjectObserved& job);

// Of Jobs that have a pod by now, or have gone, nothing is remembered.
void forget_jobs_with_pods(ClusterState& state);

}  // namespace annals::fsm

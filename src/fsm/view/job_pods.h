// The pods of a Job that works on a repository, and what they have left as their last words.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

std::vector<const PodObserved*> pods_of_job(const ClusterState& state, const std::string& job);

// One of them has not ended.
bool runs_pod_of_job(const ClusterState& state, const std::string& job);

// What one that ended well has told: "name value" in lines. Empty where that is not known any more.
std::map<std::string, std::string> report_of_job(const ClusterState& state, const std::string& job);

}  // namespace annals::fsm

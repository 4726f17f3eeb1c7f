#include "fsm/view/job_pods.h"

#include <algorithm>
#include <sstream>

namespace annals::fsm {

std::vector<const PodObserved*> pods_of_job(const ClusterState& state, const std::string& job) {
  std::vector<const PodObserved*> pods;
  for (const auto& [name, pod] : state.pods) {
    if (pod.job == job) pods.push_back(&pod);
  }
  return pods;
}

bool runs_pod_of_job(const ClusterState& state, const std::string& job) {
  return std::ranges::any_of(pods_of_job(state, job),
                             [](const PodObserved* pod) { return !pod->end; });
}

std::map<std::string, std::string> report_of_job(const ClusterState& state,
                                                 const std::string& job) {
  std::map<std::string, std::string> report;
  for (const PodObserved* pod : pods_of_job(state, job)) {
    if (!pod->end || pod->end->exit_code != 0) continue;
    std::istringstream lines(pod->end->message);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t blank = line.find(' ');
      if (blank != std::string::npos) report[line.substr(0, blank)] = line.substr(blank + 1);
    }
  }
  return report;
}

}  // namespace annals::fsm

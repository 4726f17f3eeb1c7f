#include "fsm/view/job_failure.h"

#include "fsm/view/job_pods.h"
#include "fsm/view/repository_trouble.h"

namespace annals::fsm {

std::string last_words_of_job(const ClusterState& state, const std::string& job) {
  for (const PodObserved* pod : pods_of_job(state, job)) {
    if (pod->end && pod->end->exit_code != 0 && !pod->end->message.empty())
      return error_of_pgbackrest(pod->end->message);
  }
  return {};
}

std::string failure_of_job(const ClusterState& state, const ObjectObserved& job) {
  std::string words = last_words_of_job(state, job.ref.name);
  return words.empty() ? *job.fields.job->failed : words;
}

}  // namespace annals::fsm

#include "fsm/step/repository_errors.h"

#include <string>

#include "fsm/view/backup_request.h"
#include "fsm/view/job_pods.h"
#include "fsm/view/repository_trouble.h"

namespace annals::fsm {
namespace {

// The last words of its last pod; Kubernetes' where there are none.
std::string words_of_failure(const ClusterState& state, const ObjectObserved& job) {
  std::string words;
  for (const PodObserved* pod : pods_of_job(state, job.ref.name)) {
    if (pod->end && pod->end->exit_code != 0 && !pod->end->message.empty())
      words = pod->end->message;
  }
  return words.empty() ? *job.fields.job->failed : words;
}

}  // namespace

void note_failed_jobs(ClusterState& state) {
  for (const ObjectObserved* job : jobs_of(state)) {
    const JobFields& told = *job->fields.job;
    if (!told.failed || !told.repo || !told.start_time || told.restore) continue;
    RepositoryError& error = state.repository_errors[*told.repo];
    if (*told.start_time <= error.job_start) continue;
    error = {.text = error_of_pgbackrest(words_of_failure(state, *job)),
             .at = state.now,
             .job_start = *told.start_time};
  }
}

}  // namespace annals::fsm

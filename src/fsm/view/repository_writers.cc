#include "fsm/view/repository_writers.h"

#include <algorithm>
#include <array>
#include <variant>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_request.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

constexpr std::array kScheduledTypes{"full", "diff", "incr"};
constexpr std::array kRepositoryNames{"repo1", "repo2", "repo3", "repo4"};

bool is_named_by_us(const ClusterState& state, const std::string& job) {
  const std::string& cluster = state.spec->name;
  return job.starts_with(concat(cluster, "-stanza-")) ||
         job.starts_with(concat(cluster, "-backup-")) ||
         job.starts_with(concat(cluster, "-expire-"));
}

// By its name too: a Job that has only just been made says of itself neither when it started nor,
// therefore, of which schedule it is.
bool is_named_by_schedule(const ClusterState& state, const std::string& job) {
  return std::ranges::any_of(kRepositoryNames, [&](const char* repo) {
    return std::ranges::any_of(kScheduledTypes, [&](const char* type) {
      return job.starts_with(
          concat(manifests::names::backup_cron_job(state.spec->name, repo, type), "-"));
    });
  });
}

bool writes_to_repository(const ClusterState& state, const ObjectObserved& job) {
  const JobFields& told = *job.fields.job;
  if (told.restore) return false;
  return told.repo || is_named_by_us(state, job.ref.name) ||
         is_named_by_schedule(state, job.ref.name);
}

Wait wait_for_writer(const ObjectRef& job) {
  return {.satisfied = false,
          .waits_for = say::backup_to_end(to_string(job)),
          .remedy = say::job_logs(job.name)};
}

}  // namespace

Wait no_other_writer(const ClusterState& state, const std::string& own) {
  for (const ObjectObserved* job : jobs_of(state)) {
    const bool is_over = job->fields.job->has_ended();
    if (!is_over && job->ref.name != own && writes_to_repository(state, *job))
      return wait_for_writer(job->ref);
  }
  // What is on its way may become a Job.
  for (const auto& [id, action] : state.pending) {
    const auto* apply = std::get_if<ApplyObject>(&action);
    if (apply != nullptr && apply->ref.kind == "Job" && apply->ref.name != own &&
        is_named_by_us(state, apply->ref.name))
      return wait_for_writer(apply->ref);
  }
  return {.satisfied = true};
}

}  // namespace annals::fsm

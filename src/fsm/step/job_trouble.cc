#include "fsm/step/job_trouble.h"

#include <chrono>

#include "fsm/text/say.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kUntilTold = 1min;  // the first pod comes within seconds

// It has begun, nothing runs, and nothing has run.
bool has_no_pod(const ObjectObserved& object) {
  const JobFields& job = *object.fields.job;
  const auto is_none = [](std::optional<std::int64_t> pods) { return pods.value_or(0) == 0; };
  return job.start_time && !job.has_ended() && is_none(job.active) && is_none(job.succeeded) &&
         is_none(job.failures);
}

}  // namespace

Message trouble_of_job(ClusterState& state, const ObjectObserved& job) {
  if (!has_no_pod(job)) return {};
  const auto told_from =
      state.counters.jobs_without_pod.try_emplace(job.ref.name, state.now + kUntilTold).first;
  if (told_from->second > state.now) return {};
  return say::job_without_pod();
}

void forget_jobs_with_pods(ClusterState& state) {
  std::erase_if(state.counters.jobs_without_pod, [&state](const auto& entry) {
    const auto job = state.objects.find({.api_version = "batch/v1",
                                         .kind = "Job",
                                         .name_space = state.spec->name_space,
                                         .name = entry.first});
    return job == state.objects.end() || !has_no_pod(job->second);
  });
}

}  // namespace annals::fsm

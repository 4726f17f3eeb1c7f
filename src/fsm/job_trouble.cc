#include "fsm/job_trouble.h"

#include <chrono>

#include "base/concat.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kUntilTold = 1min;  // the first pod comes within seconds
// No target: since when a Job has no pod.
constexpr std::string_view kKey = "job-without-pod:";

bool is_none(const ObjectObserved& job, const char* count) {
  const auto found = job.fields.find(count);
  return found == job.fields.end() || found->second.empty() || found->second == "0";
}

// It has begun, nothing runs, and nothing has run.
bool has_no_pod(const ObjectObserved& job) {
  return job.fields.contains("startTime") && !job.fields.contains("complete") &&
         !job.fields.contains("failed") && is_none(job, "active") && is_none(job, "succeeded") &&
         is_none(job, "failures");
}

}  // namespace

std::string trouble_of_job(ClusterState& state, const ObjectObserved& job) {
  if (!has_no_pod(job)) return {};
  const auto [since, is_new] = state.retries.try_emplace(concat(kKey, job.ref.name));
  if (is_new) since->second.due = state.now + kUntilTold;
  if (since->second.due > state.now) return {};
  return "it has no pod for more than a minute: Kubernetes refuses to make one (a quota, an "
         "admission webhook or the namespace's rules of security)";
}

void forget_jobs_with_pods(ClusterState& state) {
  std::erase_if(state.retries, [&state](const auto& entry) {
    if (!entry.first.starts_with(kKey)) return false;
    const auto job = state.objects.find({.api_version = "batch/v1",
                                         .kind = "Job",
                                         .name_space = state.spec->name_space,
                                         .name = entry.first.substr(kKey.size())});
    return job == state.objects.end() || !has_no_pod(job->second);
  });
}

}  // namespace annals::fsm

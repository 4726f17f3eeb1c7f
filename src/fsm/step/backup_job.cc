#include "fsm/step/backup_job.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/step/job_trouble.h"
#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/job_failure.h"
#include "fsm/view/job_pods.h"
#include "fsm/view/name_suffix.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_stanzas.h"
#include "fsm/view/repository_trouble.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPause = 10s;  // after a Job that failed: its log can be read meanwhile
constexpr auto kLastPause = 10min;

// Empty while no attempt has failed.
std::string failed_attempts(const BackupAttempts& its) {
  const int failed = its.attempt + (its.retry_at ? 1 : 0);
  return failed == 0 ? std::string() : concat(failed);
}

// Its words come with its pod, which may be told of later than the Job.
bool is_failure_known(const ClusterState& state, const ObjectObserved& job) {
  return job.fields.job->failed && !runs_pod_of_job(state, job.ref.name);
}

Message trouble_of(ClusterState& state, const BackupTask& task) {
  if (!task.its.last_failure) return {};
  if (Message stanza = trouble_of_stanza(state, task.repo); !stanza.empty()) return stanza;
  const std::string& error = task.its.last_failure->reason;
  return say::repository_job_failed(error,
                                    field_to_look_at(rendered(state).cluster, task.repo, error));
}

void note_failure(StepBuilder& builder, const BackupTask& task, const ObjectObserved& job) {
  ClusterState& state = builder.state();
  const Duration pause = kFirstPause * (1 << std::min(task.its.attempt, 6));
  task.its.retry_at = state.now + std::min<Duration>(pause, kLastPause);
  task.its.last_failure = FailedAttempt{
      .at = state.now, .reason = failure_of_job(state, job), .generation = state.spec->generation};
  report_event_once(
      builder, EventType::kWarning, task.kind.event,
      say::backup_job_failed(to_string(job.ref), task.kind.what, trouble_of(state, task),
                             job.ref.name, *task.its.retry_at));
}

// It was read since the failure, and nothing in it speaks against another attempt.
bool can_be_read_again(const ClusterState& state, const BackupTask& task) {
  const RepositorySeen* seen = repository_seen(state, task.repo);
  if (seen == nullptr || seen->at <= task.its.last_failure->at) return false;
  return seen->contents.code != kRepositoryUnreadable && other_databases(state, task.repo).empty();
}

// The pause is over, or what failed may go by now.
bool is_next_due(const ClusterState& state, const BackupTask& task) {
  if (!task.its.retry_at || *task.its.retry_at <= state.now || !task.its.last_failure) return true;
  return task.its.last_failure->generation != state.spec->generation ||
         can_be_read_again(state, task);
}

}  // namespace

ObjectRef ref_of(const ClusterState& state, const BackupTask& task) {
  return {.api_version = "batch/v1",
          .kind = "Job",
          .name_space = state.spec->name_space,
          .name = concat(
              state.spec->name, task.kind.infix,
              name_suffix(state.uid, concat(task.kind.what, "/", task.subject), task.its.attempt))};
}

const ObjectObserved* job_of(const ClusterState& state, const BackupTask& task) {
  const auto job = state.objects.find(ref_of(state, task));
  return job == state.objects.end() ? nullptr : &job->second;
}

bool is_job_begun(const ClusterState& state, const BackupTask& task) {
  return job_of(state, task) != nullptr || is_pending(state, to_string(ref_of(state, task)));
}

bool is_job_complete(const ClusterState& state, const BackupTask& task) {
  const ObjectObserved* job = job_of(state, task);
  return job != nullptr && job->fields.job->complete;
}

void start_job(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  const ObjectRef ref = ref_of(state, task);
  const std::string target = to_string(ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  const Rendered& all = rendered(state);
  const manifests::BackupJob job{
      .name = ref.name,
      .purpose = task.kind.purpose,
      .repo = task.repo,
      .options = task.options,
      .id = {},
  };
  ApplyObject action{.ref = ref,
                     .digest = {},
                     .manifest = manifests::backup_job_manifest(all.cluster, all.world, job)};
  action.digest = sha256_hex(action.manifest);
  builder.decide({.machine = task.machine,
                  .transition = concat("start-", task.kind.what),
                  .reason = say::starting_backup_job(
                      target, task.kind.what, job.repo,
                      task.its.attempt == 0 ? std::string() : concat(task.its.attempt + 1)),
                  .inputs = {{.name = "primary-is-ready",
                              .value = primary(state) ? primary(state)->name : "",
                              .holds = primary(state) != nullptr}},
                  .intents = {}},
                 {std::move(action)});
}

// The failed Job stays for a while, for a person to read its log; then another one is tried.
void follow_job(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  const ObjectObserved* known = job_of(state, task);
  if (known == nullptr || !is_failure_known(state, *known)) return;
  const ObjectObserved job = *known;
  const std::string target = to_string(job.ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  if (!task.its.retry_at) note_failure(builder, task, job);
  if (!is_next_due(state, task)) return;
  task.its.retry_at.reset();
  task.its.attempt += 1;
  builder.decide({.machine = task.machine,
                  .transition = concat("retry-", task.kind.what),
                  .reason = say::failed_job_to_retry(target),
                  .inputs = {{.name = "job-failed", .value = target, .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = job.ref,
                               .digest = job.uid,
                               .guard = {.lost = say::log_of_failed_job(),
                                         .other_copy = say::no_other_copy(),
                                         .allowed_by = say::rule_of_one_attempt()}}});
}

// A Job that is not there has no log, and one whose pods are refused has none either.
Wait wait_for_job(ClusterState& state, const BackupTask& task) {
  const ObjectRef ref = ref_of(state, task);
  const std::string failed = failed_attempts(task.its);
  const ObjectObserved* job = job_of(state, task);
  Message trouble = job == nullptr ? Message() : trouble_of_job(state, *job);
  Message remedy;
  if (!trouble.empty()) {
    remedy = say::describe_job(ref.name);
  } else if (job != nullptr && !failed.empty()) {
    remedy = say::job_logs(ref.name);
  }
  if (trouble.empty()) trouble = trouble_of(state, task);
  return {.satisfied = false,
          .waits_for = say::job_to_complete(to_string(ref), failed, std::move(trouble)),
          .remedy = std::move(remedy)};
}

bool is_without_pod(ClusterState& state, const BackupTask& task) {
  const ObjectObserved* job = job_of(state, task);
  return job != nullptr && !trouble_of_job(state, *job).empty();
}

void reset(const BackupAttempts& its) {
  its.attempt = 0;
  its.retry_at.reset();
  its.last_failure.reset();
}

}  // namespace annals::fsm

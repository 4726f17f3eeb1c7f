#include "fsm/operations/restore_jobs.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/sha256.h"
#include "fsm/operations/clone.h"
#include "fsm/operations/restore_goals.h"
#include "fsm/step/events.h"
#include "fsm/step/job_trouble.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/job_pods.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_permit.h"
#include "fsm/view/restore_progress.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/restore_jobs.h"
#include "manifests/pgbackrest/restore_permit.h"

namespace annals::fsm::restore {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPause = 10s;  // after a Job that failed: a repository may come back
constexpr auto kLastPause = 10min;

ObjectRef job_ref(const ClusterState& state, const std::string& name) {
  return {
      .api_version = "batch/v1", .kind = "Job", .name_space = state.spec->name_space, .name = name};
}

const ObjectObserved* known_job(const ClusterState& state, const std::string& name) {
  const auto job = state.objects.find(job_ref(state, name));
  return job == state.objects.end() ? nullptr : &job->second;
}

const char* machine_of(const ClusterState& state) {
  return state.restore->clone ? kClone.name : kMachine;
}

bool is_running(const PodObserved* pod) { return !pod->end; }

manifests::ArchiveJob archive_job_of(const RestoreProgress& its) {
  return {.id = its.id, .instance = its.instance, .repo = its.plan.repo, .attempt = its.attempt};
}

// Empty: its own repository.
std::string source_of(const CloneOrigin& clone) {
  return clone.cluster.empty() ? clone.store : source_name(clone.name_space, clone.cluster);
}

std::string stanza_of(const RestoreProgress& its) {
  return its.clone && !its.clone->stanza.empty() ? its.clone->stanza : manifests::kStanza;
}

manifests::RestoreJob restore_job_of(const RestoreProgress& its) {
  return {.id = its.id,
          .instance = its.instance,
          .repo = its.plan.repo,
          .options = its.plan.options,
          .archive = its.plan.archive,
          .least_lsn = its.plan.least_lsn,
          .attempt = its.attempt,
          .clone = its.clone.has_value(),
          .source = its.clone ? source_of(*its.clone) : std::string(),
          .stanza = stanza_of(its)};
}

// Its Job makes sure of it.
Guard guard_of_clone(const RestoreProgress& its) {
  return {.lost = say::lost_by_clone(),
          .other_copy = say::no_copy_needed(),
          .allowed_by = described(its)};
}

std::string archive_manifest(ClusterState& state) {
  const Rendered& all = rendered(state);
  return manifests::archive_job_manifest(all.cluster, all.world,
                                         archive_job_of(progress_of(state)));
}

std::string restore_manifest(ClusterState& state) {
  const Rendered& all = rendered(state);
  return manifests::restore_job_manifest(all.cluster, all.world,
                                         restore_job_of(progress_of(state)));
}

// Somebody may take the set or the repository out of the spec in the middle.
Wait place_in_spec(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const bool is_elsewhere = its.clone && !source_of(*its.clone).empty();
  const bool has_repo = its.plan.repo.empty() || is_elsewhere ||
                        std::ranges::any_of(spec::repositories(cluster), [&](const auto& repo) {
                          return repo.name == its.plan.repo;
                        });
  if (!has_repo)
    return {.satisfied = false, .waits_for = say::repository_to_be_in_spec(its.plan.repo)};
  for (const spec::InstanceSet& set : cluster.spec.instances) {
    const auto names = state.instances.find(set.name);
    if (names != state.instances.end() &&
        std::ranges::find(names->second, its.instance) != names->second.end())
      return {.satisfied = true};
  }
  return {.satisfied = false, .waits_for = say::instance_to_be_in_spec(its.instance)};
}

// The one that is followed: its own, and as this attempt asks for it.
const ObjectObserved* own_job(const ClusterState& state, const RestoreStep& step) {
  const ObjectObserved* job = known_job(state, step.job);
  return job != nullptr && job->fields.job->restore == step.hash ? job : nullptr;
}

struct Removal {
  ObjectRef ref;
  std::string uid;
  Message reason;
  Guard guard;
};

void remove(StepBuilder& builder, const char* transition, Removal removal) {
  const ClusterState& state = builder.state();
  const std::string target = to_string(removal.ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide({.machine = machine_of(builder.state()),
                  .transition = transition,
                  .reason = std::move(removal.reason),
                  .inputs = {{.name = "target", .value = target, .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = std::move(removal.ref),
                               .digest = std::move(removal.uid),
                               .guard = std::move(removal.guard)}});
}

void remove_job(StepBuilder& builder, const ObjectObserved& job) {
  remove(builder, "remove-job",
         {.ref = job.ref,
          .uid = job.uid,
          .reason = say::removing_job_of_restore(to_string(job.ref)),
          .guard = {.lost = say::log_of_ended_job(),
                    .other_copy = say::no_other_copy(),
                    .allowed_by = described(progress_of(builder.state()))}});
}

// Of a Job that no restore waits for: its pod has not started.
void remove_late_job(StepBuilder& builder, const ObjectObserved& job) {
  const ObjectRef permit = restore_permit_ref(builder.state(), *job.fields.job->restore);
  remove(builder, "remove-late-job",
         {.ref = job.ref,
          .uid = job.uid,
          .reason = say::job_that_may_not_start(to_string(job.ref), to_string(permit)),
          .guard = {.lost = say::log_of_ended_job(),
                    .other_copy = say::no_copy_needed(),
                    .allowed_by = say::nobody_restores()}});
}

void remove_permit(StepBuilder& builder, const ObjectObserved& permit) {
  const RestoreProgress& its = progress_of(builder.state());
  remove(builder, "remove-permit",
         {.ref = permit.ref,
          .uid = permit.uid,
          .reason = say::removing_job_of_restore(to_string(permit.ref)),
          .guard = {.lost = say::permit_of_restore(),
                    .other_copy = say::no_copy_needed(),
                    .allowed_by = is_unfinished(its) ? described(its) : say::nobody_restores()}});
}

// All but the one with that hash. By copies, since a decision may change what is known.
void remove_permits(StepBuilder& builder, const std::string& but) {
  const ObjectRef own = restore_permit_ref(builder.state(), but);
  std::vector<ObjectObserved> others;
  for (const ObjectObserved* permit : restore_permits(builder.state())) {
    if (permit->ref != own) others.push_back(*permit);
  }
  for (const ObjectObserved& permit : others) remove_permit(builder, permit);
}

// Volumes are written by one at a time: a Job of another request or attempt, or a pod that is left
// of it, has to be gone first.
Wait room_for(const ClusterState& state, const RestoreStep& step) {
  for (const std::string& name : restore_job_names(state)) {
    if (name == step.job && own_job(state, step) != nullptr) continue;
    if (const ObjectObserved* job = known_job(state, name))
      return {.satisfied = false,
              .waits_for = say::job_to_be_removed(to_string(job->ref)),
              .remedy = say::describe_job(name)};
    if (const auto pods = pods_of_job(state, name); !pods.empty())
      return {.satisfied = false,
              .waits_for = say::pod_to_terminate(pods.front()->name),
              .remedy = say::delete_lost_node(pods.front()->node)};
  }
  const ObjectRef own = restore_permit_ref(state, step.hash);
  for (const ObjectObserved* permit : restore_permits(state)) {
    if (permit->ref != own)
      return {.satisfied = false, .waits_for = say::job_to_be_removed(to_string(permit->ref))};
  }
  return {.satisfied = true};
}

void make_room(StepBuilder& builder, const RestoreStep& step) {
  const ClusterState& state = builder.state();
  for (const std::string& name : restore_job_names(state)) {
    const ObjectObserved* known = known_job(state, name);
    if (known == nullptr || own_job(state, step) == known) continue;
    const ObjectObserved job = *known;
    remove_job(builder, job);
  }
  remove_permits(builder, step.hash);
}

void permit_step(StepBuilder& builder, const RestoreStep& step) {
  ClusterState& state = builder.state();
  const ObjectRef ref = restore_permit_ref(state, step.hash);
  const std::string target = to_string(ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  const Rendered& all = rendered(state);
  std::string manifest =
      manifests::restore_permit_manifest(all.cluster, all.world, step.job, step.hash);
  builder.decide({.machine = machine_of(builder.state()),
                  .transition = "permit-job",
                  .reason = say::permitting_job_of_restore(to_string(job_ref(state, step.job)),
                                                           target, described(progress_of(state))),
                  .inputs = {},
                  .intents = {}},
                 {ApplyObject{.ref = ref,
                              .digest = sha256_hex(manifest),
                              .manifest = std::move(manifest),
                              .guard = {}}});
}

void begin_step(StepBuilder& builder, const RestoreStep& step) {
  ClusterState& state = builder.state();
  if (!state.objects.contains(restore_permit_ref(state, step.hash)))
    return permit_step(builder, step);
  const ObjectRef ref = job_ref(state, step.job);
  const std::string target = to_string(ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  std::string manifest = step.manifest(state);
  const RestoreProgress& its = progress_of(state);
  builder.decide({.machine = machine_of(builder.state()),
                  .transition = "start-job",
                  .reason = say::starting_job_of_restore(
                      target, its.attempt == 0 ? std::string() : std::to_string(its.attempt + 1),
                      described(its)),
                  .inputs = {{.name = "instance", .value = its.instance, .holds = true}},
                  .intents = {}},
                 {ApplyObject{.ref = ref,
                              .digest = sha256_hex(manifest),
                              .manifest = std::move(manifest),
                              .guard = step.guard}});
}

// What the pod left as its last words; where there is none, what Kubernetes says of the Job.
Message failure_of(const ClusterState& state, const ObjectObserved& job) {
  for (const PodObserved* pod : pods_of_job(state, job.ref.name)) {
    if (pod->end && !pod->end->message.empty()) return say::job_ended_with(pod->end->message);
  }
  return say::job_ended_with(*job.fields.job->failed);
}

// Its words come with its pod, which may be told of later than the Job.
bool is_failure_known(const ClusterState& state, const ObjectObserved& job) {
  return job.fields.job->failed &&
         std::ranges::none_of(pods_of_job(state, job.ref.name), is_running);
}

void handle_failure(StepBuilder& builder, const ObjectObserved& job) {
  ClusterState& state = builder.state();
  RestoreProgress& its = progress_of(state);
  if (!its.retry_at) {
    const Duration pause = kFirstPause * (1 << std::min(its.attempt, 6));
    its.retry_at = state.now + std::min<Duration>(pause, kLastPause);
    its.failure = failure_of(state, job);
    report_event_once(builder, EventType::kWarning, "RestoreJobFailed",
                      say::restore_job_failed(to_string(job.ref), its.failure, *its.retry_at));
  }
  if (*its.retry_at > state.now) return requeue_at(state, *its.retry_at);
  its.retry_at.reset();
  its.attempt += 1;  // by which the failed one is none of ours any more
}

Wait wait_for_job(ClusterState& state, const RestoreStep& step) {
  const ObjectObserved* job = own_job(state, step);
  const std::string target = to_string(job_ref(state, step.job));
  const RestoreProgress& its = progress_of(state);
  const std::string failed = its.attempt == 0 && !its.retry_at
                                 ? std::string()
                                 : std::to_string(its.attempt + (its.retry_at ? 1 : 0));
  Message trouble = job == nullptr ? Message() : trouble_of_job(state, *job);
  for (const PodObserved* pod : pods_of_job(state, step.job)) {
    if (trouble.empty() && is_running(pod)) trouble = trouble_of(state, *pod);
  }
  if (trouble.empty()) trouble = its.failure;
  for (const std::string& written : {to_string(restore_permit_ref(state, step.hash)), target}) {
    const auto retry = state.retries.find(written);
    if (job == nullptr && retry != state.retries.end()) trouble = retry->second.error;
  }
  return {.satisfied = false,
          .waits_for = say::job_to_complete(target, failed, std::move(trouble)),
          .remedy = job == nullptr ? Message() : say::job_logs(step.job)};
}

}  // namespace

RestoreStep archive_step(ClusterState& state) {
  return {.job = manifests::names::archive_job(state.spec->name),
          .hash = manifests::hash_of(archive_job_of(progress_of(state))),
          .guard = {},
          .manifest = archive_manifest};
}

RestoreStep restore_step(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  return {.job = manifests::names::restore_job(state.spec->name),
          .hash = manifests::hash_of(restore_job_of(its)),
          .guard = its.clone ? guard_of_clone(its) : guard_of(state),
          .manifest = restore_manifest};
}

Wait step_complete(const OperationView& view, const RestoreStep& step) {
  ClusterState& state = view.state;
  const ObjectObserved* job = own_job(state, step);
  const bool is_complete = job != nullptr && job->fields.job->complete &&
                           std::ranges::none_of(pods_of_job(state, step.job), is_running);
  return is_complete ? Wait{.satisfied = true} : wait_for_job(state, step);
}

Wait pursue_step(StepBuilder& builder, RestoreStep (*step_of)(ClusterState& state)) {
  ClusterState& state = builder.state();
  if (const ObjectObserved* known = own_job(state, step_of(state))) {
    const ObjectObserved job = *known;
    if (is_failure_known(state, job)) handle_failure(builder, job);
  }
  const RestoreStep step = step_of(state);  // another one after a failure
  if (const ObjectObserved* own = own_job(state, step)) {
    // Somebody may have deleted the permit before the pod started.
    if (!own->fields.job->has_ended() && !is_permitted(state, *own)) permit_step(builder, step);
    return wait_for_job(state, step);
  }
  make_room(builder, step);
  if (Wait wait = room_for(state, step); !wait.satisfied) return wait;
  if (Wait wait = place_in_spec(state); !wait.satisfied) return wait;
  begin_step(builder, step);
  return wait_for_job(state, step);
}

void note_job(ClusterState& state) {
  const ObjectObserved* job = known_job(state, manifests::names::restore_job(state.spec->name));
  RestoreProgress& its = progress_of(state);
  if (job == nullptr || its.phase < RestorePhase::kRestoring) return;
  const JobFields& told = *job->fields.job;
  its.seen = {.start_time = told.start_time,
              .completion_time = told.completion_time,
              .active = told.active,
              .succeeded = told.succeeded,
              .failures = told.failures};
}

Wait no_permit_left(const ClusterState& state) {
  const std::vector<const ObjectObserved*> permits = restore_permits(state);
  if (permits.empty()) return {.satisfied = true};
  return {.satisfied = false, .waits_for = say::job_to_be_removed(to_string(permits.front()->ref))};
}

Wait remove_all_permits(StepBuilder& builder) {
  remove_permits(builder, "");
  return no_permit_left(builder.state());
}

Wait no_job_left(const ClusterState& state) {
  for (const std::string& name : restore_job_names(state)) {
    if (const ObjectObserved* job = known_job(state, name))
      return {.satisfied = false, .waits_for = say::job_to_be_removed(to_string(job->ref))};
  }
  return {.satisfied = true};
}

Wait remove_all_jobs(StepBuilder& builder) {
  const ClusterState& state = builder.state();
  for (const std::string& name : restore_job_names(state)) {
    const ObjectObserved* known = known_job(state, name);
    if (known == nullptr) continue;
    const ObjectObserved job = *known;
    remove_job(builder, job);
  }
  return no_job_left(state);
}

void remove_strays(StepBuilder& builder) {
  const ClusterState& state = builder.state();
  std::vector<ObjectObserved> jobs;
  for (const std::string& name : restore_job_names(state)) {
    const ObjectObserved* job = known_job(state, name);
    if (job != nullptr && job->fields.job->restore && !job->fields.job->has_ended())
      jobs.push_back(*job);
  }
  for (const ObjectObserved& job : jobs) {
    if (!is_permitted(state, job)) remove_late_job(builder, job);
  }
  if (jobs.empty()) remove_permits(builder, "");
}

}  // namespace annals::fsm::restore

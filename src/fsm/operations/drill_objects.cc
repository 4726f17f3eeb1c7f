#include "fsm/operations/drill_objects.h"

#include <charconv>
#include <chrono>
#include <map>
#include <utility>

#include "base/sha256.h"
#include "fsm/operations/drill_removals.h"
#include "fsm/step/job_trouble.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/drill_request.h"
#include "fsm/view/job_pods.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/drill_job.h"

namespace annals::fsm::drill {
namespace {

using namespace std::chrono_literals;

constexpr WaitLimit kRemoved{kMachine, "leftovers-removed", 10min};

std::string name_of_objects(const ClusterState& state) {
  return manifests::names::restore_drill(state.spec->name);
}
ObjectRef job_ref(const ClusterState& state) {
  return {.api_version = "batch/v1",
          .kind = "Job",
          .name_space = state.spec->name_space,
          .name = name_of_objects(state)};
}
ObjectRef claim_ref(const ClusterState& state) {
  return {.api_version = "v1",
          .kind = "PersistentVolumeClaim",
          .name_space = state.spec->name_space,
          .name = name_of_objects(state)};
}

const ObjectObserved* known(const ClusterState& state, const ObjectRef& ref) {
  const auto found = state.objects.find(ref);
  return found == state.objects.end() ? nullptr : &found->second;
}

// The Job of this drill, as it was asked for; null while it is not there.
const ObjectObserved* own_job(const ClusterState& state) {
  const ObjectObserved* job = known(state, job_ref(state));
  const bool is_own =
      job != nullptr && is_begun(state) && job->fields.job->restore == state.drill->hash;
  return is_own ? job : nullptr;
}

bool is_asked(const ClusterState& state, const ObjectRef& ref) {
  const std::string target = to_string(ref);
  return is_pending(state, target) || is_waiting_to_retry(state, target);
}

Message error_of(const ClusterState& state, const ObjectRef& ref) {
  const auto retry = state.retries.find(to_string(ref));
  return retry == state.retries.end() ? Message() : retry->second.error;
}

manifests::DrillJob job_of(ClusterState& state) {
  const DrillRequest request = drill_request(rendered(state).cluster);
  const Drill& its = *state.drill;
  return {.id = its.id,
          .repo = its.repo,
          .set = its.set,
          .timeline = its.timeline,
          .archive = its.archive,
          .database = request.database,
          .query = request.query,
          .age_query = request.age_query};
}

ApplyObject apply(const ObjectRef& ref, std::string manifest) {
  std::string digest = sha256_hex(manifest);
  return {.ref = ref, .digest = std::move(digest), .manifest = std::move(manifest), .guard = {}};
}

void make_volume(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const ObjectRef ref = claim_ref(state);
  if (is_asked(state, ref)) return;
  const Rendered& all = rendered(state);
  const std::string storage_class = drill_request(all.cluster).storage_class;
  decide(builder, "make-volume", say::making_drill_volume(to_string(ref), described(state)),
         {apply(ref, manifests::drill_claim_manifest(all.cluster, all.world, storage_class))});
}

void start_job(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const ObjectRef ref = job_ref(state);
  if (is_asked(state, ref)) return;
  const manifests::DrillJob job = job_of(state);
  Drill& its = *state.drill;
  its.hash = manifests::hash_of(job);
  its.phase = DrillPhase::kRunning;
  const Rendered& all = rendered(state);
  decide(builder, "start-job", say::starting_drill_job(to_string(ref), its.set, described(state)),
         {apply(ref, manifests::drill_job_manifest(all.cluster, all.world, job))});
}

void remove(StepBuilder& builder, const ObjectRef& ref) {
  ClusterState& state = builder.state();
  const ObjectObserved* object = known(state, ref);
  if (object == nullptr || is_asked(state, ref)) return;
  const bool is_job = ref.kind == "Job";
  decide(
      builder, is_job ? "remove-job" : "remove-volume", say::removing_drill_object(to_string(ref)),
      {DeleteObject{.ref = ref,
                    .digest = object->uid,
                    .guard = {.lost = is_job ? say::log_of_ended_job() : say::copy_made_by_drill(),
                              .other_copy = say::backup_in_repository(),
                              .allowed_by = say::no_drill_goes_on()}}});
}

bool has_pods(const ClusterState& state) {
  return !pods_of_job(state, name_of_objects(state)).empty();
}

// The last one that is left; satisfied when nothing is.
Wait nothing_left(const ClusterState& state) {
  for (const ObjectRef& ref : {job_ref(state), claim_ref(state)}) {
    if (known(state, ref) != nullptr)
      return {.satisfied = false,
              .waits_for = say::drill_object_to_be_removed(to_string(ref), error_of(state, ref))};
  }
  return {.satisfied = true};
}

void remove_what_is_left(StepBuilder& builder) {
  const ClusterState& state = builder.state();
  remove(builder, job_ref(state));
  const bool is_free = known(state, job_ref(state)) == nullptr && !has_pods(state) &&
                       !is_pending(state, to_string(job_ref(state)));
  if (is_free) remove(builder, claim_ref(state));
}

const ContainerEnd* end_of_pod(const ClusterState& state) {
  for (const PodObserved* pod : pods_of_job(state, name_of_objects(state))) {
    if (pod->end) return &*pod->end;
  }
  return nullptr;
}

std::string told(const std::map<std::string, std::string>& report, const char* name) {
  const auto found = report.find(name);
  return found == report.end() ? std::string() : found->second;
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

void decide(StepBuilder& builder, const char* transition, Message reason,
            std::vector<Action> actions) {
  const std::optional<Drill>& its = builder.state().drill;
  builder.decide({.machine = kMachine,
                  .transition = transition,
                  .reason = std::move(reason),
                  .inputs = {{.name = "request", .value = its ? its->id : "", .holds = true}},
                  .intents = {}},
                 std::move(actions));
}

Message described(ClusterState& state) {
  const Drill& its = *state.drill;
  if (its.id == its.request)
    return say::drill_requested(manifests::annotation::kRestoreDrill, its.id, its.writer);
  const auto& annotations = rendered(state).cluster.annotations;
  const auto every = annotations.find(manifests::annotation::kRestoreDrillSchedule);
  return say::drill_due(manifests::annotation::kRestoreDrillSchedule,
                        every == annotations.end() ? std::string() : every->second);
}

bool is_begun(const ClusterState& state) {
  return state.drill->phase == DrillPhase::kRunning && !state.drill->hash.empty();
}

Wait room_made(const OperationView& view) {
  const ClusterState& state = view.state;
  if (Wait wait = nothing_left(state); !wait.satisfied) return wait;
  if (!has_pods(state)) return {.satisfied = true};
  const PodObserved* pod = pods_of_job(state, name_of_objects(state)).front();
  return {.satisfied = false,
          .waits_for = say::pod_to_terminate(pod->name),
          .remedy = say::delete_lost_node(pod->node)};
}

Wait make_room(StepBuilder& builder, const OperationView& view) {
  remove_what_is_left(builder);
  return room_made(view);
}

Wait job_begun(const OperationView& view) {
  const ClusterState& state = view.state;
  for (const ObjectRef& ref : {claim_ref(state), job_ref(state)}) {
    const bool is_there =
        ref.kind == "Job" ? own_job(state) != nullptr : known(state, ref) != nullptr;
    if (!is_there)
      return {.satisfied = false,
              .waits_for = say::drill_volume_to_be_there(to_string(ref), error_of(state, ref))};
  }
  return {.satisfied = true};
}

// The Job is asked for with the volume: it waits for nothing but its pod's start. A Job that is not
// as this drill asks for is of a request that came late.
Wait begin_job(StepBuilder& builder, const OperationView& view) {
  const ClusterState& state = builder.state();
  if (known(state, claim_ref(state)) == nullptr) make_volume(builder);
  const ObjectObserved* job = known(state, job_ref(state));
  if (job == nullptr) {
    start_job(builder);
  } else if (own_job(state) == nullptr) {
    remove(builder, job_ref(state));
  }
  return job_begun(view);
}

bool has_pod_started(const ClusterState& state) {
  if (!is_begun(state)) return false;
  const ObjectObserved* job = own_job(state);
  // One that was seen with a pod and is gone was deleted by somebody.
  if (job == nullptr) return state.drill->seen != JobFields();
  if (job->fields.job->has_ended()) return true;
  for (const PodObserved* pod : pods_of_job(state, job->ref.name)) {
    if (pod->phase != "Pending" && !pod->phase.empty()) return true;
  }
  return false;
}

Wait pod_started(const OperationView& view) {
  ClusterState& state = view.state;
  if (has_pod_started(state)) return {.satisfied = true};
  const ObjectRef ref = job_ref(state);
  Message trouble;
  if (const ObjectObserved* job = own_job(state)) trouble = trouble_of_job(state, *job);
  for (const PodObserved* pod : pods_of_job(state, ref.name)) {
    if (trouble.empty()) trouble = trouble_of(state, *pod);
  }
  return {.satisfied = false,
          .waits_for = say::drill_pod_to_start(to_string(ref), std::move(trouble)),
          .remedy = say::describe_job(ref.name)};
}

Wait job_ended(const OperationView& view) {
  ClusterState& state = view.state;
  const ObjectObserved* job = own_job(state);
  const std::string name = name_of_objects(state);
  if (job != nullptr && job->fields.job->complete && !runs_pod_of_job(state, name))
    return {.satisfied = true};
  if (job != nullptr && job->fields.job->failed && !runs_pod_of_job(state, name)) {
    if (Wait wait = removals_known(state, end_of_pod(state)); !wait.satisfied) return wait;
  }
  Message trouble;
  for (const PodObserved* pod : pods_of_job(state, name)) trouble = trouble_of(state, *pod);
  return {.satisfied = false,
          .waits_for =
              say::drill_to_end(to_string(job_ref(state)), state.drill->set, std::move(trouble)),
          .remedy = say::job_logs(name)};
}

// Its words come with its pod, which may be told of later than the Job.
Message job_failed(const OperationView& view) {
  ClusterState& state = view.state;
  const std::string target = to_string(job_ref(state));
  const ObjectObserved* job = own_job(state);
  if (job == nullptr) return say::drill_job_failed(target, say::job_removed_unseen());
  if (runs_pod_of_job(state, job->ref.name)) return {};
  const ContainerEnd* end = end_of_pod(state);
  if (job->fields.job->failed) {
    if (!removals_known(state, end_of_pod(state)).satisfied) return {};
    const bool has_words = end != nullptr && !end->message.empty();
    Message failure =
        has_words ? say::job_ended_with(end->message) : say::job_failed(*job->fields.job->failed);
    if (is_backup_removed(state, end))
      return say::drill_backup_removed(state.drill->set, state.drill->repo, std::move(failure));
    return say::drill_job_failed(target, std::move(failure));
  }
  const bool is_lost = job->fields.job->complete && verified_by_job(state).checks.empty();
  return is_lost ? say::drill_report_lost(target) : Message();
}

std::string reason_of_failure(const ClusterState& state) {
  if (!is_begun(state)) return "DrillNotPossible";
  const ContainerEnd* end = end_of_pod(state);
  if (end == nullptr) return "DrillFailed";
  if (is_backup_removed(state, end)) return "BackupExpired";
  if (end->exit_code == manifests::kDrillFoundDamage) return "DamageFound";
  if (end->exit_code == manifests::kDrillQueryFailed) return "QueryFailed";
  return "RestoreFailed";
}

VerifiedBackup verified_by_job(const ClusterState& state) {
  const auto report = report_of_job(state, name_of_objects(state));
  const std::string age = told(report, "age");
  return {.label = state.drill->set,
          .type = state.drill->type,
          .at = state.now,
          .wal_end = told(report, "lsn"),
          .last_transaction = told(report, "stopped"),
          .checks = told(report, "checks"),
          .databases = number(told(report, "databases")),
          .tables = number(told(report, "tables")),
          .rows = number(told(report, "rows")),
          .seconds = number(told(report, "seconds")),
          .age = age.empty() ? std::nullopt : std::optional(number(age)),
          .answer = told(report, "answer")};
}

void note_job(ClusterState& state) {
  const ObjectObserved* job = own_job(state);
  if (job == nullptr) return;
  const JobFields& fields = *job->fields.job;
  state.drill->seen = {.start_time = fields.start_time,
                       .completion_time = fields.completion_time,
                       .active = fields.active,
                       .succeeded = fields.succeeded,
                       .failures = fields.failures};
}

void remove_leftovers(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const bool is_needed = state.drill && state.drill->phase == DrillPhase::kRunning;
  if (is_needed || nothing_left(state).satisfied) return;
  remove_what_is_left(builder);
  if (builder.waits(kMachine)) return;
  if (const Wait wait = nothing_left(state); !wait.satisfied) note_wait(builder, kRemoved, wait);
}

}  // namespace annals::fsm::drill

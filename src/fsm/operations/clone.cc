#include "fsm/operations/clone.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "fsm/operations/clone_goals.h"
#include "fsm/operations/restore_goals.h"
#include "fsm/operations/restore_jobs.h"
#include "fsm/step/engine.h"
#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/namesake.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "manifests/cluster/desired.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/repository_reader.h"

namespace annals::fsm {
namespace clone {

using restore::progress_of;

void decide(StepBuilder& builder, const char* transition, Message reason,
            std::vector<Action> actions) {
  const std::string source = clone_request(rendered(builder.state()).cluster).source();
  builder.decide({.machine = kClone.name,
                  .transition = transition,
                  .reason = std::move(reason),
                  .inputs = {{.name = "source", .value = source, .holds = true}},
                  .intents = {}},
                 std::move(actions));
}

Wait wait_out(const RestoreRefusal& refusal) {
  return {.satisfied = false,
          .waits_for = say::clone_possible(refusal.text),
          .remedy = say::clone_correct_source()};
}

void note_refusal(StepBuilder& builder, const RestoreRefusal& refusal) {
  RestoreProgress& its = progress_of(builder.state());
  if (its.failure == refusal.text) return;
  its.failure = refusal.text;
  its.failure_reason = refusal.reason;
  report_event_once(builder, EventType::kWarning, refusal.reason, refusal.text);
}

bool is_chosen(const ClusterState& state) { return state.restore->phase > RestorePhase::kChecking; }

namespace {

using namespace std::chrono_literals;

bool was_started(const ClusterState& state, const std::string& id) {
  const bool was_cloned = state.spec->restore_succeeded && state.spec->restored == id;
  return was_cloned || state.phase > ProvisionPhase::kStarting;
}

// By all that tells of one: a clone writes over no database. Its Job looks again, at the volume.
// What a namesake has left is none of this cluster.
bool has_database(ClusterState& state, const std::string& id) {
  if (was_started(state, id)) return true;
  return is_bootstrapped(state) && wait_for_own_patroni_state(state).satisfied;
}

// Of one that goes on. What Patroni has stored may be of the deleted cluster, whose database this
// is.
bool is_done_already(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  return its.clone->deleted.empty() ? has_database(state, its.id) : was_started(state, its.id);
}

// The journal is an older copy: an instance has been started on what was restored since.
void take_as_done(StepBuilder& builder) {
  RestoreProgress& its = progress_of(builder.state());
  its.phase = RestorePhase::kStarting;
  its.touched = false;
  builder.state().rendered.reset();
  decide(builder, "take-as-done", say::clone_has_a_database(restore::described(its)));
}

// Of another cluster that is known only when that has been looked at.
bool is_read_by_reader(const spec::PostgresCluster& cluster, const CloneRequest& request) {
  if (!request.is_of_own() || request.is_of_volume()) return request.is_of_store();
  const std::vector<spec::Repository>& repos = spec::repositories(cluster);
  return std::ranges::any_of(repos, [&](const spec::Repository& repo) {
    return repo.name == request.repo && !repo.volume;
  });
}

// Instances come back by their names, and go on by others where they do not. None has run yet;
// those that have anything of this cluster are found again.
void forget_names(ClusterState& state) {
  state.instances.clear();
  state.rendered.reset();
}

void take_up(ClusterState& state, const CloneRequest& request, bool is_begun) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const auto annotation = cluster.annotations.find(restore::kAnnotation);
  CloneOrigin origin{
      .name_space = request.name_space,
      .cluster = request.cluster,
      .store = request.store,
      .by_reader = is_read_by_reader(cluster, request),
      .annotation = annotation == cluster.annotations.end() ? "" : annotation->second,
      .deleted = request.deleted,
      .begun = is_begun};
  if (request.is_of_store()) {
    origin.stanza = cluster.spec.data_source->pgbackrest->stanza;
    origin.resource = state.spec->resource;
  }
  state.restore = RestoreProgress{.phase = RestorePhase::kChecking,
                                  .id = request.id,
                                  .asked = clone_described(cluster),
                                  .writer = state.changes.actor,
                                  .since = state.now,
                                  .touched = true,
                                  .clone = std::move(origin)};
  if (!request.deleted.empty()) forget_names(state);
  state.rendered.reset();
}

Message begin(ClusterState& state) {
  const CloneRequest request = clone_request(rendered(state).cluster);
  RestoreProgress& its = progress_of(state);
  its.instance = first_instance(state);
  its.phase = RestorePhase::kRestoring;
  its.clone->begun = true;
  its.clone->of_volume = request.is_of_volume();
  its.clone->may_be_empty = !request.kept_set.empty();
  state.rendered.reset();
  return say::clone_begins(its.instance, restore::described(its));
}

// Also what a process without memory may have started.
Wait objects_in_place(const OperationView& view) {
  ClusterState& state = view.state;
  for (const Member& member : view.members) {
    if (member.pod != nullptr)
      return {.satisfied = false,
              .waits_for = say::pod_to_terminate(member.pod->name),
              .remedy = say::delete_lost_node(member.pod->node)};
  }
  // What comes after the workloads is none of the Job's.
  const Wanted* missing = first_not_in_sync(state);
  const bool is_enough =
      missing == nullptr || missing->rank > static_cast<int>(manifests::Rank::kWorkload);
  return is_enough ? Wait{.satisfied = true} : wait_for_object(state, *missing);
}

// Also what is there by another configuration than the last one.
std::vector<ObjectRef> access_objects(const ClusterState& state) {
  const std::string name = manifests::names::clone_source(state.spec->name);
  std::vector<ObjectRef> found;
  for (const auto& [ref, object] : state.objects) {
    const bool is_copy = ref.kind == "Secret" && ref.name.starts_with(name + "-");
    const bool is_named = (ref.kind == "Secret" || ref.kind == "ConfigMap") && ref.name == name;
    const bool is_reader =
        ref.kind == "StatefulSet" && manifests::is_repository_reader(state.spec->name, ref.name);
    if (is_copy || is_named || is_reader) found.push_back(ref);
  }
  return found;
}

Wait access_removed(const OperationView& view) {
  const std::vector<ObjectRef> left = access_objects(view.state);
  if (left.empty()) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::clone_source_to_be_removed(to_string(left.front()))};
}

Wait remove_access(StepBuilder& builder, const OperationView& /*view*/) {
  ClusterState& state = builder.state();
  for (const ObjectRef& ref : access_objects(state)) {
    const auto object = state.objects.find(ref);
    const std::string target = to_string(ref);
    const bool is_asked = is_pending(state, target) || is_waiting_to_retry(state, target);
    if (object == state.objects.end() || is_asked) continue;
    decide(builder, "remove-access", say::removing_clone_source(target),
           {DeleteObject{.ref = ref,
                         .digest = object->second.uid,
                         .guard = {.lost = say::access_to_clone_source(),
                                   .other_copy = say::no_copy_needed(),
                                   .allowed_by = restore::described(progress_of(state))}}});
  }
  return access_removed(look(state));
}

bool is_of_volume(const ClusterState& state) { return state.restore->clone->of_volume; }

Wait data_there(const OperationView& view) {
  return is_of_volume(view.state) ? data_in_place(view) : restore::data_restored(view);
}

Wait bring_data(StepBuilder& builder, const OperationView& view) {
  return is_of_volume(view.state) ? move_data(builder, view) : restore::restore_data(builder, view);
}

Message note_data(ClusterState& state) {
  if (!is_of_volume(state)) return restore::note_restored(state);
  RestoreProgress& its = progress_of(state);
  its.phase = RestorePhase::kRestored;
  its.failure = {};
  its.clone->is_empty = is_volume_empty(state);
  state.rendered.reset();
  return its.clone->is_empty ? say::volume_is_empty(its.instance)
                             : say::volume_has_database(its.instance);
}

Wait instance_may_start(const OperationView& /*view*/) { return {.satisfied = true}; }

bool is_past_data(const ClusterState& state) {
  return state.restore->phase > RestorePhase::kRestoring;
}

Message complete(StepBuilder& builder, const OperationView& /*view*/) {
  RestoreProgress& its = progress_of(builder.state());
  its.phase = RestorePhase::kSucceeded;
  builder.state().source.reset();
  builder.state().existing_volumes.reset();
  Message reason = say::clone_complete(its.instance, its.plan.options.set, restore::described(its));
  report_event_once(builder, EventType::kNormal, "CloneComplete", reason);
  return reason;
}

// clang-format off
constexpr std::array kGoals{
    Goal{.name = "deleted-volumes-taken-up", .limit = 10min, .check = deleted_volumes_taken_up,
         .advance = take_up_deleted_volumes, .passed = is_chosen},
    Goal{.name = "volumes-found", .limit = 10min, .check = volumes_found,
         .advance = find_volumes, .passed = is_chosen},
    Goal{.name = "repository-moved", .limit = 10min, .check = repository_moved,
         .advance = move_repository, .passed = is_repository_noted, .pass = note_repository},
    Goal{.name = "backup-chosen", .limit = 10min, .check = backup_chosen,
         .advance = choose_backup, .passed = is_chosen, .pass = begin},
    Goal{.name = "objects-in-place", .limit = 10min, .check = objects_in_place,
         .passed = is_past_data},
    Goal{.name = "data-restored", .limit = 24h, .check = data_there,
         .advance = bring_data, .passed = restore::is_data_restored, .pass = note_data},
    Goal{"permit-removed", 5min, restore::permit_removed, restore::remove_permit},
    Goal{"access-removed", 5min, access_removed, remove_access},
    Goal{.name = "instance-may-start", .limit = 1min, .check = instance_may_start,
         .passed = restore::is_start_begun, .pass = restore::begin_start},
    Goal{.name = "primary-started", .limit = 10min, .check = restore::primary_started,
         .passed = restore::is_led, .pass = restore::note_leader},
    Goal{"jobs-removed", 5min, restore::jobs_removed, restore::remove_jobs},
};
// clang-format on

bool goes_on(ClusterState& state) { return state.restore && is_cloning(*state.restore); }

}  // namespace
}  // namespace clone

const OperationKind kClone{.name = "clone",
                           .goals = clone::kGoals,
                           .complete = clone::complete,
                           .goes_on = clone::goes_on};

void decide_data_source(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const CloneRequest request = clone_request(rendered(state).cluster);
  if (!state.restore) {
    if (request.id.empty() || clone::has_database(state, request.id)) return;
    clone::take_up(state, request, false);
    clone::decide(builder, "begin", restore::described(*state.restore));
    return;
  }
  if (!is_cloning(*state.restore) || clone::is_past_data(state)) return;
  if (clone::is_done_already(state)) return clone::take_as_done(builder);
  const bool is_begun = state.restore->clone->begun;
  const bool is_of_deleted = !state.restore->clone->deleted.empty();
  if (is_of_deleted && is_begun) return;
  if (request.id.empty()) {
    if (is_begun) return;
    clone::decide(builder, "abandon", say::clone_withdrawn());
    if (is_of_deleted) clone::forget_names(state);
    state.restore.reset();
    state.rendered.reset();
  } else if (clone_described(rendered(state).cluster) != state.restore->asked) {
    if (is_of_deleted) clone::forget_names(state);
    clone::take_up(state, request, is_begun);
    clone::decide(builder, "replace", say::clone_replaced(restore::described(*state.restore)));
  }
}

}  // namespace annals::fsm

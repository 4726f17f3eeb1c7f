// Volumes that were there before the cluster become its own: they are looked at, adopted, and what
// lies elsewhere in them is moved.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/operations/clone_goals.h"
#include "fsm/operations/restore_goals.h"
#include "fsm/operations/restore_jobs.h"
#include "fsm/step/engine.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/job_pods.h"
#include "fsm/view/rendering.h"
#include "manifests/cluster/move_jobs.h"
#include "manifests/names.h"

namespace annals::fsm::clone {
namespace {

using namespace std::chrono_literals;
using restore::progress_of;

constexpr auto kBetweenLooks = 30s;

bool is_read(const ClusterState& state) {
  return state.existing_volumes && state.existing_volumes->at >= state.restore->since;
}

std::vector<std::string> claims_of(ClusterState& state) {
  std::vector<std::string> claims;
  for (const auto& [usual, claim] : claims_to_adopt(rendered(state).cluster, ""))
    claims.push_back(claim);
  return claims;
}

// Only where all of them have been seen.
std::map<std::string, AdoptedVolume> volumes_to_adopt(ClusterState& state) {
  std::map<std::string, AdoptedVolume> adopted;
  for (const auto& [usual, claim] :
       claims_to_adopt(rendered(state).cluster, first_instance(state))) {
    const VolumeSeen& seen = state.existing_volumes->volumes.at(claim);
    adopted[usual] = {.claim = claim, .uid = seen.uid};
  }
  return adopted;
}

RestoreRefusal trouble_with_volumes(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  RestoreRefusal mistake = mistake_in_clone(cluster, *state.config);
  if (!mistake.empty() || !is_read(state)) return mistake;
  return mistake_in_volumes(cluster, state.uid, *state.existing_volumes);
}

void read_volumes(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (is_pending(state, kVolumesTarget) || is_waiting_to_retry(state, kVolumesTarget)) return;
  const std::vector<std::string> claims = claims_of(state);
  const std::string names = listed(claims);
  decide(builder, "read-volumes",
         say::reading_volumes(names, restore::described(progress_of(state))),
         {ReadVolumes{.digest = sha256_hex(names), .claims = claims}});
}

void adopt(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const spec::ExistingVolumes wish = clone_request(rendered(state).cluster).volumes;
  const auto directory_of = [](const std::optional<spec::ExistingVolume>& volume) {
    return volume ? volume->directory : std::string();
  };
  RestoreProgress& its = progress_of(state);
  its.instance = first_instance(state);
  CloneOrigin& origin = *its.clone;
  origin.adopted = volumes_to_adopt(state);
  origin.of_volume = wish.data.has_value();
  origin.data_directory = directory_of(wish.data);
  origin.wal_directory = directory_of(wish.wal);
  origin.repository_directory = directory_of(wish.repository);
  its.failure = {};
  its.failure_reason.clear();
  state.rendered.reset();
  decide(builder, "adopt-volumes",
         say::adopting_volumes(listed(claims_of(state)), restore::described(its)));
}

// ---- Jobs

manifests::MoveDataJob data_job_of(const RestoreProgress& its) {
  return {.id = its.id,
          .instance = its.instance,
          .directory = its.clone->data_directory,
          .wal_directory = its.clone->wal_directory,
          .may_be_empty = its.clone->may_be_empty,
          .attempt = its.attempt};
}

manifests::MoveRepositoryJob repository_job_of(const RestoreProgress& its) {
  return {.id = its.id, .directory = its.clone->repository_directory, .attempt = its.attempt};
}

std::string data_manifest(ClusterState& state) {
  const Rendered& all = rendered(state);
  return manifests::move_data_manifest(all.cluster, all.world, data_job_of(progress_of(state)));
}

std::string repository_manifest(ClusterState& state) {
  const Rendered& all = rendered(state);
  return manifests::move_repository_manifest(all.cluster, all.world,
                                             repository_job_of(progress_of(state)));
}

Guard guard_of_move(const RestoreProgress& its) {
  return {.lost = say::lost_by_move(),
          .other_copy = say::no_copy_needed(),
          .allowed_by = restore::described(its)};
}

restore::RestoreStep data_step(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  return {.job = manifests::names::move_data_job(state.spec->name),
          .hash = manifests::hash_of(data_job_of(its)),
          .guard = guard_of_move(its),
          .manifest = data_manifest};
}

restore::RestoreStep repository_step(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  return {.job = manifests::names::move_repository_job(state.spec->name),
          .hash = manifests::hash_of(repository_job_of(its)),
          .guard = guard_of_move(its),
          .manifest = repository_manifest};
}

// Of the set whose claims choose their volumes: any of them may hold the database.
std::string next_to_look_at(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  const std::string set = clone_request(rendered(state).cluster).kept_set;
  const auto names = state.instances.find(set);
  if (set.empty() || names == state.instances.end()) return {};
  const auto next = std::ranges::find_if(names->second, [&](const std::string& name) {
    return name != its.instance && !its.clone->found_empty.contains(name);
  });
  return next == names->second.end() ? std::string() : *next;
}

void look_at_next(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::string next = next_to_look_at(state);
  RestoreProgress& its = progress_of(state);
  Message reason = say::looking_at_next_volume(its.instance, next);
  its.clone->found_empty.insert(its.instance);
  its.instance = next;
  its.attempt = 0;
  state.rendered.reset();
  decide(builder, "look-at-next-volume", std::move(reason));
}

}  // namespace

Wait volumes_found(const OperationView& view) {
  ClusterState& state = view.state;
  if (claims_of(state).empty()) return {.satisfied = true};
  if (const RestoreRefusal trouble = trouble_with_volumes(state); !trouble.empty())
    return wait_out(trouble);
  if (!is_read(state)) {
    const auto retry = state.retries.find(kVolumesTarget);
    return {.satisfied = false,
            .waits_for = say::volumes_to_be_read(
                retry == state.retries.end() ? Message() : retry->second.error)};
  }
  return {.satisfied = progress_of(state).clone->adopted == volumes_to_adopt(state),
          .waits_for = say::volumes_to_be_adopted()};
}

Wait find_volumes(StepBuilder& builder, const OperationView& /*view*/) {
  ClusterState& state = builder.state();
  const RestoreRefusal trouble = trouble_with_volumes(state);
  if (!trouble.empty()) {
    note_refusal(builder, trouble);
    if (!is_read(state)) return volumes_found(look(state));
    const Timestamp next = state.existing_volumes->at + kBetweenLooks;
    if (next <= state.now)
      read_volumes(builder);
    else
      requeue_at(state, next);
  } else if (!is_read(state)) {
    read_volumes(builder);
  } else {
    adopt(builder);
  }
  return volumes_found(look(state));
}

Wait repository_moved(const OperationView& view) {
  return restore::step_complete(view, repository_step(view.state));
}

Wait move_repository(StepBuilder& builder, const OperationView& /*view*/) {
  return restore::pursue_step(builder, repository_step);
}

Message note_repository(ClusterState& state) {
  progress_of(state).clone->is_repository_moved = true;
  state.rendered.reset();
  return say::repository_in_its_place();
}

bool is_repository_noted(const ClusterState& state) {
  const CloneOrigin& origin = *state.restore->clone;
  return origin.repository_directory.empty() || origin.is_repository_moved || is_chosen(state);
}

Wait data_in_place(const OperationView& view) {
  ClusterState& state = view.state;
  Wait wait = restore::step_complete(view, data_step(state));
  if (!wait.satisfied || !is_volume_empty(state)) return wait;
  const std::string next = next_to_look_at(state);
  if (next.empty()) return wait;
  return {.satisfied = false, .waits_for = say::volume_to_be_looked_at(next)};
}

Wait move_data(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  if (restore::step_complete(view, data_step(state)).satisfied) look_at_next(builder);
  return restore::pursue_step(builder, data_step);
}

bool is_volume_empty(const ClusterState& state) {
  return report_of_job(state, manifests::names::move_data_job(state.spec->name)).contains("empty");
}

}  // namespace annals::fsm::clone

#include "fsm/view/restore_progress.h"

#include <algorithm>
#include <ranges>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/restore_permit.h"
#include "manifests/names.h"

namespace annals::fsm {

bool is_unfinished(const RestoreProgress& restore) {
  return restore.phase > RestorePhase::kAnswered && restore.phase < RestorePhase::kSucceeded;
}

bool is_cloning(const RestoreProgress& restore) { return restore.clone && is_unfinished(restore); }

const std::map<std::string, AdoptedVolume>& adopted_volumes(const RestoreProgress& restore) {
  return restore.clone ? restore.clone->adopted : restore.adopted;
}

bool is_data_touched(const ClusterState& state) { return state.restore && state.restore->touched; }

bool is_restoring(const ClusterState& state) {
  if (!state.restore || !is_unfinished(*state.restore)) return false;
  return state.restore->touched || state.restore->phase > RestorePhase::kChecking;
}

bool holds_up_backups(const ClusterState& state) {
  if (!state.restore || !is_unfinished(*state.restore) || is_cloning(*state.restore)) return false;
  return is_restoring(state) || !state.restore->plan.options.set.empty();
}

std::array<std::string, 4> restore_job_names(const ClusterState& state) {
  namespace names = manifests::names;
  const std::string& cluster = state.spec->name;
  return {names::archive_job(cluster), names::restore_job(cluster), names::move_data_job(cluster),
          names::move_repository_job(cluster)};
}

bool is_repository_moving(const ClusterState& state) {
  if (!state.restore || !is_cloning(*state.restore)) return false;
  return state.restore->phase == RestorePhase::kChecking &&
         !state.restore->clone->repository_directory.empty() &&
         !state.restore->clone->is_repository_moved;
}

namespace {

bool is_job_of_restore(const ClusterState& state, const std::string& job) {
  const std::array<std::string, 4> names = restore_job_names(state);
  return std::ranges::find(names, job) != names.end();
}

bool may_begin(const ClusterState& state) {
  return std::ranges::any_of(state.pending | std::views::values, [&](const Action& action) {
    const auto* apply = std::get_if<ApplyObject>(&action);
    return apply != nullptr && apply->ref.kind == "Job" &&
           is_job_of_restore(state, apply->ref.name);
  });
}

// Also by a restore that was withdrawn or refused meanwhile. A Job without its permit came too
// late: its pod does not start.
bool is_volume_in_use(const ClusterState& state) {
  const bool has_pod = std::ranges::any_of(state.pods | std::views::values, [&](const auto& pod) {
    return !pod.job.empty() && !pod.end && pod.phase != "Pending" &&
           is_job_of_restore(state, pod.job);
  });
  if (has_pod || may_begin(state)) return true;
  return std::ranges::any_of(jobs_of(state), [&](const ObjectObserved* job) {
    return is_job_of_restore(state, job->ref.name) && job->fields.job->restore &&
           !job->fields.job->has_ended() && is_permitted(state, *job);
  });
}

}  // namespace

// One that is new to the spec has an empty volume, and would make a database of its own.
bool may_run(const ClusterState& state, const std::string& instance) {
  if (is_volume_in_use(state)) return false;
  if (!is_data_touched(state)) return true;
  return state.restore->phase == RestorePhase::kStarting && state.restore->instance == instance;
}

bool is_to_be_bootstrapped(const ClusterState& state) {
  const bool is_empty =
      is_data_touched(state) && state.restore->clone && state.restore->clone->is_empty;
  return is_data_touched(state) && !is_empty;
}

std::string restore_point_name(const ClusterState& state) {
  constexpr std::size_t kDigits = 12;
  const RestoreProgress& its = *state.restore;
  const std::string digest =
      sha256_hex(concat(state.uid.value(), "\n", its.id, "\n", annals::to_string(its.since)));
  return concat("annals-restore-", digest.substr(0, kDigits));
}

}  // namespace annals::fsm

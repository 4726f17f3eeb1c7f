#include "fsm/step/restore_conditions.h"

#include <utility>

#include "fsm/text/say.h"
#include "fsm/view/drill_request.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"

namespace annals::fsm {
namespace {

// What it waits for now.
Message doing(const ClusterState& state) {
  const char* machine = state.restore->clone ? "clone" : "restore";
  const auto blocker = state.blockers.find(machine);
  return blocker == state.blockers.end() ? say::operation_in_progress(machine)
                                         : say::waiting_for(blocker->second.waits_for);
}

Message what_it_has(const RestoreProgress& its) {
  if (its.clone && its.clone->is_empty) return say::volume_is_empty(its.instance);
  if (its.clone && its.clone->of_volume) return say::volume_has_database(its.instance);
  return say::restored_from(its.plan.options.set, its.plan.repo);
}

}  // namespace

std::optional<RestoreVerdict> restore_progressing(const ClusterState& state) {
  if (!state.restore) return std::nullopt;
  const RestoreProgress& its = *state.restore;
  const bool is_refused = its.clone && its.phase == RestorePhase::kChecking && !its.failure.empty();
  if (its.phase == RestorePhase::kFailed || is_refused)
    return RestoreVerdict{.status = false, .reason = its.failure_reason, .message = its.failure};
  if (!is_unfinished(its)) return std::nullopt;
  const bool is_ready = its.touched || its.phase > RestorePhase::kStopping;
  return RestoreVerdict{.status = true,
                        .reason = is_ready ? "ReadyForRestore" : "RestoreInPlaceRequested",
                        .message = say::restore_in_progress(
                            doing(state), say::restore_asked_for(its.id, its.writer))};
}

std::optional<RestoreVerdict> drill_succeeded(ClusterState& state) {
  if (Message mistake = mistake_in_drill(rendered(state).cluster); !mistake.empty())
    return RestoreVerdict{
        .status = false, .reason = "InvalidRestoreDrill", .message = std::move(mistake)};
  if (state.drill && state.drill->phase == DrillPhase::kFailed)
    return RestoreVerdict{
        .status = false, .reason = state.drill->failure_reason, .message = state.drill->failure};
  const std::pair<const std::string, VerifiedBackup>* last = nullptr;
  for (const auto& each : state.verified) {
    if (last == nullptr || each.second.at > last->second.at) last = &each;
  }
  if (last == nullptr) return std::nullopt;
  return RestoreVerdict{.status = true,
                        .reason = "BackupVerified",
                        .message = say::backup_verified(last->second.label, last->first,
                                                        last->second.checks, last->second.at)};
}

std::optional<RestoreVerdict> data_initialized(const ClusterState& state) {
  constexpr const char* kFailed = "PGBackRestRestoreFailed";
  if (!state.restore) return std::nullopt;
  const RestoreProgress& its = *state.restore;
  const bool is_restored =
      its.phase >= RestorePhase::kRestored && its.phase <= RestorePhase::kSucceeded;
  if (is_restored)
    return RestoreVerdict{
        .status = true, .reason = "PGBackRestRestoreComplete", .message = what_it_has(its)};
  const bool has_begun = !its.clone || its.phase > RestorePhase::kChecking;
  if (!its.touched || !has_begun || its.failure.empty()) return std::nullopt;
  return RestoreVerdict{.status = false, .reason = kFailed, .message = its.failure};
}

}  // namespace annals::fsm

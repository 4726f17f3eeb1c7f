#include "fsm/view/standing_look.h"

#include <algorithm>
#include <chrono>
#include <variant>

#include "base/concat.h"
#include "fsm/view/standby_progress.h"

namespace annals::fsm {

Duration made_again_after(const Action& action) {
  if (const auto* look = std::get_if<ReadRepository>(&action))
    return std::chrono::seconds(look->every);
  if (const auto* look = std::get_if<ReadArchiver>(&action))
    return std::chrono::seconds(look->every);
  if (const auto* look = std::get_if<ReadStandby>(&action))
    return std::chrono::seconds(look->every);
  return Duration::zero();
}

namespace {

bool is_as_known(const ReadStandby& look, const StandbyAnswer& answer) {
  if (look.known.empty() || look.known != known_of(answer, look.awaited_lsn)) return false;
  return answer.at < look.figures_from || look.figures == numbers_of(answer);
}

}  // namespace

bool finds_nothing_new(const Action& action, const Outcome& outcome) {
  if (!is_standing(action) || outcome.status != OutcomeStatus::kDone) return false;
  if (const auto* look = std::get_if<ReadRepository>(&action))
    return !look->known.empty() && !outcome.contents;
  if (const auto* look = std::get_if<ReadStandby>(&action))
    return outcome.standby && is_as_known(*look, *outcome.standby);
  const auto* look = std::get_if<ReadArchiver>(&action);
  return look != nullptr && !look->known.empty() &&
         look->known == known_of(outcome.archiver.value_or(ArchiverAnswer()));
}

bool is_pending_once(const ClusterState& state, const std::string& target) {
  return std::ranges::any_of(state.pending, [&](const auto& entry) {
    return !is_standing(entry.second) && works_on(entry.second, target);
  });
}

const Action* standing_look(const ClusterState& state, const std::string& target) {
  for (const auto& [id, action] : state.pending) {
    if (is_standing(action) && works_on(action, target)) return &action;
  }
  return nullptr;
}

void end_standing_look(ClusterState& state, const std::string& target) {
  std::erase_if(state.pending, [&](const auto& entry) {
    return is_standing(entry.second) && works_on(entry.second, target);
  });
}

// When it archived last changes all the time.
std::string known_of(const ArchiverAnswer& answer) {
  return answer.failure ? std::string() : concat(answer.count, " failures, ", answer.version);
}

}  // namespace annals::fsm

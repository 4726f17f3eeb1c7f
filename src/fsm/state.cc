#include "fsm/state.h"

#include <algorithm>

#include "base/concat.h"

namespace annals::fsm {
namespace {

void take_earlier(std::optional<Timestamp>& due, Timestamp time) {
  due = due ? std::min(*due, time) : time;
}

}  // namespace

std::string in_words(const SpecChanges& changes) {
  if (changes.text.empty() || changes.actor.empty()) return changes.text;
  return concat(changes.text, " by ", changes.actor);
}

std::optional<Timestamp> next_due(const ClusterState& state) {
  std::optional<Timestamp> due;
  for (const auto& [target, retry] : state.retries) {
    if (retry.due > state.now) take_earlier(due, retry.due);
  }
  for (const auto& [machine, blocker] : state.blockers) {
    if (blocker.deadline > state.now) take_earlier(due, blocker.deadline);
  }
  if (state.look_again && *state.look_again > state.now) take_earlier(due, *state.look_again);
  return due;
}

}  // namespace annals::fsm

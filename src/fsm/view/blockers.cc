#include "fsm/view/blockers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace annals::fsm {
namespace {

// As the machines are asked; a backup that somebody has asked for and a drill hold up nothing else.
constexpr std::array<std::string_view, 23> kOrder{
    "take-up",       "clone",         "provision",     "delete",       "prune",
    "shutdown",      "restore",       "switchover",    "scale-down",   "rolling-update",
    "restart",       "operations",    "other-cluster", "users",        "instances",
    "backup",        "stanza-repo1",  "stanza-repo2",  "stanza-repo3", "stanza-repo4",
    "manual-backup", "expire-backup", "restore-drill"};

std::size_t place_of(std::string_view machine) {
  return static_cast<std::size_t>(std::ranges::find(kOrder, machine) - kOrder.begin());
}

}  // namespace

std::vector<std::pair<std::string, const Blocker*>> blockers_of(const ClusterState& state) {
  std::vector<std::pair<std::string, const Blocker*>> all;
  all.reserve(state.blockers.size());
  for (const auto& [machine, blocker] : state.blockers) all.emplace_back(machine, &blocker);
  std::ranges::sort(all, {},
                    [](const auto& each) { return std::pair(place_of(each.first), each.first); });
  return all;
}

const Blocker* first_blocker(const ClusterState& state) {
  const auto all = blockers_of(state);
  return all.empty() ? nullptr : all.front().second;
}

std::optional<std::pair<std::string, const Blocker*>> overdue_blocker(const ClusterState& state) {
  for (const auto& each : blockers_of(state)) {
    if (each.second->deadline <= state.now) return each;
  }
  return std::nullopt;
}

}  // namespace annals::fsm

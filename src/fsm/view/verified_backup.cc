#include "fsm/view/verified_backup.h"

#include <algorithm>
#include <utility>

#include "fsm/text/say.h"

namespace annals::fsm {
namespace {

// As far as is known: it may have expired since.
bool is_still_there(const ClusterState& state, const std::string& repo,
                    const VerifiedBackup& verified) {
  const auto seen = state.repositories.find(repo);
  if (seen == state.repositories.end() || seen->second.contents.backups.empty()) return true;
  return std::ranges::any_of(seen->second.contents.backups,
                             [&](const BackupSet& set) { return set.label == verified.label; });
}

}  // namespace

Message with_verified_backup(const ClusterState& state, Message copy) {
  const std::pair<const std::string, VerifiedBackup>* last = nullptr;
  for (const auto& each : state.verified) {
    const bool is_later = last == nullptr || each.second.at > last->second.at;
    if (is_later && is_still_there(state, each.first, each.second)) last = &each;
  }
  if (last == nullptr) return copy;
  return say::copy_and_verified_backup(std::move(copy), last->second.label, last->first,
                                       last->second.at);
}

std::optional<Timestamp> last_verified_at(const ClusterState& state) {
  std::optional<Timestamp> last;
  for (const auto& [repo, verified] : state.verified)
    last = std::max(last.value_or(verified.at), verified.at);
  return last;
}

}  // namespace annals::fsm

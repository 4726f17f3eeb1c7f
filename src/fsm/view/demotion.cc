#include "fsm/view/demotion.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/promotion_ground.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "manifests/labels.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

bool is_in_recovery(SourceState state) {
  return state == SourceState::kFollows || state == SourceState::kFollowsUs ||
         state == SourceState::kRecovers;
}

DemotionGround by_successor(ClusterState& state) {
  const OtherSeen* seen = answer_of_successor(state);
  if (seen == nullptr && primary(state) == nullptr)
    return {DemotionRight::kUnknown, say::successor_not_to_be_asked()};
  if (seen == nullptr) {
    const auto retry = state.retries.find(kStandbyTarget);
    return {
        DemotionRight::kNotAsked,
        say::successor_to_be_asked(retry == state.retries.end() ? Message() : retry->second.error)};
  }
  const SourceAnswer& source = seen->its.source;
  const std::int64_t own = own_timeline(state);
  if (source.state == SourceState::kWrites)
    return {DemotionRight::kParted, say::successor_writes(source.host, source.timeline, own)};
  if (source.state == SourceState::kStranger || source.state == SourceState::kOneOfOurs)
    return {DemotionRight::kParted, source_in_words(source)};
  if (!is_in_recovery(source.state)) return {DemotionRight::kUnknown, source_in_words(source)};
  if (source.timeline != own)
    return {DemotionRight::kParted, say::successor_elsewhere(source.host, source.timeline, own)};
  return {DemotionRight::kUnparted, say::successor_follows(source.host, own)};
}

// Of this cluster's database; 0: none is there.
std::int64_t newest_timeline(const RepositoryContents& contents, const std::string& system) {
  std::int64_t newest = 0;
  for (const ArchivedWal& wal : contents.archives) {
    const auto database =
        std::ranges::find(contents.databases, wal.database, &RepositoryDatabase::id);
    const bool is_own = database != contents.databases.end() && database->system_id == system;
    if (is_own && !wal.last.empty())
      newest = std::max<std::int64_t>(newest, spec::timeline_of_segment(wal.last));
  }
  return newest;
}

DemotionGround by_repository(ClusterState& state) {
  const std::string repo = repository_to_follow(state);
  const auto seen = state.repositories.find(repo);
  const bool is_asked = seen != state.repositories.end() && state.role.asked_at &&
                        seen->second.at >= *state.role.asked_at;
  if (!is_asked) return {DemotionRight::kNotAsked, say::repository_to_be_asked(repo)};
  const RepositoryContents& contents = seen->second.contents;
  const std::int64_t newest = newest_timeline(contents, system_identifier(state));
  const std::int64_t own = own_timeline(state);
  if (newest == 0 || newest < own)
    return {DemotionRight::kUnknown, say::repository_says_nothing(repo, own, contents.trouble)};
  if (newest > own) return {DemotionRight::kParted, say::repository_is_further(repo, newest, own)};
  return {DemotionRight::kUnparted, say::repository_goes_on(repo, own)};
}

}  // namespace

std::int64_t own_timeline(const ClusterState& state) {
  const PodObserved* pod = primary(state);
  if (pod != nullptr && pod->timeline > 0) return pod->timeline;
  return state.role.timeline;
}

std::optional<Successor> successor_of(ClusterState& state) {
  const std::optional<spec::Standby>& standby = rendered(state).cluster.spec.standby;
  if (!standby || !standby->enabled || standby->host.empty()) return std::nullopt;
  return Successor{.host = standby->host, .port = standby->port_of_host()};
}

std::string repository_to_follow(ClusterState& state) {
  const std::optional<spec::Standby>& standby = rendered(state).cluster.spec.standby;
  const bool is_it = standby && standby->enabled && standby->host.empty();
  return is_it ? standby->repo_name : std::string();
}

const OtherSeen* answer_of_successor(ClusterState& state) {
  const std::optional<Successor> successor = successor_of(state);
  const std::optional<OtherSeen>& seen = state.role.successor;
  if (!successor || !seen || seen->asked != concat(successor->host, ":", successor->port))
    return nullptr;
  const PodObserved* pod = primary(state);
  return pod != nullptr && pod->uid == seen->member ? &*seen : nullptr;
}

// The annotation names the timeline, so that a manifest of an earlier time allows nothing.
DemotionGround demotion_ground(ClusterState& state) {
  if (!keeps_primary(state, rendered(state).cluster)) return {};
  const std::int64_t timeline = own_timeline(state);
  if (is_given_up(rendered(state).cluster, timeline)) return {DemotionRight::kConsent, {}};
  if (another_leads(state)) return {DemotionRight::kParted, another_leads_in_words(state)};
  if (timeline == 0) return {DemotionRight::kUnknown, say::own_timeline_unknown()};
  return successor_of(state) ? by_successor(state) : by_repository(state);
}

bool permits_demotion(DemotionRight right) {
  return right == DemotionRight::kConsent || right == DemotionRight::kUnparted;
}

bool is_demotion_permitted(ClusterState& state) {
  return permits_demotion(demotion_ground(state).right);
}

bool is_ground_fresh(ClusterState& state) {
  const DemotionGround ground = demotion_ground(state);
  if (ground.right == DemotionRight::kConsent) return true;
  if (!successor_of(state)) return ground.right == DemotionRight::kUnparted;
  const OtherSeen* seen = answer_of_successor(state);
  return seen != nullptr && state.now <= seen->at + kSuccessorIsFresh;
}

Message not_taken_up(ClusterState& state) {
  return say::standby_not_taken_up(own_timeline(state), manifests::annotation::kGiveUpTimeline,
                                   demotion_ground(state).text);
}

}  // namespace annals::fsm

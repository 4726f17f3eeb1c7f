#include "fsm/step/standby_condition.h"

#include "fsm/text/say.h"
#include "fsm/view/blockers.h"
#include "fsm/view/database.h"
#include "fsm/view/demotion.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "fsm/view/standby_progress.h"
#include "fsm/view/standby_silence.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

std::string told_time(std::optional<Timestamp> time) {
  return time ? annals::to_string(*time) : std::string();
}

Message feed_in_words(ClusterState& state) {
  const Feed feed = feed_of(state);
  if (feed == Feed::kUnknown) return {};
  const StandbySeen& seen = *state.standby;
  switch (feed) {
    case Feed::kUnknown:
      return {};
    case Feed::kStreaming: {
      const std::optional<std::uint64_t> lag = lag_bytes(seen.its);
      return say::standby_streams(seen.its.receiver->host, lag ? std::to_string(*lag) : "");
    }
    case Feed::kFromArchive:
      return say::standby_reads_archive(told_time(received_at(seen)));
    case Feed::kSilent:
      break;
  }
  return silence_in_words(state);
}

Message pause_in_words(const ClusterState& state) {
  const PodObserved* pod = leader(state);
  if (pod == nullptr || !state.standby || !state.standby->its.is_replay_paused) return {};
  return say::standby_replay_paused(pod->name);
}

// Of one that may have parted, while nothing comes.
Message kept_in_words(ClusterState& state) {
  const std::int64_t kept = kept_timeline(state, rendered(state).cluster);
  if (kept == 0 || feed_of(state) != Feed::kSilent) return {};
  return say::standby_is_not_rewound(kept, manifests::annotation::kGiveUpTimeline);
}

const char* reason_of(ClusterState& state) {
  if (feed_of(state) == Feed::kSilent) return "Silent";
  return state.standby && state.standby->its.is_replay_paused ? "ReplayPaused" : "Following";
}

// What it waits for stands in "Progressing" too, where other operations may come first.
Message promotion_in_words(ClusterState& state) {
  const auto blocker = state.blockers.find(kPromotionName);
  if (blocker == state.blockers.end() || !follows_another(state))
    return say::standby_in_promotion();
  return say::standby_promotion_waits(blocker->second.waits_for, blocker->second.remedy);
}

}  // namespace

std::optional<RestoreVerdict> standby_verdict(ClusterState& state) {
  const Rendered& all = rendered(state);
  if (!all.mistakes.empty()) return std::nullopt;
  if (name_of(state.operation) == kDemotionName)
    return RestoreVerdict{true, "Demoting", say::standby_in_demotion(followed_by(all.cluster))};
  if (another_leads(state))
    return RestoreVerdict{false, kAnotherClusterLeads, another_leads_remedy(state)};
  if (another_writes(state))
    return RestoreVerdict{false, kAnotherClusterWrites, another_writes_in_words(state)};
  if (keeps_primary(state, all.cluster))
    return RestoreVerdict{false, "NotTakenUp", not_taken_up(state)};
  if (is_being_promoted(state)) return RestoreVerdict{true, "Promoting", promotion_in_words(state)};
  if (!follows_another(state)) return std::nullopt;
  return RestoreVerdict{
      true, reason_of(state),
      say::standby_state(say::standby_follows(followed_by(all.cluster)), feed_in_words(state),
                         pause_in_words(state), kept_in_words(state))};
}

}  // namespace annals::fsm

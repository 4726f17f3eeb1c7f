#include "fsm/view/standby_silence.h"

#include "fsm/text/say.h"
#include "fsm/view/promotion_ground.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "fsm/view/standby_progress.h"

namespace annals::fsm {
namespace {

// A source that is well is none.
bool is_reason(SourceState state) {
  switch (state) {
    case SourceState::kNotAsked:
    case SourceState::kWrites:
    case SourceState::kFollows:
    case SourceState::kRecovers:
      return false;
    case SourceState::kRefuses:
    case SourceState::kSilent:
    case SourceState::kLocksOut:
    case SourceState::kStranger:
    case SourceState::kOneOfOurs:
    case SourceState::kUnreadable:
    case SourceState::kFollowsUs:
      break;
  }
  return true;
}

// Nothing where it is well, and about to be followed again.
Message why_silent(const SourceAnswer& source) {
  if (is_reason(source.state)) return source_in_words(source);
  return source.words.empty() ? Message()
                              : say::source_locks_out_replication(source.host, source.words);
}

// With a repository the archive was asked for it before.
Message remedy_of_lost_wal(ClusterState& state) {
  const std::optional<spec::Standby>& standby = rendered(state).cluster.spec.standby;
  const std::string repo = standby ? standby->repo_name : std::string();
  return repo.empty() ? say::lost_wal_remedy() : say::lost_wal_in_archive_too_remedy(repo);
}

}  // namespace

Timestamp silent_since(const ClusterState& state) {
  const StandbySeen& seen = *state.standby;
  return received_at(seen).value_or(seen.first_at.value_or(seen.at));
}

Message silence_in_words(ClusterState& state) {
  const SourceAnswer& source = state.standby->its.source;
  const std::string since = annals::to_string(silent_since(state));
  const Message from = followed_by(rendered(state).cluster);
  if (!source.lost.empty())
    return say::standby_is_silent(since, from, say::source_lost_wal(source.host, source.lost),
                                  remedy_of_lost_wal(state));
  return say::standby_is_silent(since, from, why_silent(source), say::silent_standby_remedy());
}

bool is_source_asked(ClusterState& state) {
  if (feed_of(state) != Feed::kSilent) return false;
  const std::optional<spec::Standby>& standby = rendered(state).cluster.spec.standby;
  return standby && !standby->host.empty();
}

}  // namespace annals::fsm

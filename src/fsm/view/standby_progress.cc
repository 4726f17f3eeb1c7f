#include "fsm/view/standby_progress.h"

#include <algorithm>

#include "base/concat.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {
namespace {

constexpr const char* kStreams = "streaming";

bool is_streaming(const StandbyAnswer& answer) {
  return answer.receiver && answer.receiver->status == kStreams;
}

bool has_archive(ClusterState& state) {
  const std::optional<spec::Standby>& standby = rendered(state).cluster.spec.standby;
  return standby && !standby->repo_name.empty();
}

std::string known_of(const ReceiptAnswer& answer) {
  if (!answer.receipt) return concat(answer.repo, answer.trouble.empty() ? " none" : " unread");
  const Receipt& its = *answer.receipt;
  return concat(answer.repo, " ", its.system_id, " ", its.timeline, " ", its.checkpoint_lsn, " ",
                its.end_lsn, " ", its.withdrawn ? 1 : 0, " ", annals::to_string(its.at));
}

// Addresses, times and processes differ from one answer to the next.
std::string without_numbers(std::string text) {
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

}  // namespace

std::string to_string(Feed feed) {
  switch (feed) {
    case Feed::kUnknown:
      return {};
    case Feed::kStreaming:
      return "Streaming";
    case Feed::kFromArchive:
      return "FromArchive";
    case Feed::kSilent:
      break;
  }
  return "Silent";
}

Feed feed_of(ClusterState& state) {
  if (!state.standby || !state.standby->its.in_recovery) return Feed::kUnknown;
  const StandbySeen& seen = *state.standby;
  if (is_streaming(seen.its)) return Feed::kStreaming;
  if (!has_archive(state)) return Feed::kSilent;
  const Timestamp moved = seen.moved_at.value_or(seen.first_at.value_or(seen.at));
  return state.now < moved + kArchiveIsSilent ? Feed::kFromArchive : Feed::kSilent;
}

std::optional<Timestamp> received_at(const StandbySeen& seen) {
  if (!seen.heard_at || !seen.moved_at) return seen.heard_at ? seen.heard_at : seen.moved_at;
  return std::max(*seen.heard_at, *seen.moved_at);
}

std::optional<std::uint64_t> lag_bytes(const StandbyAnswer& answer) {
  if (answer.replayed_lsn == 0) return std::nullopt;
  std::uint64_t end = answer.received_lsn;
  if (answer.receiver) end = std::max(end, answer.receiver->sent_lsn);
  if (end == 0) return std::nullopt;
  return end - std::min(end, answer.replayed_lsn);
}

std::optional<Duration> replay_lag(const StandbyAnswer& answer) {
  if (!answer.last_transaction) return std::nullopt;
  if (is_streaming(answer) && lag_bytes(answer).value_or(1) == 0) return Duration::zero();
  return std::max(answer.at - *answer.last_transaction, Duration::zero());
}

bool is_far_behind(const StandbyAnswer& answer) {
  return lag_bytes(answer).value_or(0) > kFarBehind;
}

std::optional<StandbyFigures> standby_figures(const ClusterState& state) {
  if (!state.standby || !state.standby->its.in_recovery) return std::nullopt;
  const StandbyAnswer& its = state.standby->its;
  const bool is_reached = !state.retries.contains(kStandbyTarget);
  return StandbyFigures{
      .is_streaming = is_streaming(its) && is_reached,
      .is_caught_up = replay_lag(its).value_or(Duration::zero()) == Duration::zero(),
      .lag_bytes = lag_bytes(its).value_or(0),
      .last_transaction = its.last_transaction.value_or(Timestamp()),
      .received_at =
          received_at(*state.standby).value_or(state.standby->first_at.value_or(Timestamp()))};
}

std::string known_of(const StandbyAnswer& answer, std::uint64_t awaited_lsn) {
  std::string text =
      concat(answer.in_recovery ? "standby " : "primary ", answer.system_id, " ", answer.timeline,
             is_far_behind(answer) ? " behind" : "", answer.is_replay_paused ? " paused" : "",
             answer.replayed_lsn >= awaited_lsn ? " there" : "", answer.claims ? " claims" : "");
  if (is_streaming(answer))
    text += concat(" from ", answer.receiver->host, ":", answer.receiver->port);
  text += concat("; ", static_cast<int>(answer.source.state), " ", answer.source.host, " ",
                 without_numbers(answer.source.words));
  if (!answer.source.lost.empty()) text += concat(" without ", answer.source.lost);
  if (answer.source.timeline != 0) text += concat(" on ", answer.source.timeline);
  if (answer.source.claims) text += " claims";
  for (const ReceiptAnswer& each : answer.receipts) text += concat("; ", known_of(each));
  return text;
}

std::string numbers_of(const StandbyAnswer& answer) {
  return concat(answer.received_lsn, " ", answer.replayed_lsn, " ",
                answer.last_transaction ? annals::to_string(*answer.last_transaction) : "");
}

}  // namespace annals::fsm

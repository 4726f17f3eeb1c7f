// How far a standby is, by the last look at its leader, and where it gets its WAL from.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

enum class Feed : std::uint8_t {
  kUnknown,      // nobody has looked yet
  kStreaming,    // from the source itself
  kFromArchive,  // from a repository
  kSilent,       // nothing comes
};
// "Streaming", as the status has it.
std::string to_string(Feed feed);

// By what its leader said, and by the time since it was further than before.
Feed feed_of(ClusterState& state);

// An archive is taken for silent after so long without WAL: an idle source writes none.
inline constexpr Duration kArchiveIsSilent = std::chrono::minutes(10);

// When anything came last, as far as that is known.
std::optional<Timestamp> received_at(const StandbySeen& seen);

// How much of what the source has, or of what was received, is not replayed. Nothing where that is
// not known.
std::optional<std::uint64_t> lag_bytes(const StandbyAnswer& answer);
// How old the last transaction is that was replayed; 0 where nothing waits.
std::optional<Duration> replay_lag(const StandbyAnswer& answer);

// Its replay is that far behind that it is told.
inline constexpr std::uint64_t kFarBehind = std::uint64_t{1} << 30U;
bool is_far_behind(const StandbyAnswer& answer);

// For metrics. Times are the epoch where there is none.
struct StandbyFigures {
  bool is_streaming = false;  // as the look that stands has found it last
  bool is_caught_up = false;
  std::uint64_t lag_bytes = 0;
  Timestamp last_transaction{};
  Timestamp received_at{};

  friend bool operator==(const StandbyFigures&, const StandbyFigures&) = default;
};
// Nothing for a cluster that follows none, or that nobody has looked at.
std::optional<StandbyFigures> standby_figures(const ClusterState& state);

// What does not change by itself, in short, and whether that position is replayed; and the numbers
// that do. ReadStandby has both.
std::string known_of(const StandbyAnswer& answer, std::uint64_t awaited_lsn);
std::string numbers_of(const StandbyAnswer& answer);

}  // namespace annals::fsm

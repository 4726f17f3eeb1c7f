// Repositories and archiver in numbers, for metrics and alerts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// Of backups; the last one stands for whichever is newest.
inline constexpr std::array<std::string_view, 4> kBackupTypes{"full", "diff", "incr", "any"};

// Times are the epoch where there is nothing.
struct RepositoryFigures {
  std::string repo{};
  Timestamp looked_at{};                                     // of the look that these are of
  std::array<Timestamp, kBackupTypes.size()> last_backup{};  // ended, without faults
  std::uint64_t size = 0;
  std::uint64_t growth_per_day = 0;
  Timestamp last_wal{};    // was archived there
  Timestamp last_error{};  // whatever went wrong

  friend bool operator==(const RepositoryFigures&, const RepositoryFigures&) = default;
};

// Of those that have been looked into, by name. `last` is what was told before: where nothing has
// been looked into since, that is the answer.
std::vector<RepositoryFigures> repository_figures(const ClusterState& state,
                                                  std::vector<RepositoryFigures> last);

inline constexpr std::string_view kContinuousArchiving = "ContinuousArchiving";

// A condition that is bad with this status and, where there is one, for this reason alone.
struct Trouble {
  std::string_view name{};  // in metrics: the condition's, or its reason
  std::string_view condition = name;
  bool status = true;

  bool is_by_reason() const { return name != condition; }
};
// Sorted by name.
inline constexpr std::array kTroubles{Trouble{"AnotherClusterLeads", "Standby", false},
                                      Trouble{"AnotherClusterWrites", "Standby", false},
                                      Trouble{"BackupFaulty"},
                                      Trouble{"CollationVersionMismatch"},
                                      Trouble{kContinuousArchiving, kContinuousArchiving, false},
                                      Trouble{"PersistentVolumeResizeError"},
                                      Trouble{"RepositoryPlaceTaken"},
                                      Trouble{"RepositoryUnreachable"},
                                      Trouble{"RetentionMissing"},
                                      Trouble{"WALMissing"}};

// Bit i: kTroubles[i] is bad.
std::uint32_t troubles_of(const ClusterState& state);

// When WAL was archived last, of a cluster whose archiver fails; the epoch: it does not.
Timestamp archiving_stopped_at(const ClusterState& state);

}  // namespace annals::fsm

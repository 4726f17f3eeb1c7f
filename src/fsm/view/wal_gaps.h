// WAL that the archive of a repository lacks: what is remembered of it from look to look, and which
// recoveries it stops. A look lists the archive's last folder alone, and only what is behind the
// newest backup; what was missing before stays missing as long as an older backup is there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "fsm/model/repository_contents.h"
#include "fsm/model/restore.h"
#include "fsm/model/restore_plan.h"

namespace annals::fsm {

// What is known to be missing once a look at `now` has found `contents`, in its order. What is
// missing for less than five minutes is not: several segments are on their way at once.
std::vector<WalGap> gaps_after_look(const RepositorySeen& last, const RepositoryContents& contents,
                                    Timestamp now);

// When that which the last look found on its way counts as missing; nothing where nothing is.
std::optional<Timestamp> next_gap_counts(const RepositorySeen& seen);

// The first and the last gap that no good backup has left behind: until there is one, nothing later
// can be restored.
struct OpenGaps {
  const WalGap* first = nullptr;
  const WalGap* last = nullptr;
};
OpenGaps open_gaps(const RepositorySeen& seen);

// A recovery from the set that goes on for long enough comes to it.
bool is_behind(const WalGap& gap, const BackupSet& set);
// Null where a recovery from the set to the end of this timeline meets none.
const WalGap* first_gap_on_way(const std::vector<WalGap>& gaps, const BackupSet& set,
                               std::int64_t timeline, const std::vector<TimelineBranch>& branches);

// Where it begins in the WAL; nothing where segments have another size than they mostly have.
std::optional<std::uint64_t> begin_of(const WalGap& gap, const BackupSet& set);

}  // namespace annals::fsm

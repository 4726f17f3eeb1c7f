// Backup sets of a repository: whose they are, where they lead to, and which times they let
// restore.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fsm/model/repository_contents.h"
#include "fsm/model/restore_plan.h"

namespace annals::fsm {

// What is known of the database that is to be restored.
struct RestorableDatabase {
  std::string system_id{};                 // its system identifier; empty: not known
  std::int32_t version = 0;                // PostgreSQL's major version that the spec asks for
  std::int64_t timeline = 0;               // of its primary; 0: not known
  std::vector<TimelineBranch> branches{};  // as far as known, in any order
  // Up to when its WAL is known to be in the archive; nothing: not known.
  std::optional<Timestamp> archived_until{};
  // WAL that its repository is known to lack.
  std::vector<WalGap> gaps{};
};

struct RestorableTimes {
  std::optional<Timestamp> oldest{};  // nothing: nothing can be restored
  std::optional<Timestamp> newest{};
};
// For messages and the status. `database.system_id` empty: of the database that the repository
// belongs to now.
RestorableTimes restorable_times(const RepositoryContents& contents,
                                 const RestorableDatabase& database);

using Sets = std::vector<const BackupSet*>;  // in the order in which they ended

// Null where the repository knows none that is ours.
const RepositoryDatabase* own_database(const RepositoryContents& contents,
                                       const RestorableDatabase& database);
Sets sets_of(const RepositoryContents& contents, const RepositoryDatabase& own);
Sets without_faults(Sets sets);
// At most so many.
Sets newest_of(Sets sets, std::size_t most);
std::string labels_of(const Sets& sets);

// The first time that it lets restore: its end is told to the second, and a time within that second
// is out of its reach.
Timestamp oldest_time_of(const BackupSet& set);
std::int64_t timeline_of(const BackupSet& set);

// Whether WAL of the timeline and of those before it goes on from the backup. A timeline whose
// beginning is not known began with a failover, and those before it lead to it.
bool leads_to(const BackupSet& set, std::int64_t timeline,
              const std::vector<TimelineBranch>& branches);

// The timeline that people worked on at that time, as far as restores are known.
std::int64_t timeline_at(Timestamp time, const RestorableDatabase& database);
// When a restore left the timeline for another one; nothing where none did.
std::optional<Timestamp> left_at(std::int64_t timeline, const RestorableDatabase& database);

}  // namespace annals::fsm

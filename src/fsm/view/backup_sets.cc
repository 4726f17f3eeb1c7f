#include "fsm/view/backup_sets.h"

#include <algorithm>
#include <chrono>

#include "fsm/text/say.h"
#include "fsm/view/wal_gaps.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// Of this timeline, or of one that failovers led from to it: each takes the next number. Null where
// none is known.
const TimelineBranch* last_beginning_until(std::int64_t timeline,
                                           const std::vector<TimelineBranch>& branches) {
  const TimelineBranch* last = nullptr;
  for (const TimelineBranch& branch : branches) {
    const bool is_until = branch.timeline <= timeline;
    if (is_until && (last == nullptr || branch.timeline > last->timeline)) last = &branch;
  }
  return last;
}

// The timeline that people worked on until a restore began this one.
std::int64_t left_by(const TimelineBranch& branch) {
  return branch.left > 0 ? branch.left : branch.parent;
}

}  // namespace

Timestamp oldest_time_of(const BackupSet& set) { return set.stop + 1s; }

std::int64_t timeline_of(const BackupSet& set) {
  return spec::timeline_of_segment(set.last_wal.empty() ? set.first_wal : set.last_wal);
}

const RepositoryDatabase* own_database(const RepositoryContents& contents,
                                       const RestorableDatabase& database) {
  const RepositoryDatabase* own = nullptr;
  for (const RepositoryDatabase& each : contents.databases) {
    const bool is_own = database.system_id.empty() || each.system_id == database.system_id;
    if (is_own && (own == nullptr || each.id > own->id)) own = &each;
  }
  return own;
}

Sets sets_of(const RepositoryContents& contents, const RepositoryDatabase& own) {
  Sets sets;
  for (const BackupSet& set : contents.backups) {
    if (set.database == own.id) sets.push_back(&set);
  }
  return sets;
}

Sets without_faults(Sets sets) {
  std::erase_if(sets, [](const BackupSet* set) { return set->faulty; });
  return sets;
}

Sets newest_of(Sets sets, std::size_t most) {
  const std::size_t surplus = sets.size() - std::min(sets.size(), most);
  sets.erase(sets.begin(), sets.begin() + static_cast<std::ptrdiff_t>(surplus));
  return sets;
}

std::string labels_of(const Sets& sets) {
  std::vector<std::string> labels;
  for (const BackupSet* set : sets) labels.push_back(set->label);
  return listed(labels);
}

bool leads_to(const BackupSet& set, std::int64_t timeline,
              const std::vector<TimelineBranch>& branches) {
  const std::int64_t own = timeline_of(set);
  while (timeline > own) {
    const TimelineBranch* begun = last_beginning_until(timeline, branches);
    const bool is_known = begun != nullptr && begun->timeline > own && begun->parent > 0 &&
                          begun->parent < begun->timeline;
    if (!is_known) return true;
    timeline = begun->parent;
    if (timeline == own) return begun->lsn == 0 || set.stop_lsn <= begun->lsn;
  }
  return timeline == own;
}

std::int64_t timeline_at(Timestamp time, const RestorableDatabase& database) {
  const TimelineBranch* next = nullptr;
  for (const TimelineBranch& branch : database.branches) {
    const bool is_later = branch.restored && branch.time > time;
    if (is_later && (next == nullptr || branch.time < next->time)) next = &branch;
  }
  return next == nullptr ? database.timeline : left_by(*next);
}

std::optional<Timestamp> left_at(std::int64_t timeline, const RestorableDatabase& database) {
  if (timeline == 0 || timeline == database.timeline) return std::nullopt;
  for (const TimelineBranch& branch : database.branches) {
    if (branch.restored && left_by(branch) == timeline) return branch.time;
  }
  return std::nullopt;
}

RestorableTimes restorable_times(const RepositoryContents& contents,
                                 const RestorableDatabase& database) {
  const RepositoryDatabase* own = own_database(contents, database);
  if (own == nullptr) return {};
  const Sets sets = without_faults(sets_of(contents, *own));
  if (sets.empty()) return {};
  RestorableTimes times{.oldest = oldest_time_of(*sets.front()),
                        .newest = oldest_time_of(*sets.back())};
  if (database.archived_until) times.newest = std::max(*times.newest, *database.archived_until);
  // What was committed last before the missing WAL is older than that.
  const auto gap = std::ranges::find_if(
      database.gaps, [&sets](const WalGap& each) { return is_behind(each, *sets.back()); });
  if (gap != database.gaps.end())
    times.newest = std::max(oldest_time_of(*sets.back()), std::min(*times.newest, gap->after));
  return times;
}

}  // namespace annals::fsm

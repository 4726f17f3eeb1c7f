#include "fsm/view/wal_gaps.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>

#include "fsm/view/backup_sets.h"
#include "fsm/view/repository_growth.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// Several segments at once are on their way to an archive, and not in their order.
constexpr auto kUntilMissed = 5min;
// Older ones are forgotten: a state has to stay small.
constexpr std::size_t kGapsMax = 100;

constexpr std::uint64_t kSegmentBytes = std::uint64_t{16} << 20U;
constexpr std::size_t kTimelineDigits = 8;
constexpr std::size_t kFolderDigits = 16;

std::string_view last_segment_of(const BackupSet& set) {
  return set.last_wal.empty() ? set.first_wal : set.last_wal;
}

// Behind the timeline: names of all timelines can be compared by it.
std::string_view place_of_segment(std::string_view segment) {
  return spec::is_wal_segment(segment) ? segment.substr(kTimelineDigits) : std::string_view();
}

std::uint32_t half_of_place(std::string_view digits) {
  std::uint32_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

std::uint64_t usual_begin(std::string_view segment) {
  const std::string_view place = place_of_segment(segment);
  if (place.empty()) return 0;
  return (std::uint64_t{half_of_place(place.substr(0, kTimelineDigits))} << 32U) +
         half_of_place(place.substr(kTimelineDigits)) * kSegmentBytes;
}

bool is_gap_known(const std::vector<WalGap>& gaps, const WalGap& gap) {
  return std::ranges::find(gaps, gap.last, &WalGap::last) != gaps.end();
}

Sets good_sets(const RepositoryContents& contents, std::int64_t database) {
  return without_faults(sets_of(contents, {.id = database}));
}

bool is_in_listed_folder(std::string_view segment, const ArchivedWal& archive) {
  return archive.last_at != Timestamp() &&
         archive.last.substr(0, kFolderDigits) == segment.substr(0, kFolderDigits);
}

// One that nothing came after is found by what PostgreSQL says. The list of a folder shows it from
// then on, unless nobody knows which segment the folder of its timeline begins with.
bool is_looked_for(const WalGap& gap, const BackupSet& newest, const ArchivedWal& archive) {
  if (!is_in_listed_folder(gap.last, archive)) return false;
  if (gap.until != Timestamp()) return true;
  return archive.last >= gap.first && timeline_of(newest) == spec::timeline_of_segment(gap.first);
}

// Of one that an earlier look has found. Where it is still looked for, the last look tells.
bool is_still_missing(const WalGap& gap, const Sets& sets, const ArchivedWal& archive) {
  const auto stops = [&gap](const BackupSet* set) { return is_behind(gap, *set); };
  if (std::ranges::none_of(sets, stops)) return false;
  return !stops(sets.back()) || !is_looked_for(gap, *sets.back(), archive);
}

// Of one timeline, so that names can be compared.
bool share_a_segment(const WalGap& one, const WalGap& other) {
  return one.first <= other.last && other.first <= one.last;
}

bool counts(const WalGap& gap, const std::vector<WalGap>& known, Timestamp now) {
  return gap.until + kUntilMissed <= now || std::ranges::any_of(known, [&gap](const WalGap& each) {
           return share_a_segment(gap, each);
         });
}

// What was known of it in an earlier folder than the listed one is missing still.
WalGap with_what_was_known(WalGap gap, const std::vector<WalGap>& known,
                           const ArchivedWal& archive) {
  for (const WalGap& each : known) {
    const bool begins_earlier = share_a_segment(gap, each) && each.first < gap.first;
    if (!begins_earlier || is_in_listed_folder(each.first, archive)) continue;
    gap.first = each.first;
    gap.after = each.after;
  }
  return gap;
}

void take_gap(std::vector<WalGap>& gaps, WalGap gap) {
  std::erase_if(
      gaps, [&gap](const WalGap& each) { return each.first >= gap.first && each.last < gap.last; });
  if (!is_gap_known(gaps, gap)) gaps.push_back(std::move(gap));
}

}  // namespace

bool is_behind(const WalGap& gap, const BackupSet& set) {
  const std::string_view last = last_segment_of(set);
  return spec::timeline_of_segment(last) <= spec::timeline_of_segment(gap.first) &&
         place_of_segment(last) < place_of_segment(gap.first);
}

std::vector<WalGap> gaps_after_look(const RepositorySeen& last, const RepositoryContents& contents,
                                    Timestamp now) {
  if (contents.code == kRepositoryUnreadable) return last.gaps;
  const ArchivedWal* archive = last_archive(contents);
  if (archive == nullptr) return {};
  const ArchivedWal* before = last_archive(last.contents);
  const bool is_of_other_database = before != nullptr && before->id != archive->id;
  const Sets sets = good_sets(contents, archive->database);
  std::vector<WalGap> gaps;
  for (const WalGap& gap : last.gaps) {
    if (!is_of_other_database && is_still_missing(gap, sets, *archive)) gaps.push_back(gap);
  }
  for (const WalGap& gap : archive->gaps) {
    if (counts(gap, last.gaps, now)) take_gap(gaps, with_what_was_known(gap, last.gaps, *archive));
  }
  if (gaps.size() > kGapsMax) gaps.erase(gaps.begin(), gaps.end() - kGapsMax);
  return gaps;
}

std::optional<Timestamp> next_gap_counts(const RepositorySeen& seen) {
  const ArchivedWal* archive = last_archive(seen.contents);
  if (archive == nullptr) return std::nullopt;
  std::optional<Timestamp> next;
  for (const WalGap& gap : archive->gaps) {
    if (is_gap_known(seen.gaps, gap)) continue;
    const Timestamp counts = gap.until + kUntilMissed;
    next = next ? std::min(*next, counts) : counts;
  }
  return next;
}

OpenGaps open_gaps(const RepositorySeen& seen) {
  OpenGaps open;
  const ArchivedWal* archive = last_archive(seen.contents);
  if (archive == nullptr) return open;
  const Sets sets = good_sets(seen.contents, archive->database);
  for (const WalGap& gap : seen.gaps) {
    if (!sets.empty() && !is_behind(gap, *sets.back())) continue;
    if (open.first == nullptr) open.first = &gap;
    open.last = &gap;
  }
  return open;
}

std::optional<std::uint64_t> begin_of(const WalGap& gap, const BackupSet& set) {
  const std::uint64_t begin = usual_begin(last_segment_of(set));
  const bool is_usual = set.stop_lsn >= begin && set.stop_lsn <= begin + kSegmentBytes;
  return is_usual ? std::optional(usual_begin(gap.first)) : std::nullopt;
}

// As a backup that ended where the gap begins: who can go on from there has come to it.
const WalGap* first_gap_on_way(const std::vector<WalGap>& gaps, const BackupSet& set,
                               std::int64_t timeline, const std::vector<TimelineBranch>& branches) {
  for (const WalGap& gap : gaps) {
    const BackupSet there{.last_wal = gap.first, .stop_lsn = begin_of(gap, set).value_or(0)};
    if (is_behind(gap, set) && leads_to(there, timeline, branches)) return &gap;
  }
  return nullptr;
}

}  // namespace annals::fsm

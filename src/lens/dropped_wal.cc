#include "lens/dropped_wal.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ranges>
#include <string_view>
#include <utility>

#include "base/concat.h"

namespace annals::lens {
namespace {

// Of a segment's name: timeline, number of its 4 GiB, and its number in them.
constexpr std::size_t kNamePart = 8;
constexpr std::size_t kWholeName = 3 * kNamePart;

constexpr std::uint64_t kFolderBytes = std::uint64_t{1} << 32U;
constexpr std::uint64_t kSmallestSegment = std::uint64_t{1} << 20U;
constexpr std::uint64_t kLargestSegment = std::uint64_t{1} << 30U;

bool is_segment(std::string_view name) {
  return name.size() == kWholeName && name.find_first_not_of("0123456789ABCDEF") == name.npos;
}

// The note of a backup has the name of its first segment, which was archived before it:
// "000000010000000000000004.00000028.backup". A partial segment and a history are no such proof.
std::string_view segment_of_file(std::string_view name) {
  const std::string_view begin = name.substr(0, kWholeName);
  const bool is_proof = name.size() == kWholeName || name.ends_with(".backup");
  return is_proof && is_segment(begin) ? begin : std::string_view();
}

// Among all of its timeline.
std::uint64_t number_of(std::string_view segment, std::uint64_t in_folder) {
  const auto part = [segment](std::size_t place) {
    std::uint32_t number = 0;
    const char* const begin = segment.data() + place * kNamePart;
    (void)std::from_chars(begin, begin + kNamePart, number, 16);
    return std::uint64_t{number};
  };
  return part(1) * in_folder + part(2);
}

std::string name_of(std::string_view timeline, std::uint64_t number, std::uint64_t in_folder) {
  char digits[2 * kNamePart + 1];
  std::snprintf(digits, sizeof digits, "%08X%08X", static_cast<unsigned>(number / in_folder),
                static_cast<unsigned>(number % in_folder));
  return concat(timeline, digits);
}

const fsm::BackupSet* newest_good_backup(const fsm::RepositoryContents& contents,
                                         std::int64_t database) {
  const auto sets = std::ranges::reverse_view(contents.backups);
  const auto good = std::ranges::find_if(sets, [database](const fsm::BackupSet& set) {
    return set.database == database && !set.faulty && is_segment(set.last_wal);
  });
  return good == sets.end() ? nullptr : &*good;
}

// Of the newest database, if that is the server's.
fsm::ArchivedWal* archive_of(const TakenForArchived& taken, fsm::RepositoryContents& contents) {
  const auto archive = std::ranges::max_element(contents.archives, {}, &fsm::ArchivedWal::database);
  if (archive == contents.archives.end() || !is_segment(archive->last)) return nullptr;
  const auto database =
      std::ranges::find(contents.databases, archive->database, &fsm::RepositoryDatabase::id);
  const bool is_its = database != contents.databases.end() && !taken.system_id.empty() &&
                      database->system_id == taken.system_id;
  return is_its ? &*archive : nullptr;
}

}  // namespace

void add_dropped_wal(const TakenForArchived& taken, fsm::RepositoryContents& contents) {
  const std::string_view last = segment_of_file(taken.name);
  const bool is_sized =
      taken.segment_bytes >= kSmallestSegment && taken.segment_bytes <= kLargestSegment;
  if (last.empty() || !is_sized) return;
  fsm::ArchivedWal* const archive = archive_of(taken, contents);
  if (archive == nullptr || last <= archive->last) return;
  const fsm::BackupSet* const set = newest_good_backup(contents, archive->database);
  if (set == nullptr || set->last_wal >= last) return;
  const std::uint64_t in_folder = kFolderBytes / taken.segment_bytes;
  const std::uint64_t next = number_of(archive->last, in_folder) + 1;
  const std::string_view timeline = last.substr(0, kNamePart);
  // Where the server is on a later timeline nobody knows here which segment that begins with, and
  // its commits may be older than what came to the archive last.
  const bool is_same = archive->last.starts_with(timeline);
  const std::uint64_t first = std::min(next, number_of(last, in_folder));
  archive->gaps.push_back({.first = name_of(timeline, first, in_folder),
                           .last = std::string(last),
                           .after = is_same ? archive->last_at : set->stop,
                           .until = {}});
}

}  // namespace annals::lens

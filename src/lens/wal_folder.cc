#include "lens/wal_folder.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "k8s/lens/dom.ipp"
#include "k8s/text/json.h"
#include "k8s/text/json_scratch.ipp"

namespace annals::lens {
namespace {

namespace dom = simdjson::dom;

// Of the name of a WAL segment: timeline, folder, and all of it.
constexpr std::size_t kTimelineName = 8;
constexpr std::size_t kFolderName = 16;
constexpr std::size_t kSegmentName = 24;
constexpr std::size_t kSegmentNumber = kSegmentName - kFolderName;

constexpr std::int64_t kListedMax = 253'402'300'799;  // the end of the year 9999, in seconds

std::int64_t listed_number(dom::element file, std::string_view member) {
  const std::optional<dom::element> found = k8s::member(file, member);
  return found && found->is_int64() ? std::max<std::int64_t>(*found, 0) : 0;
}

Timestamp written_at(dom::element file) {
  return Timestamp(std::chrono::seconds(std::min(listed_number(file, "time"), kListedMax)));
}

// A file of a whole segment: "000000010000000000000001-" and a digest, with an ending by how it is
// compressed. What is partial or the note of a backup has a dot there.
bool is_of_segment(std::string_view file) {
  constexpr std::string_view kHexadecimal = "0123456789ABCDEF";
  return file.size() > kSegmentName && file[kSegmentName] == '-' &&
         file.substr(0, kSegmentName).find_first_not_of(kHexadecimal) == file.npos;
}

struct StoredSegment {
  Timestamp at;
  std::uint64_t size = 0;
};
using StoredSegments = std::map<std::uint32_t, StoredSegment>;  // by the end of their names

StoredSegments segments_in(dom::object files, std::string_view folder) {
  StoredSegments segments;
  for (const dom::key_value_pair file : files) {
    if (!is_of_segment(file.key) || !file.key.starts_with(folder)) continue;
    std::uint32_t number = 0;
    const char* const begin = file.key.data() + folder.size();
    (void)std::from_chars(begin, begin + kSegmentNumber, number, 16);
    segments[number] = {.at = written_at(file.value),
                        .size = static_cast<std::uint64_t>(listed_number(file.value, "size"))};
  }
  return segments;
}

std::string segment_name(std::string_view folder, std::uint32_t number) {
  char digits[kSegmentNumber + 1];
  std::snprintf(digits, sizeof digits, "%08X", number);
  return concat(folder, digits);
}

const fsm::BackupSet* newest_good_set(const fsm::RepositoryContents& contents,
                                      std::int64_t database) {
  const auto sets = std::ranges::reverse_view(contents.backups);
  const auto good = std::ranges::find_if(sets, [&](const fsm::BackupSet& set) {
    return set.database == database && !set.faulty && set.last_wal.size() == kSegmentName;
  });
  return good == sets.end() ? nullptr : &*good;
}

// The segment that the newest backup needs last, as one of this folder: the next ones have to
// follow it. Nothing where it is of another timeline, so that nobody knows where the folder begins.
std::optional<std::int64_t> last_needed(const fsm::BackupSet* set, std::string_view folder) {
  if (set == nullptr) return std::nullopt;
  const std::string_view wal = set->last_wal;
  if (wal.substr(0, kTimelineName) != folder.substr(0, kTimelineName)) return std::nullopt;
  if (wal.substr(0, folder.size()) < folder) return -1;
  if (!wal.starts_with(folder)) return std::nullopt;
  std::uint32_t number = 0;
  (void)std::from_chars(wal.data() + folder.size(), wal.data() + wal.size(), number, 16);
  return number;
}

std::vector<fsm::WalGap> gaps_in(const StoredSegments& segments, std::string_view folder,
                                 const fsm::BackupSet* set) {
  std::vector<fsm::WalGap> gaps;
  const std::optional<std::int64_t> needed = last_needed(set, folder);
  std::int64_t before = needed.value_or(segments.begin()->first);
  Timestamp written = needed ? set->stop : segments.begin()->second.at;
  for (const auto& [number, segment] : segments) {
    if (number < before) continue;
    if (number > before + 1)
      gaps.push_back({.first = segment_name(folder, static_cast<std::uint32_t>(before + 1)),
                      .last = segment_name(folder, number - 1),
                      .after = written,
                      .until = segment.at});
    before = number;
    written = segment.at;
  }
  return gaps;
}

void take_segments(fsm::RepositoryContents& contents, fsm::ArchivedWal& archive,
                   dom::object files) {
  const std::string_view folder = std::string_view(archive.last).substr(0, kFolderName);
  const StoredSegments segments = segments_in(files, folder);
  if (segments.empty()) return;
  archive.since = segments.begin()->second.at;
  archive.last_at = segments.rbegin()->second.at;
  for (const auto& [number, segment] : segments) {
    archive.since = std::min(archive.since, segment.at);
    archive.size += segment.size;
  }
  archive.gaps = gaps_in(segments, folder, newest_good_set(contents, archive.database));
}

// Its place; behind the end where there is none.
std::size_t newest_archive(const std::vector<fsm::ArchivedWal>& archives) {
  const auto newest = std::ranges::max_element(archives, {}, &fsm::ArchivedWal::database);
  const bool is_any =
      newest != archives.end() && newest->last.size() == kSegmentName && !newest->id.empty();
  return is_any ? static_cast<std::size_t>(newest - archives.begin()) : archives.size();
}

}  // namespace

std::string folder_of_last_wal(const fsm::RepositoryContents& contents, std::string_view stanza) {
  const std::size_t newest = newest_archive(contents.archives);
  if (newest == contents.archives.size()) return {};
  const fsm::ArchivedWal& archive = contents.archives[newest];
  return concat("archive/", stanza, "/", archive.id, "/", archive.last.substr(0, kFolderName));
}

Result<void> read_wal_folder(std::string_view output, fsm::RepositoryContents& contents) {
  const std::size_t newest = newest_archive(contents.archives);
  const std::size_t begin = output.find('{');
  if (newest == contents.archives.size() || begin == output.npos)
    return fail(Errc::kInvalid, "pgbackrest repo-ls printed no JSON");
  k8s::JsonReader reader;
  try {
    const dom::element root =
        reader.scratch().dom.parse(output.data() + begin, output.size() - begin);
    take_segments(contents, contents.archives[newest], dom::object(root));
    return {};
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "pgbackrest repo-ls printed malformed JSON: ", thrown.what());
  }
}

}  // namespace annals::lens

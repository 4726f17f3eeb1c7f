#include "fsm/view/repository_growth.h"

#include <algorithm>
#include <chrono>

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDay = 24h;
constexpr Duration kLately = 7 * kDay;  // schedules repeat by the week
constexpr Duration kShortest = 1h;      // less tells nothing about a day

std::uint64_t per_day(std::uint64_t bytes, Duration within) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::max(within, kShortest));
  const double days = static_cast<double>(seconds.count()) / 86'400.0;
  return static_cast<std::uint64_t>(static_cast<double>(bytes) / days);
}

// What came after the last backup that is a week older than the newest one, or after the first one.
std::uint64_t growth_of_backups(const std::vector<BackupSet>& backups) {
  if (backups.size() < 2) return 0;
  const Timestamp from = backups.back().stop - kLately;
  Timestamp begin = backups.front().stop;
  std::uint64_t bytes = 0;
  for (const BackupSet& set : backups) {
    if (set.stop <= from) begin = set.stop;
    if (set.stop > from && set.stop > begin) bytes += set.stored_size;
  }
  return per_day(bytes, backups.back().stop - begin);
}

std::uint64_t growth_of_archive(const ArchivedWal* archive) {
  if (archive == nullptr || archive->last_at == Timestamp()) return 0;
  return per_day(archive->size, archive->last_at - archive->since);
}

}  // namespace

std::uint64_t stored_size(const RepositoryContents& contents) {
  std::uint64_t bytes = 0;
  for (const BackupSet& set : contents.backups) bytes += set.stored_size;
  return bytes;
}

std::uint64_t growth_per_day(const RepositoryContents& contents) {
  return growth_of_backups(contents.backups) + growth_of_archive(last_archive(contents));
}

const ArchivedWal* last_archive(const RepositoryContents& contents) {
  const auto newest = std::ranges::max_element(contents.archives, {}, &ArchivedWal::database);
  return newest == contents.archives.end() || newest->last.empty() ? nullptr : &*newest;
}

}  // namespace annals::fsm

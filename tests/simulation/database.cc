#include "tests/simulation/database.h"

#include <algorithm>
#include <chrono>
#include <ranges>

#include "base/assert.h"
#include "base/concat.h"

namespace annals::simulation {
namespace {

constexpr Lsn kSegment = Lsn{16} << 20U;
constexpr Lsn kOfCommit = 0x100;

std::string hex(std::uint64_t number, std::size_t digits) {
  std::string text;
  for (; number != 0 || text.size() < digits; number >>= 4U)
    text.insert(text.begin(), "0123456789ABCDEF"[number & 0xfU]);
  return text;
}

// Whether the way to the end of `timeline` leads by this place.
bool leads_by(const Database& database, TimelineId timeline, TimelineId place, Lsn lsn) {
  while (timeline != place) {
    const auto fork = database.forks.find(timeline);
    if (fork == database.forks.end()) return false;
    timeline = fork->second.parent;
    if (timeline == place) return lsn <= fork->second.lsn;
  }
  return true;
}

const Backup* find_backup(const Database& database, const std::string& label) {
  const auto found = std::ranges::find(database.backups, label, &Backup::label);
  return found == database.backups.end() ? nullptr : &*found;
}

Lsn archived_end(const Database& database, TimelineId timeline) {
  const auto found = database.archived.find(timeline);
  return found == database.archived.end() ? 0 : found->second;
}

// 2026-01-02T00:01:05 to 20260102-000105F
std::string label_of(Timestamp time) {
  std::string text = annals::to_string(time).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text.replace(text.find('T'), 1, "-") + "F";
}

// Recovery from the backup comes to it.
bool is_from(const Dropped& dropped, const Backup& backup) {
  return backup.timeline <= dropped.timeline && backup.lsn <= dropped.begin;
}

// Where what is really there ends.
Lsn present_end(const Database& database, TimelineId timeline) {
  Lsn end = archived_end(database, timeline);
  for (const Dropped& each : database.dropped | std::views::reverse) {
    if (each.timeline == timeline && each.end == end) end = each.begin;
  }
  return end;
}

// Seen once something later is there, and behind the newest backup; by the server's word before.
std::vector<fsm::WalGap> gaps_of(const Database& database, AsksServer asks) {
  std::vector<fsm::WalGap> gaps;
  for (const Dropped& each : database.dropped) {
    const bool is_last = each.begin >= present_end(database, each.timeline);
    const bool is_seen =
        !is_last || (asks == AsksServer::kYes && each.timeline == database.timeline);
    if (!is_seen || (!database.backups.empty() && !is_from(each, database.backups.back())))
      continue;
    // One that goes on from the one before it is one with that.
    const bool goes_on = is_last && !gaps.empty() && gaps.back().until == Timestamp();
    if (goes_on) {
      gaps.back().last = segment_of(each.timeline, each.end);
    } else {
      gaps.push_back({.first = segment_of(each.timeline, each.begin + 1),
                      .last = segment_of(each.timeline, each.end),
                      .after = each.at,
                      .until = is_last ? Timestamp() : each.at});
    }
  }
  return gaps;
}

}  // namespace

std::string text_of_lsn(Lsn lsn) {
  return concat(hex(lsn >> 32U, 1), "/", hex(lsn & 0xffffffffU, 1));
}

std::string segment_of(TimelineId timeline, Lsn lsn) {
  const Lsn number = (lsn - 1) / kSegment;
  return concat(hex(static_cast<std::uint64_t>(timeline), 8), hex(number >> 8U, 8),
                hex(number & 0xffU, 8));
}

void commit(Database& database, Timestamp now) {
  database.lsn += kOfCommit;
  database.commits.push_back(
      {.at = now, .timeline = database.timeline, .lsn = database.lsn, .content = database});
}

void switch_wal(Database& database) {
  database.lsn = (database.lsn + kSegment - 1) / kSegment * kSegment;
}

void archive(Database& database) {
  database.archived[database.timeline] = database.lsn / kSegment * kSegment;
}

void archive_all(Database& database) {
  switch_wal(database);
  archive(database);
}

bool is_archived(const Database& database) {
  return archived_end(database, database.timeline) >= database.lsn;
}

void drop_wal(Database& database, Timestamp now) {
  const Lsn begin = std::max(archived_end(database, database.timeline), Database::kFirst);
  switch_wal(database);
  if (database.lsn <= begin) return;
  database.dropped.push_back(
      {.timeline = database.timeline, .begin = begin, .end = database.lsn, .at = now});
  archive(database);
}

bool ends_at_drop(const Database& database) {
  return !gaps_of(database, AsksServer::kYes).empty() && !database.backups.empty();
}

void back_up(Database& database, Timestamp now) {
  database.backups.push_back(
      {.label = label_of(now), .at = now, .timeline = database.timeline, .lsn = database.lsn});
  archive_all(database);
}

fsm::RepositoryContents contents_of(const Database& database, const std::string& system,
                                    AsksServer asks) {
  fsm::RepositoryContents contents;
  if (!database.has_stanza) {
    contents.code = fsm::kNoStanzaPath;
    return contents;
  }
  contents.code = database.backups.empty() ? fsm::kNoBackup : fsm::kRepositoryOk;
  contents.databases.push_back({.id = 1, .system_id = system, .version = "15"});
  const std::string first = segment_of(1, Database::kFirst);
  std::string last = first;
  for (const auto& [timeline, ignored] : database.archived)
    last = std::max(last, segment_of(timeline, present_end(database, timeline)));
  contents.archives.push_back(
      {.database = 1, .id = "15-1", .first = first, .last = last, .gaps = gaps_of(database, asks)});
  for (const Backup& backup : database.backups) {
    const Timestamp second = std::chrono::floor<std::chrono::seconds>(backup.at);
    contents.backups.push_back({.label = backup.label,
                                .type = "full",
                                .database = 1,
                                .start = second,
                                .stop = second,
                                .first_wal = segment_of(backup.timeline, backup.lsn),
                                .last_wal = segment_of(backup.timeline, backup.lsn),
                                .start_lsn = backup.lsn,
                                .stop_lsn = backup.lsn,
                                .size = std::uint64_t{23} << 20U,
                                .stored_size = std::uint64_t{3} << 20U});
  }
  return contents;
}

// At any time there is one timeline that is written.
const Commit* commit_at(const Database& database, Timestamp time) {
  for (const Commit& commit : database.commits | std::views::reverse) {
    if (commit.at <= time) return &commit;
  }
  return nullptr;
}

const Commit* last_commit(const Database& database, TimelineId timeline) {
  for (const Commit& commit : database.commits | std::views::reverse) {
    if (leads_by(database, timeline, commit.timeline, commit.lsn)) return &commit;
  }
  return nullptr;
}

// Commits are in the order of their times, and on one way also of their places.
Recovered recover(const Database& database, const Recovery& recovery) {
  Recovered recovered;
  const Backup* backup = find_backup(database, recovery.set);
  if (backup == nullptr) return {.trouble = "backup set is not there"};
  if (!leads_by(database, recovery.timeline, backup->timeline, backup->lsn))
    return {.trouble = "requested timeline is not a child of this server's history"};
  recovered.end = backup->lsn;
  for (const Commit& commit : database.commits) {
    if (!leads_by(database, recovery.timeline, commit.timeline, commit.lsn)) continue;
    const bool is_in_backup = commit.lsn <= backup->lsn && commit.timeline <= backup->timeline;
    if (!is_in_backup && commit.lsn > archived_end(database, commit.timeline)) break;
    const bool is_behind_drop = std::ranges::any_of(database.dropped, [&](const Dropped& each) {
      return is_from(each, *backup) && each.timeline <= commit.timeline && commit.lsn > each.begin;
    });
    if (!is_in_backup && is_behind_drop) break;
    if (recovery.target && commit.at > *recovery.target) {
      if (is_in_backup) recovered.trouble = "target is before the end of the backup";
      return recovered;
    }
    recovered.commit = &commit;
    recovered.end = std::max(recovered.end, commit.lsn);
  }
  if (recovery.target)
    recovered.trouble = "recovery ended before configured recovery target was reached";
  return recovered;
}

void promote(Database& database, TimelineId parent, const Recovered& recovered, Timestamp now) {
  ANNALS_ASSERT(recovered.trouble.empty(), "it was not recovered: ", recovered.trouble);
  database.left = database.timeline;
  database.touched_by.clear();
  static_cast<Content&>(database) =
      recovered.commit == nullptr ? Content() : recovered.commit->content;
  TimelineId newest = database.timeline;
  for (const auto& [timeline, fork] : database.forks) newest = std::max(newest, timeline);
  database.timeline = newest + 1;
  database.forks[database.timeline] = {.parent = parent, .lsn = recovered.end};
  database.lsn = recovered.end;
  commit(database, now);
  switch_wal(database);
  archive(database);
}

Database cloned(const Database& source, TimelineId timeline, const Recovered& recovered,
                Timestamp now) {
  Database clone = source;
  promote(clone, timeline, recovered, now);
  clone.left = 0;
  clone.is_clone = true;
  clone.has_stanza = false;
  clone.backups.clear();
  clone.archived.clear();
  archive(clone);
  return clone;
}

}  // namespace annals::simulation

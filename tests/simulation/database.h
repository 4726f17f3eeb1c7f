// Databases: what PostgreSQL of each cluster holds, what it held at each of its commits, and what
// its repository has of that. It lives on the volumes: pods come and go, this stays until the
// cluster is deleted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fsm/model/repository_contents.h"

namespace annals::simulation {

using TimelineId = std::int64_t;
using Lsn = std::uint64_t;

struct Content {
  std::map<std::string, std::string> users;  // name to the material of the password it was set to
  std::set<std::string> databases;
  std::string mark;    // of the script that was run
  std::set<int> rows;  // that people have written, and were told so

  friend bool operator==(const Content&, const Content&) = default;
};

struct Commit {
  Timestamp at;
  TimelineId timeline = 1;
  Lsn lsn = 0;  // its end
  Content content;

  friend bool operator==(const Commit&, const Commit&) = default;
};

// Where a timeline has left another one.
struct Fork {
  TimelineId parent = 0;
  Lsn lsn = 0;

  friend bool operator==(const Fork&, const Fork&) = default;
};

struct Backup {
  std::string label;
  Timestamp at;
  TimelineId timeline = 1;
  Lsn lsn = 0;

  friend bool operator==(const Backup&, const Backup&) = default;
};

// WAL that was never archived, though the server takes it for archived.
struct Dropped {
  TimelineId timeline = 1;
  Lsn begin = 0;
  Lsn end = 0;
  Timestamp at;

  friend bool operator==(const Dropped&, const Dropped&) = default;
};

struct Database : Content {
  static constexpr Lsn kFirst = 0x3000000;

  int init_sql_runs = 0;  // so often the script was
  TimelineId timeline = 1;
  Lsn lsn = kFirst;  // the end of its WAL
  std::vector<Commit> commits;
  std::map<TimelineId, Fork> forks;
  TimelineId left = 0;     // by the last restore
  bool is_clone = false;   // its first content is another one's
  std::string touched_by;  // the request whose restore has begun and has not ended well
  // The repository.
  bool has_stanza = false;
  std::vector<Backup> backups;
  // The end of what is there, from the timeline's begin, but for what was dropped.
  std::map<TimelineId, Lsn> archived;
  std::vector<Dropped> dropped;

  friend bool operator==(const Database&, const Database&) = default;
};

using Databases = std::map<std::string, Database>;  // by the UID of the custom resource

// As it is now becomes what it was at this time.
void commit(Database& database, Timestamp now);
// The segment that is being written is complete; the next one begins.
void switch_wal(Database& database);
// All segments that are complete are in the archive.
void archive(Database& database);
// All that the timeline has is, too: its server has stopped.
void archive_all(Database& database);
bool is_archived(const Database& database);
// What is not archived yet never will be, and nobody says so: archive-push-queue-max.
void drop_wal(Database& database, Timestamp now);
// What was dropped, or came after it, cannot be restored: no backup began later.
bool ends_at_drop(const Database& database);
void back_up(Database& database, Timestamp now);

// What pgBackRest says of its repository. That nothing came after what was dropped last is seen
// where the server is asked, too.
enum class AsksServer : bool { kNo, kYes };
fsm::RepositoryContents contents_of(const Database& database, const std::string& system,
                                    AsksServer asks);

std::string segment_of(TimelineId timeline, Lsn lsn);
std::string text_of_lsn(Lsn lsn);

// What a restore is told.
struct Recovery {
  std::string set;  // a backup's label
  TimelineId timeline = 0;
  std::optional<Timestamp> target;  // nothing: to the end of the archive
};

// Where recovery ends: a commit, or why it does not. From the archive alone.
struct Recovered {
  const Commit* commit = nullptr;
  Lsn end = 0;  // of what was replayed
  std::string trouble;
};
Recovered recover(const Database& database, const Recovery& recovery);
// What a person means by the same, in whatever files it is; null for none. At a time: whatever was
// restored since. At the end of a timeline: its last commit, or one on the way to it.
const Commit* commit_at(const Database& database, Timestamp time);
const Commit* last_commit(const Database& database, TimelineId timeline);
// A database of its own that goes on from there, with an empty repository.
Database cloned(const Database& source, TimelineId timeline, const Recovered& recovered,
                Timestamp now);
// The database goes on from there, on a timeline of its own.
void promote(Database& database, TimelineId parent, const Recovered& recovered, Timestamp now);

}  // namespace annals::simulation

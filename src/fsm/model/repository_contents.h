// What `pgbackrest info` says of one repository: which databases it knows, which backups can be
// restored, which WAL is there. A level: what was so when it was read, whole. Without secrets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace annals::fsm {

// One cluster of databases that wrote into the stanza. After a major upgrade there are several.
struct RepositoryDatabase {
  std::int64_t id = 0;
  std::string system_id{};  // PostgreSQL's system identifier, decimal
  std::string version{};    // "15"

  friend bool operator==(const RepositoryDatabase&, const RepositoryDatabase&) = default;
};

// Segments that are not in the archive, though a later one of their timeline is, or PostgreSQL
// takes them for archived: no restore gets beyond them until the next backup.
struct WalGap {
  std::string first{};
  std::string last{};  // the same where it is one
  Timestamp after{};   // when the segment before it was written there; epoch: not known
  Timestamp until{};   // likewise the one after it; epoch: nothing has come after it

  friend bool operator==(const WalGap&, const WalGap&) = default;
};

// The WAL of one of them. Names are compared as texts: `last` is the greatest name, which is no
// proof that all before it is there, nor that it is of the timeline that is asked about.
struct ArchivedWal {
  std::int64_t database = 0;
  std::string id{};     // the folder in the archive: "15-1"
  std::string first{};  // "000000010000000000000001"; empty: none
  std::string last{};
  // Of the folder that `last` is in, up to 256 segments; of the newest database only.
  Timestamp last_at{};         // when `last` was written there; epoch: the folder was not listed
  Timestamp since{};           // when the first of them was
  std::uint64_t size = 0;      // of all of them there, in bytes
  std::vector<WalGap> gaps{};  // behind the newest backup

  friend bool operator==(const ArchivedWal&, const ArchivedWal&) = default;
};

struct BackupSet {
  std::string label{};  // "20260131-080500F_20260201-080500I"
  std::string type{};   // full, diff, incr
  std::int64_t database = 0;
  Timestamp start{};
  Timestamp stop{};         // to the second
  std::string first_wal{};  // the WAL that makes it consistent
  std::string last_wal{};
  std::uint64_t start_lsn = 0;  // 0: not told
  std::uint64_t stop_lsn = 0;
  std::uint64_t size = 0;         // of what is restored, in bytes
  std::uint64_t stored_size = 0;  // of what it alone takes in the repository; 0: not told
  std::string program{};          // version of pgBackRest that took it: "2.45"; empty: not told
  std::string prior{};            // label of the backup that it is based on; empty: none
  bool faulty = false;            // pages failed their checksums while it was taken

  friend bool operator==(const BackupSet&, const BackupSet&) = default;
};

// pgBackRest's codes of `repo[].status`.
inline constexpr std::int64_t kRepositoryOk = 0;
inline constexpr std::int64_t kNoStanzaPath = 1;  // also an empty or unmounted repository
inline constexpr std::int64_t kNoBackup = 2;
inline constexpr std::int64_t kNoStanzaData = 3;
inline constexpr std::int64_t kRepositoryUnreadable = 99;

struct RepositoryContents {
  std::int64_t code = kRepositoryOk;
  std::string trouble{};  // of kRepositoryUnreadable and other codes: pgBackRest's words, redacted
  std::vector<RepositoryDatabase> databases{};
  std::vector<ArchivedWal> archives{};
  std::vector<BackupSet> backups{};  // in the order in which they ended

  friend bool operator==(const RepositoryContents&, const RepositoryContents&) = default;
};

// What went wrong with a repository last: a look at it, or a Job that writes to it.
struct RepositoryError {
  std::string text{};  // pgBackRest's words where they are known
  Timestamp at{};
  std::string job_start{};  // of the last failed Job that was told of, as Kubernetes writes it

  friend bool operator==(const RepositoryError&, const RepositoryError&) = default;
};

}  // namespace annals::fsm

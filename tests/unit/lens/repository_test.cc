// What pgBackRest prints of its repositories, as it was recorded, and what PostgreSQL writes of
// timelines.
#include "lens/repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace annals::lens {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string recorded(const char* name) {
  std::ifstream file(std::string(ANNALS_SOURCE_DIR "/tests/unit/lens/recorded/") + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

fsm::RepositoryContents read(std::string_view output, const char* repo = "repo1") {
  Result<fsm::RepositoryContents> contents = read_repository(output, "db", repo);
  EXPECT_TRUE(contents) << (contents ? "" : to_string(contents.error()));
  return contents ? *std::move(contents) : fsm::RepositoryContents();
}

std::vector<std::string> labels(const fsm::RepositoryContents& contents) {
  std::vector<std::string> labels;
  for (const fsm::BackupSet& set : contents.backups) labels.push_back(set.label);
  return labels;
}

// Two repositories: a full and an incremental backup in the first, a full one in the second.
TEST(RepositoryTest, HoldsTheBackupsOfOneRepository) {
  const fsm::RepositoryContents contents = read(recorded("pgbackrest-info.txt"));
  EXPECT_EQ(contents.code, fsm::kRepositoryOk);
  EXPECT_EQ(contents.trouble, "");
  ASSERT_EQ(contents.backups.size(), 2U);
  const fsm::BackupSet& full = contents.backups[0];
  const fsm::BackupSet& incremental = contents.backups[1];
  EXPECT_EQ(full.type, "full");
  EXPECT_EQ(incremental.type, "incr");
  EXPECT_EQ(incremental.label.substr(0, full.label.size()), full.label);
  EXPECT_EQ(full.database, 1);
  EXPECT_LT(full.start, full.stop);
  EXPECT_LT(full.stop, incremental.stop);
  EXPECT_EQ(full.first_wal.size(), 24U);
  EXPECT_LE(full.first_wal, full.last_wal);
  EXPECT_LT(full.start_lsn, full.stop_lsn);
  EXPECT_LT(full.stop_lsn, incremental.stop_lsn);
  EXPECT_GT(full.size, std::uint64_t{20} << 20U);
  EXPECT_LT(full.stored_size, full.size);
  EXPECT_LT(incremental.stored_size, full.stored_size);
  EXPECT_FALSE(full.faulty);
}

TEST(RepositoryTest, TellsTheRepositoriesApart) {
  const std::string output = recorded("pgbackrest-info.txt");
  const fsm::RepositoryContents second = read(output, "repo2");
  ASSERT_EQ(second.backups.size(), 1U);
  EXPECT_EQ(second.archives.size(), 1U);
  EXPECT_NE(labels(second)[0], labels(read(output))[0]);
  const fsm::RepositoryContents third = read(output, "repo3");
  EXPECT_EQ(third.code, fsm::kRepositoryUnreadable);
  EXPECT_THAT(third.backups, IsEmpty());
}

TEST(RepositoryTest, KnowsTheDatabaseAndItsWal) {
  const fsm::RepositoryContents contents = read(recorded("pgbackrest-info.txt"));
  ASSERT_EQ(contents.databases.size(), 1U);
  EXPECT_EQ(contents.databases[0].version, "15");
  EXPECT_EQ(contents.databases[0].system_id.size(), 19U);
  ASSERT_EQ(contents.archives.size(), 1U);
  EXPECT_EQ(contents.archives[0].id, "15-1");
  EXPECT_LE(contents.archives[0].first, contents.backups[0].first_wal);
  EXPECT_LE(contents.backups[1].last_wal, contents.archives[0].last);
}

TEST(RepositoryTest, ARepositoryWithoutAStanzaOrBackupSaysSo) {
  EXPECT_EQ(read(recorded("pgbackrest-info-missing.txt")).code, fsm::kNoStanzaPath);
  const fsm::RepositoryContents empty = read(recorded("pgbackrest-info-empty.txt"));
  EXPECT_EQ(empty.code, fsm::kNoBackup);
  EXPECT_EQ(empty.databases.size(), 1U);
  EXPECT_EQ(read("[]").code, fsm::kNoStanzaPath);
  EXPECT_EQ(read(R"([{"name":"other"}])").code, fsm::kNoStanzaPath);
}

TEST(RepositoryTest, OneThatCannotBeReadSaysWhy) {
  const std::string output = recorded("pgbackrest-info-unreadable.txt");
  const fsm::RepositoryContents second = read(output, "repo2");
  EXPECT_EQ(second.code, fsm::kRepositoryUnreadable);
  EXPECT_THAT(second.trouble, HasSubstr("Permission denied"));
  EXPECT_EQ(read(output).backups.size(), 2U) << "the other one can be";
}

TEST(RepositoryTest, SortsBackupsByTheirEnd) {
  const fsm::RepositoryContents contents = read(
      R"([{"name":"db","repo":[{"key":1,"status":{"code":0}}],"backup":[
        {"label":"b","database":{"id":1,"repo-key":1},"timestamp":{"start":1,"stop":9},"error":true},
        {"label":"a","database":{"id":1,"repo-key":1},"timestamp":{"start":2,"stop":5},"archive":{"start":null}}]}])");
  EXPECT_THAT(labels(contents), ElementsAre("a", "b"));
  EXPECT_EQ(contents.backups[0].first_wal, "");
  EXPECT_TRUE(contents.backups[1].faulty);
}

TEST(RepositoryTest, RefusesWhatIsNoList) {
  for (const char* output :
       {"", "ERROR: [031]: no such option\n", "[", "{}", "WARN: x\n[1", "[1]]"})
    EXPECT_EQ(read_repository(output, "db", "repo1").error().code, Errc::kInvalid) << output;
}

TEST(TimelineHistoryTest, IsAChainOfBranches) {
  const auto branches = read_timeline_history(
      "1\t0/3000148\tno recovery target specified\n\n2\t1/5000098\tbefore 2026-01-31\n", 5);
  ASSERT_TRUE(branches);
  const fsm::TimelineBranch second{.timeline = 2, .parent = 1, .lsn = 0x3000148};
  const fsm::TimelineBranch fifth{.timeline = 5, .parent = 2, .lsn = 0x105000098};
  EXPECT_THAT(*branches, ElementsAre(second, fifth));
  EXPECT_THAT(*read_timeline_history("", 1), IsEmpty());
}

TEST(TimelineHistoryTest, RefusesWhatIsNone) {
  for (const char* text :
       {"x\t0/1\t", "1 0/1", "1\tnowhere\t", "0\t0/1", "2\t0/1\n2\t0/2", "3\t0/1"})
    EXPECT_EQ(read_timeline_history(text, 3).error().code, Errc::kInvalid) << text;
}

}  // namespace
}  // namespace annals::lens

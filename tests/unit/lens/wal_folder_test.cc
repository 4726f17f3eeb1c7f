// What pgBackRest lists of the folder that the last WAL is in.
#include "lens/wal_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/concat.h"

namespace annals::lens {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kFolder = "0000000100000002";

std::string segment(int number) {
  return concat(kFolder, "000000", number < 16 ? "0" : "", number);
}

fsm::RepositoryContents contents_until(int last, const std::string& needed = {}) {
  fsm::RepositoryContents contents;
  contents.archives = {{.database = 1, .id = "14-1", .last = "000000090000000000000001"},
                       {.database = 2, .id = "15-2", .last = segment(last)}};
  if (!needed.empty())
    contents.backups = {{.label = "good",
                         .database = 2,
                         .stop = Timestamp(std::chrono::seconds(500)),
                         .last_wal = needed},
                        {.label = "bad", .database = 2, .last_wal = segment(last), .faulty = true}};
  return contents;
}

// Segments of 10 bytes, one for each second from 1000 on.
std::string listed(std::initializer_list<int> numbers) {
  std::string list = R"({".":{"type":"path"})";
  for (const int number : numbers)
    list += concat(R"(,")", segment(number), R"(-0123456789012345678901234567890123456789.gz":)",
                   R"({"type":"file","size":10,"time":)", 1000 + number, "}");
  return list + concat(R"(,")", segment(2), R"(.00000028.backup":{"type":"file","size":371,)",
                       R"("time":9999},")", segment(3),
                       R"(.partial-0123.gz":{"type":"file","size":77,"time":9999}})");
}

fsm::ArchivedWal read(fsm::RepositoryContents contents, const std::string& list) {
  EXPECT_TRUE(read_wal_folder(list, contents));
  return contents.archives.back();
}

TEST(WalFolderTest, IsThatOfTheNewestDatabase) {
  EXPECT_EQ(folder_of_last_wal(contents_until(2), "db"), concat("archive/db/15-2/", kFolder));
  EXPECT_EQ(folder_of_last_wal({}, "db"), "");
  fsm::RepositoryContents none;
  none.archives = {{.database = 1, .id = "15-1"}};
  EXPECT_EQ(folder_of_last_wal(none, "db"), "");
}

TEST(WalFolderTest, TellsWhenWalCameAndHowMuch) {
  const fsm::ArchivedWal wal = read(contents_until(3), listed({1, 2, 3}));
  EXPECT_EQ(wal.last_at, Timestamp(std::chrono::seconds(1003)));
  EXPECT_EQ(wal.since, Timestamp(std::chrono::seconds(1001)));
  EXPECT_EQ(wal.size, 30U) << "what is partial, or a note, is no segment";
  EXPECT_THAT(wal.gaps, IsEmpty());
}

TEST(WalFolderTest, NamesSegmentsThatAreMissing) {
  const fsm::ArchivedWal wal = read(contents_until(9, segment(1)), listed({1, 2, 4, 5, 9}));
  ASSERT_EQ(wal.gaps.size(), 2U);
  EXPECT_EQ(wal.gaps[0], (fsm::WalGap{.first = segment(3),
                                      .last = segment(3),
                                      .after = Timestamp(std::chrono::seconds(1002)),
                                      .until = Timestamp(std::chrono::seconds(1004))}));
  EXPECT_EQ(wal.gaps[1].first, segment(6));
  EXPECT_EQ(wal.gaps[1].last, segment(8));
}

TEST(WalFolderTest, WhatIsMissingBeforeTheNewestGoodBackupHarmsNobody) {
  EXPECT_THAT(read(contents_until(9, segment(5)), listed({1, 2, 5, 6, 7, 8, 9})).gaps, IsEmpty());
  EXPECT_THAT(read(contents_until(9), listed({5, 6, 7, 8, 9})).gaps, IsEmpty())
      << "without a backup nobody knows where the folder begins";
}

TEST(WalFolderTest, AFolderThatFollowsTheBackupsBeginsWithItsFirstSegment) {
  const std::string earlier = "0000000100000001000000FE";
  EXPECT_THAT(read(contents_until(2, earlier), listed({0, 1, 2})).gaps, IsEmpty());
  const fsm::ArchivedWal wal = read(contents_until(2, earlier), listed({1, 2}));
  ASSERT_EQ(wal.gaps.size(), 1U);
  EXPECT_EQ(wal.gaps[0].last, segment(0));
  EXPECT_EQ(wal.gaps[0].after, Timestamp(std::chrono::seconds(500)));
  EXPECT_THAT(read(contents_until(2, "000000000000000100000001"), listed({1, 2})).gaps, IsEmpty())
      << "another timeline";
}

TEST(WalFolderTest, RefusesWhatIsNoList) {
  for (const char* output : {"", "ERROR: [055]: missing", "{", "{\"a\"}"}) {
    fsm::RepositoryContents contents = contents_until(2);
    EXPECT_FALSE(read_wal_folder(output, contents)) << output;
    EXPECT_EQ(contents, contents_until(2));
  }
}

}  // namespace
}  // namespace annals::lens

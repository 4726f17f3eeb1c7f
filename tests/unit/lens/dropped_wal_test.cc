// What PostgreSQL takes for archived and a repository lacks, with nothing later behind it.
#include "lens/dropped_wal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/concat.h"

namespace annals::lens {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp kStop{std::chrono::seconds(500)};
constexpr Timestamp kLastAt{std::chrono::seconds(1000)};

std::string segment(const char* end) { return concat("0000000100000000000000", end); }

class DroppedWal : public testing::Test {
 protected:
  std::vector<fsm::WalGap> found(const std::string& name) const {
    fsm::RepositoryContents contents = contents_;
    add_dropped_wal({.name = name, .system_id = system_, .segment_bytes = bytes_}, contents);
    return contents.archives.empty() ? std::vector<fsm::WalGap>() : contents.archives.back().gaps;
  }
  fsm::ArchivedWal& archive() { return contents_.archives.back(); }

  fsm::RepositoryContents contents_{
      .databases = {{.id = 1, .system_id = "70", .version = "14"},
                    {.id = 2, .system_id = "71", .version = "15"}},
      .archives = {{.database = 1, .id = "14-1", .last = "000000090000000000000001"},
                   {.database = 2,
                    .id = "15-2",
                    .first = segment("01"),
                    .last = segment("05"),
                    .last_at = kLastAt}},
      .backups = {{.label = "good", .database = 2, .stop = kStop, .last_wal = segment("03")},
                  {.label = "bad", .database = 2, .last_wal = segment("08"), .faulty = true}}};
  std::string system_ = "71";
  std::uint64_t bytes_ = std::uint64_t{16} << 20U;
};

TEST_F(DroppedWal, IsAGapThatNothingCameAfter) {
  EXPECT_THAT(found(segment("08")),
              ElementsAre(fsm::WalGap{
                  .first = segment("06"), .last = segment("08"), .after = kLastAt, .until = {}}));
  EXPECT_THAT(found(segment("05")), IsEmpty());
  EXPECT_THAT(found(segment("04")), IsEmpty()) << "a look that came later than the answer";
}

TEST_F(DroppedWal, ComesAfterWhatIsMissingBetween) {
  archive().gaps = {{.first = segment("04"), .last = segment("04"), .until = kLastAt}};
  const std::vector<fsm::WalGap> gaps = found(segment("08"));
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[1].first, segment("06"));
}

TEST_F(DroppedWal, BeginsInTheNextFolderWhereOneIsFull) {
  archive().last = segment("FF");
  EXPECT_EQ(found("000000010000000100000002").at(0).first, "000000010000000100000000");
  bytes_ = std::uint64_t{64} << 20U;
  archive().last = segment("3F");
  EXPECT_EQ(found("000000010000000100000002").at(0).first, "000000010000000100000000");
}

TEST_F(DroppedWal, OnALaterTimelineIsNotOlderThanTheBackup) {
  EXPECT_THAT(found("000000020000000000000007"),
              ElementsAre(fsm::WalGap{.first = "000000020000000000000006",
                                      .last = "000000020000000000000007",
                                      .after = kStop,
                                      .until = {}}));
  EXPECT_EQ(found("000000020000000000000004").at(0).first, "000000020000000000000004")
      << "it began before the end of the other one";
  archive().last = "000000020000000000000004";
  EXPECT_THAT(found(segment("08")), IsEmpty()) << "of a timeline that was left";
}

TEST_F(DroppedWal, IsToldByTheNoteOfABackupToo) {
  EXPECT_EQ(found(segment("08") + ".00000028.backup").at(0).last, segment("08"));
  for (const std::string& name : {std::string(), std::string("00000002.history"),
                                  segment("08") + ".partial", segment("08") + "0"})
    EXPECT_THAT(found(name), IsEmpty()) << name;
}

TEST_F(DroppedWal, IsOfTheServersDatabase) {
  for (const char* system : {"70", "72", ""}) {
    system_ = system;
    EXPECT_THAT(found(segment("08")), IsEmpty()) << system;
  }
}

TEST_F(DroppedWal, HarmsNobodyBeforeThereIsABackup) {
  contents_.backups.front().last_wal = segment("08");
  EXPECT_THAT(found(segment("08")), IsEmpty());
  contents_.backups.clear();
  EXPECT_THAT(found(segment("08")), IsEmpty()) << "a repository that is new";
}

TEST_F(DroppedWal, IsNotKnownOfARepositoryThatSaysNothing) {
  bytes_ = 0;
  EXPECT_THAT(found(segment("08")), IsEmpty());
  bytes_ = std::uint64_t{16} << 20U;
  archive().last.clear();
  EXPECT_THAT(found(segment("08")), IsEmpty());
  contents_.archives.clear();
  EXPECT_THAT(found(segment("08")), IsEmpty());
}

}  // namespace
}  // namespace annals::lens

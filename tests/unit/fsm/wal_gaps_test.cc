// What is remembered of WAL that an archive lacks.
#include "fsm/view/wal_gaps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/concat.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp kNoon{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 12h};

std::string in_folder(const char* folder, const char* segment) {
  return concat("00000001", folder, segment);
}
std::string segment(const char* last) { return in_folder("00000000", last); }

BackupSet set_at(const std::string& wal, Duration stop) {
  return {.label = wal,
          .type = "full",
          .database = 1,
          .stop = kNoon + stop,
          .first_wal = wal,
          .last_wal = wal};
}

class WalGaps : public testing::Test {
 protected:
  RepositorySeen look(Timestamp at) {
    RepositorySeen seen{.at = at, .contents = now_};
    seen.gaps = gaps_after_look(last_, now_, at);
    last_ = seen;
    return seen;
  }
  std::vector<std::string> found(Timestamp at) {
    std::vector<std::string> names;
    for (const WalGap& gap : look(at).gaps) names.push_back(gap.last);
    return names;
  }

  ArchivedWal& archive() { return now_.archives.front(); }

  WalGap gap_{.first = segment("00000004"),
              .last = segment("00000005"),
              .after = kNoon - 1h,
              .until = kNoon};
  RepositoryContents now_{.databases = {{.id = 1}},
                          .archives = {{.database = 1,
                                        .id = "15-1",
                                        .first = segment("00000001"),
                                        .last = segment("00000009"),
                                        .last_at = kNoon,
                                        .gaps = {gap_}}},
                          .backups = {set_at(segment("00000002"), -2h)}};
  RepositorySeen last_;
};

TEST_F(WalGaps, CountWhenTheyAreOldEnough) {
  const RepositorySeen young = look(kNoon + 1min);
  EXPECT_THAT(young.gaps, IsEmpty());
  EXPECT_EQ(next_gap_counts(young), kNoon + 5min);
  EXPECT_EQ(open_gaps(young).first, nullptr);
  const RepositorySeen old = look(kNoon + 5min);
  EXPECT_THAT(old.gaps, ElementsAre(gap_));
  EXPECT_EQ(next_gap_counts(old), std::nullopt);
  EXPECT_EQ(open_gaps(old).last, &old.gaps.back());
}

TEST_F(WalGaps, AreGoneWhenTheWalHasCome) {
  look(kNoon + 5min);
  archive().gaps.clear();
  EXPECT_THAT(found(kNoon + 15min), IsEmpty());
}

TEST_F(WalGaps, StayKnownWhileAnotherFolderIsListed) {
  look(kNoon + 5min);
  archive().gaps.clear();
  archive().last = in_folder("00000001", "00000003");
  EXPECT_THAT(found(kNoon + 15min), ElementsAre(gap_.last));
  EXPECT_NE(open_gaps(last_).first, nullptr);
}

TEST_F(WalGaps, StayKnownBetweenTwoBackupsAsLongAsTheOlderOneIsThere) {
  look(kNoon + 5min);
  archive().gaps.clear();
  now_.backups.push_back(set_at(segment("00000007"), 10min));
  EXPECT_THAT(found(kNoon + 15min), ElementsAre(gap_.last));
  EXPECT_EQ(open_gaps(last_).first, nullptr) << "what is later can be restored";
  now_.backups.back().faulty = true;
  EXPECT_NE(open_gaps({.at = kNoon, .contents = now_, .gaps = last_.gaps}).first, nullptr);
  now_.backups.back().faulty = false;
  now_.backups.erase(now_.backups.begin());
  EXPECT_THAT(found(kNoon + 25min), IsEmpty()) << "nothing leads there any more";
}

TEST_F(WalGaps, StayKnownWhileTheRepositoryIsLost) {
  look(kNoon + 5min);
  const RepositoryContents known = now_;
  now_ = {.code = kRepositoryUnreadable, .trouble = "unable to connect"};
  EXPECT_THAT(found(kNoon + 15min), ElementsAre(gap_.last));
  now_ = known;
  EXPECT_THAT(found(kNoon + 25min), ElementsAre(gap_.last));
}

TEST_F(WalGaps, AreOfOneDatabase) {
  look(kNoon + 5min);
  archive() = {.database = 2,
               .id = "16-2",
               .first = segment("00000011"),
               .last = segment("00000012"),
               .last_at = kNoon};
  now_.databases.push_back({.id = 2});
  EXPECT_THAT(found(kNoon + 15min), IsEmpty());
}

// ---- That nothing has come after: only PostgreSQL knows of it

class GapAtTheEnd : public WalGaps {
 protected:
  GapAtTheEnd() {
    gap_.until = {};
    archive().last = segment("00000003");
    archive().gaps = {gap_};
  }
  // Behind the gap, whose segments the list of the folder does not show.
  void more_comes(const std::string& last) {
    archive().last = last;
    archive().gaps = {gap_};
    archive().gaps.front().until = kNoon + 1min;
  }
};

TEST_F(GapAtTheEnd, CountsAtOnceAndStaysWhilePostgresSaysNothing) {
  EXPECT_THAT(look(kNoon).gaps, ElementsAre(gap_));
  EXPECT_EQ(next_gap_counts(last_), std::nullopt);
  archive().gaps.clear();
  EXPECT_THAT(look(kNoon + 10min).gaps, ElementsAre(gap_));
}

TEST_F(GapAtTheEnd, GrowsWithWhatIsDroppedLater) {
  look(kNoon);
  archive().gaps.front().last = segment("00000007");
  EXPECT_THAT(found(kNoon + 10min), ElementsAre(segment("00000007")));
}

TEST_F(GapAtTheEnd, IsTheSameWhenWalHasComeBehindIt) {
  look(kNoon);
  more_comes(segment("00000006"));
  const std::vector<WalGap> gaps = look(kNoon + 1min).gaps;
  ASSERT_EQ(gaps.size(), 1U) << "it does not have to become old enough again";
  EXPECT_EQ(gaps.front().first, gap_.first);
  EXPECT_EQ(gaps.front().until, kNoon + 1min);
  archive().gaps.clear();
  EXPECT_THAT(found(kNoon + 20min), IsEmpty()) << "somebody has brought it";
}

TEST_F(GapAtTheEnd, IsGoneWhenTheWalHasCome) {
  look(kNoon);
  archive().last = gap_.last;
  archive().gaps.clear();
  EXPECT_THAT(found(kNoon + 1min), IsEmpty());
}

TEST_F(GapAtTheEnd, KeepsItsBeginInAnEarlierFolder) {
  gap_.last = in_folder("00000001", "00000001");
  archive().gaps = {gap_};
  look(kNoon);
  more_comes(in_folder("00000001", "00000002"));
  archive().gaps.front().first = in_folder("00000001", "00000000");
  archive().gaps.front().after = kNoon + 1h;
  const std::vector<WalGap> gaps = look(kNoon + 1min).gaps;
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps.front().first, gap_.first);
  EXPECT_EQ(gaps.front().after, gap_.after);
}

// Nobody knows which segment the folder of a later timeline begins with.
TEST_F(GapAtTheEnd, OfALaterTimelineStaysUntilABackup) {
  gap_ = {.first = "000000020000000000000004", .last = "000000020000000000000005", .after = kNoon};
  archive().gaps = {gap_};
  look(kNoon);
  archive().last = "000000020000000000000006";
  archive().gaps.clear();
  EXPECT_THAT(found(kNoon + 10min), ElementsAre(gap_.last));
  EXPECT_NE(open_gaps(last_).first, nullptr);
  now_.backups.push_back(set_at("000000020000000000000007", 20min));
  EXPECT_THAT(found(kNoon + 30min), ElementsAre(gap_.last));
  EXPECT_EQ(open_gaps(last_).first, nullptr);
}

TEST_F(WalGaps, StopOnlyWhoComesToThem) {
  const BackupSet before = set_at(segment("00000003"), 0h);
  EXPECT_TRUE(is_behind(gap_, before));
  EXPECT_FALSE(is_behind(gap_, set_at(segment("00000006"), 0h)));
  EXPECT_FALSE(is_behind(gap_, set_at("000000020000000000000003", 0h))) << "of a later timeline";
  const std::vector<WalGap> gaps{gap_};
  EXPECT_EQ(first_gap_on_way(gaps, before, 1, {}), gaps.data());
  EXPECT_EQ(first_gap_on_way(gaps, before, 2, {}), gaps.data()) << "a failover came later";
}

}  // namespace
}  // namespace annals::fsm

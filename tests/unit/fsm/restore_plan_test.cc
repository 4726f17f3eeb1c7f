// How a restore can be done: the set and the timeline that are chosen, and each refusal with its
// remedy.
#include "fsm/view/restore_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "fsm/text/sentence.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr Timestamp kMidnight{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31)};
constexpr Timestamp at(std::chrono::minutes time) { return kMidnight + time; }

BackupSet backup(const std::string& label, std::chrono::minutes stop, std::uint64_t lsn,
                 std::int64_t timeline = 1) {
  const std::string wal = "0000000" + std::to_string(timeline) + "0000000000000003";
  BackupSet set;
  set.label = label;
  set.type = "full";
  set.database = 1;
  set.start = at(stop - 5min);
  set.stop = at(stop);
  set.first_wal = wal;
  set.last_wal = wal;
  set.stop_lsn = lsn;
  set.size = 3 << 20U;
  return set;
}

// Backups at one, three and five o'clock; it is six, and the database is on its first timeline.
class RestorePlanTest : public testing::Test {
 protected:
  PlannedRestore plan(const std::vector<std::string>& options) const {
    const spec::ReadRestoreOptions read = spec::read_restore_options(options, "options");
    for (const spec::Mistake& mistake : read.mistakes) ADD_FAILURE() << spec::to_string(mistake);
    return plan_restore("repo1", read.options, contents_, database_, at(6h));
  }
  RestorePlan planned(const std::vector<std::string>& options) const {
    const PlannedRestore made = plan(options);
    EXPECT_TRUE(made.refusal.empty()) << sentence(made.refusal.text);
    return made.plan;
  }
  std::string refused(const std::vector<std::string>& options) const {
    return sentence(plan(options).refusal.text);
  }

  // A restore at that time left timeline `left` for a new one that forks from `parent`.
  void restored(std::chrono::minutes time, std::int64_t timeline, std::int64_t parent,
                std::int64_t left, std::uint64_t lsn) {
    database_.timeline = timeline;
    database_.branches.push_back({.timeline = timeline,
                                  .parent = parent,
                                  .lsn = lsn,
                                  .time = at(time),
                                  .restored = true,
                                  .left = left});
  }

  RepositoryContents contents_{
      .code = kRepositoryOk,
      .databases = {{.id = 1, .system_id = "7300", .version = "15"}},
      .archives = {{.database = 1,
                    .id = "15-1",
                    .first = "000000010000000000000001",
                    .last = "000000010000000000000009"}},
      .backups = {backup("one", 60min, 0x3000000), backup("three", 180min, 0x5000000),
                  backup("five", 300min, 0x7000000)}};
  RestorableDatabase database_{.system_id = "7300", .version = 15, .timeline = 1};
};

TEST_F(RestorePlanTest, TheWholeArchiveFromTheNewestSet) {
  const RestorePlan made = planned({});
  EXPECT_EQ(made.repo, "repo1");
  EXPECT_EQ(made.options.set, "five");
  EXPECT_EQ(made.options.timeline, "1");
  EXPECT_EQ(made.archive, "15-1");
  EXPECT_EQ(made.size, 3U << 20U);
  EXPECT_EQ(made.set_stop, at(5h));
}

TEST_F(RestorePlanTest, ATimeFromTheLastSetThatEndedBeforeIt) {
  EXPECT_EQ(planned({"--type=time --target='2026-01-31 04:00Z'"}).options.set, "three");
  EXPECT_EQ(planned({"--type=time --target='2026-01-31 03:00:01Z'"}).options.set, "three");
  EXPECT_EQ(planned({"--type=time --target='2026-01-31 03:00:00.9Z'"}).options.set, "one")
      << "within the second in which the set ended pgBackRest finds none";
  EXPECT_EQ(planned({"--type=time --target='2026-01-31 05:59:59Z'"}).options.set, "five");
}

TEST_F(RestorePlanTest, APositionFromTheLastSetBeforeIt) {
  EXPECT_EQ(planned({"--type=lsn --target=0/6000000"}).options.set, "three");
  EXPECT_EQ(planned({"--type=lsn --target=0/5000000"}).options.set, "three");
  EXPECT_THAT(refused({"--type=lsn --target=0/2000000"}),
              HasSubstr("ended before 0/2000000; the first one ended at 0/3000000"));
}

TEST_F(RestorePlanTest, AConsistentStateOfTheSetItself) {
  EXPECT_EQ(planned({"--type=immediate"}).options.set, "five");
  contents_.backups[0].label = "20260131-010000F";
  const RestorePlan made = planned({"--type=immediate --set=20260131-010000F"});
  EXPECT_EQ(made.set_stop, at(1h));
  EXPECT_EQ(made.options.timeline, "1");
}

TEST_F(RestorePlanTest, SaysWhichTimesCanBeRestored) {
  database_.archived_until = at(355min);
  EXPECT_EQ(refused({"--type=time --target='2026-01-31 00:59Z'"}),
            "no backup in repository repo1 ended before 2026-01-31 00:59:00+00; the oldest time "
            "that can be restored is 2026-01-31 01:00:01+00, the newest is 2026-01-31 05:55:00+00");
  EXPECT_EQ(refused({"--type=time --target='2026-01-31 06:00Z'"}),
            "2026-01-31 06:00:00+00 is after now, 2026-01-31 06:00:00+00: choose an earlier time; "
            "the oldest time that can be restored is 2026-01-31 01:00:01+00, the newest is "
            "2026-01-31 05:55:00+00");
}

// Between the backups of three and of five o'clock.
TEST_F(RestorePlanTest, RefusesWhatIsBehindMissingWal) {
  contents_.backups[0].last_wal = "000000010000000000000003";
  contents_.backups[1].last_wal = "000000010000000000000005";
  contents_.backups[2].last_wal = "000000010000000000000007";
  database_.gaps = {{.first = "000000010000000000000006",
                     .last = "000000010000000000000006",
                     .after = at(210min),
                     .until = at(240min)}};
  EXPECT_EQ(planned({"--type=time --target='2026-01-31 03:29Z'"}).options.set, "three");
  EXPECT_EQ(planned({"--type=time --target='2026-01-31 05:29Z'"}).options.set, "five");
  EXPECT_EQ(planned({}).options.set, "five");
  EXPECT_EQ(planned({"--type=lsn --target=0/5FFFFFF"}).options.set, "three");
  EXPECT_EQ(refused({"--type=time --target='2026-01-31 04:00Z'"}),
            "2026-01-31 04:00:00+00 is out of reach: repository repo1 lacks WAL "
            "000000010000000000000006, behind backup three; choose a time before 2026-01-31 "
            "03:30:00+00, or what backup five leads to, from 2026-01-31 05:00:01+00 on");
  EXPECT_THAT(refused({"--type=lsn --target=0/6000001"}), StartsWith("0/6000001 is out of reach"));
  EXPECT_EQ(*restorable_times(contents_, database_).newest, at(300min) + 1s);
  // Without the last one.
  contents_.backups.pop_back();
  database_.archived_until = at(355min);
  EXPECT_EQ(*restorable_times(contents_, database_).newest, at(210min));
  EXPECT_EQ(refused({}),
            "the end of the WAL is out of reach: repository repo1 lacks WAL "
            "000000010000000000000006, behind backup three, and has no backup that begins later; "
            "choose a time before 2026-01-31 03:30:00+00, or request the restore again once such a "
            "backup is complete");
  EXPECT_EQ(planned({"--type=immediate"}).options.set, "three");
  // A restore to before the gap has left it.
  restored(300min, 2, 1, 1, 0x5800000);
  EXPECT_EQ(planned({}).options.timeline, "2");
  EXPECT_EQ(refused({"--target-timeline=1"}).substr(0, 18), "the end of the WAL");
}

TEST_F(RestorePlanTest, SaysThatATimeWithoutAZoneIsUtc) {
  const PlannedRestore made = plan({"--type=time --target='2026-01-31 04:00'"});
  ASSERT_EQ(made.notes.size(), 1U);
  EXPECT_THAT(sentence(made.notes[0]), HasSubstr("taken as UTC: 2026-01-31 04:00:00+00"));
  EXPECT_THAT(plan({"--type=time --target='2026-01-31 04:00Z'"}).notes, IsEmpty());
}

TEST_F(RestorePlanTest, TakesTheSetThatIsNamed) {
  contents_.backups[1].label = "20260131-030000F";
  EXPECT_EQ(planned({"--set=20260131-030000F"}).set_stop, at(3h));
  EXPECT_EQ(refused({"--set=20260131-040000F"}),
            "repository repo1 has no backup 20260131-040000F of this database: choose from one, "
            "20260131-030000F, five");
  EXPECT_THAT(refused({"--set=20260131-030000F --type=time --target='2026-01-31 02:00Z'"}),
              StartsWith("backup 20260131-030000F ended at 2026-01-31 03:00:00+00, and the restore "
                         "is to end at 2026-01-31 02:00:00+00: choose a set that ended before, of "
                         "one, or remove --set"));
  EXPECT_THAT(refused({"--set=latest --type=time --target='2026-01-31 02:00Z'"}),
              StartsWith("backup five ended at"));
}

TEST_F(RestorePlanTest, AsksForTheSetWhereNothingTellsWhichIsOlder) {
  for (const char* options : {"--type=name --target=release", "--type=xid --target=731"}) {
    EXPECT_THAT(refused({options}),
                HasSubstr("add --set with the last one before it, of one, three, five; or "
                          "--set=latest if the newest one is older"));
    EXPECT_EQ(planned({options, "--set=latest"}).options.set, "five");
  }
  contents_.backups.resize(1);
  EXPECT_EQ(planned({"--type=name --target=release"}).options.set, "one");
}

TEST_F(RestorePlanTest, LeavesOutFaultySetsThatNobodyNamed) {
  contents_.backups[2].faulty = true;
  contents_.backups[2].label = "20260131-050000F";
  EXPECT_EQ(planned({}).options.set, "three");
  EXPECT_EQ(planned({"--set=20260131-050000F"}).options.set, "20260131-050000F");
  for (BackupSet& set : contents_.backups) set.faulty = true;
  EXPECT_THAT(refused({}), AllOf(HasSubstr("checksums are wrong"), HasSubstr("one, three, 2026")));
}

TEST_F(RestorePlanTest, WaitsForARepositoryThatCannotBeRead) {
  contents_ = {.code = kRepositoryUnreadable, .trouble = "[49] HostConnectError"};
  const RestoreRefusal refusal = plan({}).refusal;
  EXPECT_TRUE(refusal.may_pass());
  EXPECT_STREQ(refusal.reason, "RepositoryUnreadable");
  EXPECT_EQ(sentence(refusal.waits_for), "repository repo1 to be readable: [49] HostConnectError");
  EXPECT_THAT(sentence(refusal.text), HasSubstr("check its volume or its server"));
}

TEST_F(RestorePlanTest, RefusesARepositoryWithoutBackupsOfThisDatabase) {
  const RepositoryContents good = contents_;
  contents_ = {.code = kNoStanzaPath};
  EXPECT_THAT(refused({}), HasSubstr("has no stanza for this cluster"));
  EXPECT_FALSE(plan({}).refusal.may_pass());
  contents_ = good;
  contents_.code = kNoBackup;
  contents_.backups.clear();
  EXPECT_THAT(refused({}), HasSubstr("repo1 has no backup of this database: take one"));
  contents_ = good;
  database_.system_id = "7400";
  EXPECT_THAT(refused({}), HasSubstr("of the database 7300, and this cluster's database is 7400"));
  database_.system_id = "7300";
  database_.version = 17;
  EXPECT_THAT(refused({}), HasSubstr("of PostgreSQL 15, and spec.postgresVersion is 17"));
}

TEST_F(RestorePlanTest, TakesNoBackupOfTheDatabaseBeforeAnUpgrade) {
  contents_.databases.push_back({.id = 2, .system_id = "7500", .version = "16"});
  database_ = {.system_id = "7500", .version = 16, .timeline = 1};
  EXPECT_THAT(refused({}), HasSubstr("no backup of this database"));
}

TEST_F(RestorePlanTest, RefusesASetWhoseWalIsGone) {
  contents_.archives[0].first = "000000010000000000000004";
  EXPECT_THAT(refused({}), HasSubstr("lacks WAL of backup five, which begins with "
                                     "000000010000000000000003: its WAL is from "
                                     "000000010000000000000004 to 000000010000000000000009"));
  contents_.archives.clear();
  EXPECT_THAT(refused({}), HasSubstr("lacks WAL of backup five"));
}

TEST_F(RestorePlanTest, WaitsUntilTheTimelineIsKnown) {
  database_.timeline = 0;
  EXPECT_TRUE(plan({}).refusal.may_pass());
  EXPECT_EQ(planned({"--target-timeline=current"}).options.timeline, "1");
  EXPECT_EQ(planned({"--type=immediate"}).options.timeline, "1");
}

TEST_F(RestorePlanTest, FollowsTheTimelineThatPeopleWorkedOn) {
  restored(330min, 2, 1, 1, 0x5800000);  // at half past five, to a time before five
  const auto timeline = [&](const char* time) {
    return planned({"--type=time", std::string("--target=2026-01-31 ") + time + "Z"})
        .options.timeline;
  };
  EXPECT_EQ(timeline("05:20"), "1") << "the second timeline has no such time";
  EXPECT_EQ(timeline("05:45"), "2");
  EXPECT_EQ(planned({}).options.timeline, "2");
  EXPECT_EQ(planned({"--target-timeline=latest"}).options.timeline, "2");
  EXPECT_EQ(planned({"--target-timeline=1"}).options.set, "five");
}

TEST_F(RestorePlanTest, TakesNoSetThatTheTimelineDoesNotComeFrom) {
  contents_.backups[2].label = "20260131-050000F";
  restored(330min, 2, 1, 1, 0x5800000);
  EXPECT_EQ(planned({}).options.set, "three") << "the one of five o'clock is on what was left";
  EXPECT_EQ(refused({"--set=20260131-050000F"}),
            "backup 20260131-050000F is of timeline 1, which does not lead to timeline 2: choose "
            "from one, three, or add --target-timeline=1");
  EXPECT_EQ(planned({"--set=20260131-050000F", "--target-timeline=current"}).options.timeline, "1");
  EXPECT_EQ(planned({"--type=lsn --target=0/7800000"}).options.set, "three");
  EXPECT_EQ(planned({"--type=lsn --target=0/7800000 --target-timeline=1"}).set_stop, at(5h));
}

TEST_F(RestorePlanTest, KnowsTheTimelineThatARestoreAfterAnUndoLeft) {
  restored(330min, 2, 1, 1, 0x5800000);
  restored(340min, 3, 1, 2, 0x8000000);  // the undo
  const auto timeline = [&](const char* time) {
    return planned({"--type=time", std::string("--target=2026-01-31 ") + time + "Z"})
        .options.timeline;
  };
  EXPECT_EQ(timeline("05:29"), "1");
  EXPECT_EQ(timeline("05:35"), "2");
  EXPECT_EQ(timeline("05:50"), "3");
  EXPECT_EQ(planned({}).options.set, "five") << "the third one comes from the end of the first";
}

TEST_F(RestorePlanTest, RefusesTimelinesAndTimesThatDoNotExist) {
  EXPECT_EQ(refused({"--target-timeline=2"}),
            "there is no timeline 2: the database is on timeline 1");
  restored(330min, 2, 1, 1, 0x5800000);
  EXPECT_THAT(refused({"--target-timeline=1 --type=time --target='2026-01-31 05:45Z'"}),
              StartsWith("2026-01-31 05:45:00+00 is after timeline 1 was left, at 2026-01-31 "
                         "05:30:00+00: choose an earlier time"));
  contents_.backups = {backup("late", 350min, 0x9000000, 2)};
  EXPECT_THAT(refused({"--target-timeline=1"}),
              HasSubstr("no backup in repository repo1 leads to timeline 1"));
}

TEST_F(RestorePlanTest, AFailoverWhoseHistoryIsNotKnownLeadsOn) {
  database_.timeline = 4;
  const RestorePlan made = planned({"--type=time --target='2026-01-31 04:00Z'"});
  EXPECT_EQ(made.options.timeline, "4");
  EXPECT_EQ(made.options.set, "three");
}

TEST_F(RestorePlanTest, AFailoverAfterARestoreGoesOnFromIt) {
  restored(330min, 2, 1, 1, 0x5800000);
  database_.timeline = 4;
  EXPECT_EQ(planned({}).options.timeline, "4");
  EXPECT_EQ(planned({}).options.set, "three") << "the one of five o'clock is on what was left";
  contents_.backups.push_back(backup("late", 350min, 0x5900000, 2));
  EXPECT_EQ(planned({}).options.set, "late");
}

TEST_F(RestorePlanTest, AnUndoReplaysWhatWasLeftToItsEnd) {
  restored(330min, 2, 1, 1, 0x5800000);
  contents_.backups.push_back(backup("late", 350min, 0x5900000, 2));
  const LeftTimeline left{.repo = "repo1",
                          .timeline = 1,
                          .lsn = 0x8000028,
                          .restore_point = "annals-1",
                          .last_wal = "000000010000000000000008"};
  const PlannedRestore made = plan_undo(left, contents_, database_);
  ASSERT_TRUE(made.refusal.empty()) << sentence(made.refusal.text);
  EXPECT_EQ(made.plan.options.target, spec::RestoreTarget());
  EXPECT_EQ(made.plan.options.set, "five");
  EXPECT_EQ(made.plan.options.timeline, "1");
  EXPECT_EQ(made.plan.least_lsn, left.lsn);
  EXPECT_EQ(made.plan.least_wal, left.last_wal);
  contents_.backups.erase(contents_.backups.begin(), contents_.backups.begin() + 3);
  EXPECT_THAT(sentence(plan_undo(left, contents_, database_).refusal.text),
              HasSubstr("leads to timeline 1"));
}

TEST_F(RestorePlanTest, APositionAfterTheRestorePointHasNotBeenWritten) {
  const RestorePlan made = planned({"--type=lsn --target=0/9000000"});
  EXPECT_TRUE(beyond_restore_point(made, 1, 0x9000000).empty());
  EXPECT_EQ(
      sentence(beyond_restore_point(made, 1, 0x8FFFFFF).text),
      "0/9000000 has not been written yet: the WAL of timeline 1 ends at 0/8FFFFFF; choose an "
      "earlier position");
  EXPECT_TRUE(beyond_restore_point(made, 2, 0x1000000).empty()) << "another timeline's WAL";
  EXPECT_TRUE(beyond_restore_point(planned({}), 1, 1).empty());
}

TEST_F(RestorePlanTest, AVolumeThatIsTooSmallIsTold) {
  const RestorePlan made = planned({});
  EXPECT_TRUE(no_room(made, "3Mi", "pgdata").empty());
  EXPECT_TRUE(no_room(made, "", "pgdata").empty());
  EXPECT_EQ(sentence(no_room(made, "2Mi", "pgdata").text),
            "pgdata has 2Mi, and backup five needs 3Mi: request more in the spec");
}

TEST_F(RestorePlanTest, TellsTheTimesForTheStatus) {
  RestorableTimes times = restorable_times(contents_, database_);
  EXPECT_EQ(times.oldest, at(1h) + 1s);
  EXPECT_EQ(times.newest, at(5h) + 1s);
  contents_.backups[0].faulty = true;
  times = restorable_times(contents_, {});
  EXPECT_EQ(times.oldest, at(3h) + 1s);
  EXPECT_FALSE(restorable_times({}, database_).oldest);
}

}  // namespace
}  // namespace annals::fsm

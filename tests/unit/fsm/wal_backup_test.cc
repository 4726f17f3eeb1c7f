// A backup that is made because an archive lacks WAL.
#include "fsm/machines/wal_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "fsm/view/wal_gaps.h"
#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kFirst = "000000010000000000000004";
constexpr const char* kLast = "000000010000000000000005";

class WalBackup : public RestoredCluster {
 protected:
  void SetUp() override {
    RestoredCluster::SetUp();
    after(10min);
    before_ = jobs();
  }
  void after(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  RepositoryContents& repo() { return world_.repositories["repo1"]; }
  std::vector<WalGap>& gaps() { return repo().archives.front().gaps; }
  void drop(const char* first = kFirst, const char* last = kLast) {
    const Timestamp now = world_.state().now;
    gaps().push_back({.first = first, .last = last, .after = now - 1h, .until = now - 30min});
  }
  std::ptrdiff_t jobs() const {
    return std::ranges::count_if(world_.history(), [](const std::string& target) {
      return target.starts_with("Job/hippo-backup-");
    });
  }
  std::ptrdiff_t begun() const { return jobs() - before_; }
  const GapBackup& its() const { return world_.state().gap_backups.at("repo1"); }
  std::string waits() const {
    const auto found = world_.state().blockers.find("wal-backup-repo1");
    return found == world_.state().blockers.end() ? "" : sentence(found->second.waits_for);
  }
  // A backup of these segments is there, and the Job that made it has ended.
  void backup_ends(const char* segment = "000000010000000000000006") {
    BackupSet set = repo().backups.front();
    set.label = concat("20260102-0", repo().backups.size(), "0000F");
    set.stop = world_.state().now;
    set.first_wal = set.last_wal = segment;
    repo().backups.push_back(set);
    gaps().clear();
    ObjectObserved ended = world_.state().objects.at(World::ref("Job", world_.job(), "batch/v1"));
    ended.fields.job = JobFields{.repo = "repo1",
                                 .start_time = "2026-01-02T00:20:00Z",
                                 .completion_time = completed_,
                                 .complete = true};
    world_.tell(ended);
  }
  void backup_fails() {
    ObjectObserved ended = world_.state().objects.at(World::ref("Job", world_.job(), "batch/v1"));
    ended.fields.job = JobFields{.repo = "repo1", .failures = 1, .failed = "BackoffLimitExceeded"};
    world_.tell(ended);
  }
  std::string reason_of_begin() const {
    std::string reason;
    for (const Decision& decision : world_.decisions()) {
      if (decision.machine == "wal-backup-repo1" && decision.transition == "begin")
        reason = sentence(decision.reason);
    }
    return reason;
  }
  std::string manifest() const { return last_apply(world_.job())->manifest; }

  std::string completed_ = "2026-01-02T00:30:00Z";
  std::ptrdiff_t before_ = 0;
};

TEST_F(WalBackup, IsBegunAtOnceAndOnceForEachGap) {
  drop();
  after(10min);
  EXPECT_EQ(begun(), 1);
  EXPECT_EQ(its().last, kLast);
  EXPECT_TRUE(world_.has_decided("start-backup-for-missing-wal"));
  EXPECT_EQ(asked("event/BackupForMissingWAL"), 1);
  EXPECT_THAT(reason_of_begin(),
              AllOf(HasSubstr("repo1 lacks WAL 000000010000000000000004 to "
                              "000000010000000000000005, which follows what was archived at"),
                    HasSubstr("making an incr backup")));
  EXPECT_THAT(manifest(), AllOf(HasSubstr("--type=incr"), HasSubstr("--start-fast"),
                                HasSubstr("ttlSecondsAfterFinished")));
  after(10min);
  after(10min);
  EXPECT_EQ(begun(), 1) << "it goes on";
  backup_ends();
  EXPECT_TRUE(its().is_over);
  EXPECT_EQ(condition("WALMissing"), nullptr);
  EXPECT_EQ(waits(), "");
  for (int i = 0; i < 3; ++i) after(10min);
  EXPECT_EQ(begun(), 1);
  completed_ = "2026-01-02T01:30:00Z";
  drop("000000010000000000000008", "000000010000000000000008");
  after(10min);
  EXPECT_EQ(begun(), 2) << "another gap";
  backup_ends("00000001000000000000000A");
  EXPECT_EQ(begun(), 2);
}

// PostgreSQL takes it for archived, and nothing comes after it.
TEST_F(WalBackup, IsBegunForAGapAtTheEndOfTheArchive) {
  repo().archives.front().last = "000000010000000000000003";
  gaps().push_back({.first = kFirst, .last = kLast, .after = world_.state().now - 1h});
  after(10min);
  EXPECT_EQ(begun(), 1);
  EXPECT_EQ(asked("event/BackupForMissingWAL"), 1);
  ASSERT_NE(condition("WALMissing"), nullptr);
  gaps().clear();
  after(10min);
  EXPECT_NE(condition("WALMissing"), nullptr)
      << "it is missing also where PostgreSQL cannot say so";
  repo().archives.front().last = "000000010000000000000006";
  backup_ends();
  EXPECT_EQ(condition("WALMissing"), nullptr);
  for (int i = 0; i < 3; ++i) after(10min);
  EXPECT_EQ(begun(), 1);
  EXPECT_THAT(world_.status, HasSubstr("restorableFrom")) << "an older backup leads there";
}

TEST_F(WalBackup, IsNotRepeatedForAGapThatIsStillThere) {
  drop();
  after(10min);
  const std::vector<WalGap> gaps_before = gaps();
  backup_ends("000000010000000000000003");
  gaps() = gaps_before;
  for (int i = 0; i < 5; ++i) after(10min);
  EXPECT_EQ(begun(), 1);
  EXPECT_NE(condition("WALMissing"), nullptr);
}

TEST_F(WalBackup, IsAFullOneBehindADamagedOne) {
  repo().backups.push_back({.label = "20260101-230000F",
                            .type = "full",
                            .database = 1,
                            .stop = world_.state().now,
                            .faulty = true});
  drop();
  after(10min);
  EXPECT_THAT(manifest(), HasSubstr("--type=full"));
}

TEST_F(WalBackup, IsTriedAgainWithPauses) {
  drop();
  after(10min);
  backup_fails();
  EXPECT_TRUE(its().retry_at);
  EXPECT_EQ(asked("event/BackupForMissingWALFailed"), 1);
  EXPECT_EQ(begun(), 1);
  after(1s);
  EXPECT_EQ(begun(), 1);
  after(10s);
  EXPECT_EQ(its().attempt, 1);
  EXPECT_EQ(world_.job().empty(), false);
  const std::ptrdiff_t now = begun();
  backup_fails();
  after(11s);
  EXPECT_EQ(begun(), now) << "longer pauses";
}

TEST_F(WalBackup, WaitsForOtherWritersAndLooksAgainAfterThem) {
  ObjectObserved job;
  job.ref = World::ref("Job", "hippo-repo1-full-1", "batch/v1");
  job.uid = "uid-of-job";
  job.fields.job = JobFields{.schedule = "full", .repo = "repo1", .active = 1};
  world_.tell(job);
  drop();
  after(10min);
  EXPECT_EQ(begun(), 0);
  EXPECT_THAT(waits(), HasSubstr("hippo-repo1-full-1"));
  gaps().clear();
  BackupSet set = repo().backups.front();
  set.label = "20260102-000000F";
  set.stop = world_.state().now;
  set.first_wal = set.last_wal = "000000010000000000000006";
  repo().backups.push_back(set);
  job.fields.job = JobFields{.schedule = "full",
                             .repo = "repo1",
                             .completion_time = "2026-01-02T00:40:00Z",
                             .complete = true};
  world_.tell(job);
  EXPECT_EQ(begun(), 0) << "that backup is as good";
  EXPECT_TRUE(its().is_over);
  EXPECT_EQ(waits(), "");
}

TEST_F(WalBackup, TheRangeEndsAtTheGapUntilThen) {
  drop();
  after(10min);
  const auto text = [](Timestamp time) {
    std::string all = annals::to_string(time);
    return concat(all.substr(0, all.find('.')), "Z");
  };
  EXPECT_THAT(
      world_.status,
      AllOf(HasSubstr(concat(R"("last":")", kLast, R"("})")),
            HasSubstr(concat(R"("newestRestorableTime":")", text(repo().backups.back().stop + 1s))),
            Not(HasSubstr("restorableFrom"))));
  backup_ends();
  const std::string from = text(repo().backups.back().stop + 1s);
  EXPECT_THAT(world_.status, AllOf(HasSubstr(concat(R"("restorableFrom":")", from)),
                                   HasSubstr(concat(R"("newestRestorableTime":")", from))));
}

}  // namespace
}  // namespace annals::fsm

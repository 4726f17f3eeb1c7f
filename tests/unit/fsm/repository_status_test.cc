// What the status says of repositories: how large they are and how fast they grow, what came last,
// and what is wrong with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "fsm/view/repository_figures.h"
#include "fsm/view/repository_growth.h"
#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kMiB = 1U << 20U;

class RepositoryStatus : public RestoredCluster {
 protected:
  void SetUp() override {
    RestoredCluster::SetUp();
    look();
  }
  // After ten minutes it is looked at again.
  void look() { after(10min); }
  void after(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  RepositoryContents& repo() { return world_.repositories["repo1"]; }
  static std::string told(const Condition* condition) {
    return condition == nullptr ? "absent" : sentence(condition->message);
  }
  bool is_in_trouble() {
    const auto* const bit = std::ranges::find(kTroubles, kContinuousArchiving, &Trouble::name);
    return ((troubles_of(world_.state()) >> (bit - kTroubles.begin())) & 1U) != 0;
  }
  std::ptrdiff_t looks() const { return asked("repository/repo1"); }
  void set_global(const std::string& options) {
    SpecObserved now = spec();
    insert(now, R"("pgbackrest":{)", concat(R"("global":{)", options, "},"));
    world_.tell(now);
  }
};

TEST_F(RepositoryStatus, ALookThatFindsNothingNewWritesNothing) {
  const std::ptrdiff_t before = looks();
  const std::string status = world_.status;
  const std::ptrdiff_t patches = asked("PostgresCluster/hippo/status");
  look();
  EXPECT_EQ(looks(), before + 1) << "a repository on a volume is looked at, too";
  EXPECT_EQ(asked("PostgresCluster/hippo/status"), patches);
  EXPECT_EQ(world_.status, status);
  const auto* read = std::get_if<ReadRepository>(&world_.carried_out().back().action);
  if (read != nullptr) {
    EXPECT_NE(read->known, "");
  }
}

TEST_F(RepositoryStatus, APrimaryIsAskedFirstWhatItTakesForArchived) {
  look();
  const auto read = std::ranges::find_if(
      world_.carried_out().rbegin(), world_.carried_out().rend(),
      [](const Intent& each) { return std::holds_alternative<ReadRepository>(each.action); });
  ASSERT_NE(read, world_.carried_out().rend());
  const auto& its = std::get<ReadRepository>(read->action);
  EXPECT_THAT(its.host, HasSubstr("hippo-primary"));
  EXPECT_EQ(its.port, 5432);
  EXPECT_NE(its.authority_secret, "");
}

TEST_F(RepositoryStatus, ABackupThatSomebodyRemovedIsGoneAfterTheNextLook) {
  repo().backups.push_back({.label = "20260101-230000F", .type = "full", .database = 1});
  look();
  EXPECT_THAT(world_.status, HasSubstr("20260101-230000F"));
  repo().backups.pop_back();
  look();
  EXPECT_THAT(world_.status, Not(HasSubstr("20260101-230000F")));
}

TEST_F(RepositoryStatus, HasSizeGrowthAndTheLastWal) {
  BackupSet more = repo().backups.front();
  repo().backups.front().stored_size = 70 * kMiB;
  more.label = "20260101-220000F_20260102-220000I";
  more.stop += 24h;
  more.stored_size = 5 * kMiB;
  repo().backups.push_back(more);
  ArchivedWal& wal = repo().archives.front();
  wal.last_at = more.stop;
  wal.since = more.stop - 12h;
  wal.size = 2 * kMiB;
  look();
  EXPECT_THAT(world_.status,
              AllOf(HasSubstr(concat(R"("size":)", 75 * kMiB)),
                    HasSubstr(concat(R"("growthPerDay":)", (5 + 4) * kMiB)),
                    HasSubstr(R"("lastArchivedWAL":{"name":"000000010000000000000006",)"
                              R"("time":"2026-01-02T23:00:00Z"})")));
  EXPECT_EQ(told(condition("RetentionMissing")).substr(0, 76),
            "nothing is ever removed from repo1, by 9.0 MiB a day lately: set repoN-reten");
}

TEST(RepositoryGrowthTest, CountsTheLastWeekOnly) {
  RepositoryContents contents;
  EXPECT_EQ(growth_per_day(contents), 0U);
  const Timestamp begin = std::chrono::sys_days{std::chrono::year(2026) / 1 / 1};
  for (int day = 0; day < 30; ++day)
    contents.backups.push_back({.stop = begin + 24h * day, .stored_size = day < 15 ? 1000U : 10U});
  EXPECT_EQ(growth_per_day(contents), 10U);
  EXPECT_EQ(stored_size(contents), 15'150U);
  contents.backups.resize(1);
  EXPECT_EQ(growth_per_day(contents), 0U) << "one tells nothing of growth";
}

TEST_F(RepositoryStatus, WithoutRetentionARepositoryGrowsForEver) {
  EXPECT_THAT(told(condition("RetentionMissing")), HasSubstr("removed from repo1: set repoN-"));
  set_global(R"("repo2-retention-full":"1","repo1-retention-diff":"3")");
  EXPECT_NE(condition("RetentionMissing"), nullptr);
  for (const char* option : {"repo1-retention-full", "repo1-retention-archive", "retention-full"}) {
    set_global(concat("\"", option, R"(":"2")"));
    EXPECT_EQ(condition("RetentionMissing"), nullptr) << option;
  }
}

TEST_F(RepositoryStatus, TheLastErrorStaysWhenItIsOver) {
  const RepositoryContents good = repo();
  repo() = {.code = kRepositoryUnreadable, .trouble = "unable to open /pgbackrest/repo1"};
  look();
  constexpr const char* kTold = R"("lastError":{"message":"unable to open /pgbackrest/repo1")";
  EXPECT_THAT(world_.status, HasSubstr(kTold));
  EXPECT_THAT(told(condition("RepositoryUnreachable")),
              HasSubstr("repo1, PersistentVolumeClaim/hippo-repo1, cannot be read"));
  const Timestamp at = world_.state().repository_errors.at("repo1").at;
  after(1min);
  EXPECT_EQ(world_.state().repository_errors.at("repo1").at, at) << "it lasts";
  repo() = good;
  after(1min);
  EXPECT_EQ(condition("RepositoryUnreachable"), nullptr);
  EXPECT_THAT(world_.status, HasSubstr(kTold));
}

TEST_F(RepositoryStatus, OfAnErrorOfManyLinesTheFirstIsTold) {
  repo() = {.code = kRepositoryUnreadable,
            .trouble =
                "[ProtocolError] HTTP request failed with 403 (Forbidden):\n*** Path/Query "
                "***:\nGET /\n<Error><Code>InvalidAccessKeyId</Code></Error>"};
  look();
  EXPECT_THAT(told(condition("RepositoryUnreachable")),
              HasSubstr("cannot be read: [ProtocolError] HTTP request failed with 403 (Forbidden), "
                        "InvalidAccessKeyId; see spec.backups.pgbackrest.repos[0]"));
  EXPECT_THAT(world_.status, HasSubstr(R"(403 (Forbidden), InvalidAccessKeyId")"));
}

TEST_F(RepositoryStatus, AFailedJobIsAnErrorOfItsRepository) {
  ObjectObserved job;
  job.ref = World::ref("Job", "hippo-repo1-full-1", "batch/v1");
  job.uid = "uid-of-job";
  job.fields.job = JobFields{.schedule = "full",
                             .repo = "repo1",
                             .start_time = "2026-01-03T00:00:00Z",
                             .failed = "Job has reached the specified backoff limit"};
  world_.tell(job);
  EXPECT_EQ(world_.state().repository_errors.at("repo1").text,
            "Job has reached the specified backoff limit");
  const Timestamp at = world_.state().repository_errors.at("repo1").at;
  world_.pass(1h);
  world_.tell(job);
  EXPECT_EQ(world_.state().repository_errors.at("repo1").at, at);
}

TEST_F(RepositoryStatus, TellsTheVolumeOnceItIsBound) {
  EXPECT_THAT(world_.status, HasSubstr(R"({"bound":false)"));
  ObjectObserved claim =
      world_.state().objects.at(World::ref("PersistentVolumeClaim", "hippo-repo1"));
  claim.fields.claim.edit().volume = "pv-7";
  world_.tell(claim);
  EXPECT_THAT(world_.status, AllOf(HasSubstr(R"({"bound":true)"), HasSubstr(R"("volume":"pv-7")")));
}

TEST_F(RepositoryStatus, WalThatIsMissingIsToldWhenItDoesNotCome) {
  ArchivedWal& wal = repo().archives.front();
  const Timestamp now = world_.state().now;
  wal.last_at = now;
  wal.gaps = {{.first = "000000010000000000000004",
               .last = "000000010000000000000005",
               .after = now,
               .until = now + 8min}};
  look();
  EXPECT_EQ(condition("WALMissing"), nullptr) << "several are on their way at once";
  look();
  EXPECT_THAT(told(condition("WALMissing")),
              HasSubstr("repo1 lacks WAL 000000010000000000000004 to 000000010000000000000005"));
  EXPECT_THAT(world_.status, HasSubstr(R"("missingWAL":[{"after":")"));
  wal.gaps.clear();
  look();
  EXPECT_EQ(condition("WALMissing"), nullptr);
}

TEST_F(RepositoryStatus, FaultyBackupsAreNamed) {
  repo().backups.push_back(
      {.label = "20260101-230000F", .type = "full", .database = 1, .faulty = true});
  look();
  EXPECT_THAT(told(condition("BackupFaulty")),
              HasSubstr("repo1 has backups with wrong checksums of pages: 20260101-230000F"));
  repo().backups.pop_back();
  look();
  EXPECT_EQ(condition("BackupFaulty"), nullptr);
}

TEST_F(RepositoryStatus, AnArchiverThatFailsIsTrouble) {
  const std::ptrdiff_t before = asked("sql/archiver");
  EXPECT_GT(before, 0);
  world_.archiver = {.failure = ArchiveFailure{.segment = "000000010000000000000007",
                                               .at = Timestamp(std::chrono::seconds(200)),
                                               .count = 3},
                     .archived_at = Timestamp(std::chrono::seconds(100)),
                     .count = 3};
  look();
  EXPECT_EQ(asked("sql/archiver"), before + 1);
  EXPECT_TRUE(is_in_trouble());
  EXPECT_EQ(archiving_stopped_at(world_.state()), Timestamp(std::chrono::seconds(100)));
  world_.archiver.failure.reset();
  after(1min);
  EXPECT_EQ(asked("sql/archiver"), before + 2);
  EXPECT_FALSE(is_in_trouble());
  EXPECT_EQ(archiving_stopped_at(world_.state()), Timestamp());
}

TEST_F(RepositoryStatus, FiguresAreOfTheLastLook) {
  repo().backups.front().stored_size = 7;
  repo().backups.push_back({.label = "20260101-230000F",
                            .type = "full",
                            .database = 1,
                            .stop = world_.state().now,
                            .stored_size = 1,
                            .faulty = true});
  look();
  const std::vector<RepositoryFigures> figures = repository_figures(world_.state(), {});
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_EQ(figures[0].repo, "repo1");
  EXPECT_EQ(figures[0].size, 8U);
  EXPECT_EQ(figures[0].last_backup[0], repo().backups.front().stop) << "the other one is faulty";
  EXPECT_EQ(figures[0].last_backup[1], Timestamp());
  EXPECT_EQ(figures[0].last_backup[3], repo().backups.front().stop);
  EXPECT_EQ(repository_figures(world_.state(), figures), figures);
  EXPECT_NE(troubles_of(world_.state()), 0U) << "it has no retention";
}

}  // namespace
}  // namespace annals::fsm

// One backup is removed because somebody asked for it: once, and nothing that is needed without
// consent.
#include "fsm/machines/expire_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "fsm/view/removal_request.h"
#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kRemovedCondition = "PGBackRestBackupRemoved";
constexpr const char* kOldFull = "20260101-220000F";
constexpr const char* kOldIncr = "20260101-220000F_20260101-230000I";
constexpr const char* kNewFull = "20260103-220000F";

class ExpireBackup : public RestoredCluster {
 protected:
  void SetUp() override {
    RestoredCluster::SetUp();
    RepositoryContents& repo = world_.repositories["repo1"];
    BackupSet set = repo.backups.front();
    set.label = kOldIncr;
    set.type = "incr";
    set.prior = kOldFull;
    set.stop += 1h;
    repo.backups.push_back(set);
    set.label = kNewFull;
    set.type = "full";
    set.prior.clear();
    set.stop += 48h;
    repo.backups.push_back(set);
  }
  void ask(const std::string& value, const std::string& consent = {}) {
    SpecObserved now = spec();
    std::string annotations = annotation("pgbackrest-expire", value);
    if (!consent.empty()) annotations += "," + annotation("pgbackrest-expire-consent", consent);
    insert(now, R"("annotations":{)", annotations);
    world_.tell(now);
  }
  static std::string of(const char* label) { return concat("repo1/", label); }
  const BackupRemoval& last() const { return *world_.state().removal; }
  std::ptrdiff_t jobs() const {
    return std::ranges::count_if(world_.carried_out(), [](const Intent& intent) {
      const auto* apply = std::get_if<ApplyObject>(&intent.action);
      return apply != nullptr && apply->ref.name.starts_with("hippo-expire-");
    });
  }
  void job_tells(JobFields fields) {
    ObjectObserved job = world_.state().objects.at(World::ref("Job", last().job, "batch/v1"));
    job.fields.job = std::move(fields);
    world_.tell(job);
  }
  std::string told() const {
    const Condition* its = condition(kRemovedCondition);
    return its == nullptr ? "absent" : concat(its->reason, ": ", sentence(its->message));
  }
};

TEST_F(ExpireBackup, RunsOneJobAndTellsWhatIsLost) {
  ask(of(kOldFull));
  ASSERT_EQ(last().phase, RemovalPhase::kRunning);
  EXPECT_THAT(last().also, ElementsAre(kOldIncr));
  const ApplyObject* job = last_apply(last().job);
  ASSERT_NE(job, nullptr);
  EXPECT_THAT(job->manifest, AllOf(HasSubstr(R"("COMMAND","value":"expire")"),
                                   HasSubstr(concat("--stanza=db --repo=1 --set=", kOldFull)),
                                   HasSubstr(R"(pgbackrest-backup":"expire")")));
  EXPECT_EQ(sentence(job->guard.lost),
            concat("backup ", kOldFull, " in repo1, and with it ", kOldIncr, ", which need it"));
  EXPECT_EQ(sentence(job->guard.other_copy),
            concat("the database, and backups ", kNewFull, " in repo1"));
  EXPECT_THAT(sentence(job->guard.allowed_by), HasSubstr(concat("is ", of(kOldFull))));
  EXPECT_EQ(asked("event/RemovingBackup"), 1);

  const std::ptrdiff_t looks = asked("repository/repo1");
  world_.repositories["repo1"].backups.erase(world_.repositories["repo1"].backups.begin(),
                                             world_.repositories["repo1"].backups.begin() + 2);
  world_.pass(1s);
  job_tells({.start_time = "2026-01-02T00:01:00Z", .succeeded = 1, .complete = true});
  EXPECT_EQ(last().phase, RemovalPhase::kSucceeded);
  EXPECT_EQ(asked("repository/repo1"), looks + 1) << "it is looked at at once";
  EXPECT_EQ(asked("event/BackupRemoved"), 1);
  EXPECT_EQ(told(), concat("BackupRemoved: backup ", kOldFull,
                           " was removed from repo1, and with it ", kOldIncr));
  EXPECT_THAT(world_.status, HasSubstr(concat(R"("id":")", of(kOldFull), "\"")));
}

TEST_F(ExpireBackup, TheSameValueIsAnsweredOnce) {
  ask(of(kOldFull));
  job_tells({.start_time = "2026-01-02T00:01:00Z", .succeeded = 1, .complete = true});
  ask(of(kOldFull));
  world_.pass(1h);
  world_.tell(TimerFired{});
  EXPECT_EQ(jobs(), 1);
}

TEST_F(ExpireBackup, TheNewestNeedsConsent) {
  ask(of(kNewFull));
  EXPECT_EQ(jobs(), 0);
  EXPECT_THAT(told(),
              AllOf(HasSubstr("BackupNeedsConsent: nothing was removed: 20260103-220000F is "
                              "the newest backup"),
                    HasSubstr("pgbackrest-expire-consent to repo1/20260103-220000F")));
  EXPECT_EQ(asked("event/BackupNeedsConsent"), 1);
  ask(of(kNewFull), of(kOldFull));
  EXPECT_EQ(jobs(), 0) << "that is consent to something else";
  ask(of(kNewFull), of(kNewFull));
  EXPECT_EQ(jobs(), 1);
  EXPECT_EQ(condition(kRemovedCondition), nullptr) << "it goes on";
}

TEST_F(ExpireBackup, TheNewestFullOneAndAProvenOneNeedConsent) {
  RepositoryContents& repo = world_.repositories["repo1"];
  BackupSet set = repo.backups.back();
  set.label = "20260103-220000F_20260104-220000D";
  set.type = "diff";
  set.stop += 24h;
  repo.backups.push_back(set);  // of which nobody knows what it is based on
  ask(of(kNewFull));
  EXPECT_THAT(told(), HasSubstr("20260103-220000F is the newest full backup"));

  SpecObserved proven = spec();
  proven.verified["repo1"].label = kOldIncr;
  proven.verified["repo1"].at = world_.state().now;
  world_.tell(proven);
  if (world_.state().verified.contains("repo1")) {
    ask(of(kOldFull));
    EXPECT_THAT(told(), HasSubstr("is the last backup that a restore drill has proven"));
  }
  EXPECT_EQ(jobs(), 0);
}

TEST_F(ExpireBackup, AFaultyOneIsNobodysLoss) {
  world_.repositories["repo1"].backups.back().faulty = true;
  ask(of(kNewFull));
  EXPECT_EQ(jobs(), 1);
}

TEST_F(ExpireBackup, TheLastFullOneCannotGo) {
  world_.repositories["repo1"].backups.pop_back();
  ask(of(kOldFull), of(kOldFull));
  EXPECT_THAT(told(), HasSubstr("LastFullBackup: backup 20260101-220000F is the only full one"));
  EXPECT_EQ(jobs(), 0);
}

TEST_F(ExpireBackup, WhatIsNoBackupIsRefused) {
  ask("repo1/20270101-000000F");
  EXPECT_THAT(told(), HasSubstr("InvalidBackupRemoval: repo1 has no backup 20270101-000000F"));
  ask("repo4/20260101-220000F");
  EXPECT_THAT(told(), HasSubstr("names repo4, which is no repository of this cluster"));
  for (const char* value :
       {"latest", "repo1/", "repo1/$(reboot)FFFFFFFFFFF", "repo1/-set-220000FF"}) {
    ask(value);
    EXPECT_THAT(told(), HasSubstr("give repository and label")) << value;
  }
  EXPECT_EQ(jobs(), 0);
}

TEST_F(ExpireBackup, WaitsForABackupThatGoesOn) {
  ObjectObserved backup;
  backup.ref = World::ref("Job", "hippo-repo1-full-1", "batch/v1");
  backup.uid = "uid-of-backup";
  backup.fields.job =
      JobFields{.schedule = "full", .repo = "repo1", .start_time = "2026-01-03T00:00:00Z"};
  world_.tell(backup);
  ask(of(kOldFull));
  EXPECT_EQ(jobs(), 0);
  backup.fields.job.edit().complete = true;
  world_.tell(backup);
  EXPECT_EQ(jobs(), 1);
}

TEST_F(ExpireBackup, AFailedJobIsToldAndNotTriedAgain) {
  ask(of(kOldFull));
  job_tells(
      {.start_time = "2026-01-02T00:01:00Z", .failures = 7, .failed = "BackoffLimitExceeded"});
  EXPECT_EQ(last().phase, RemovalPhase::kFailed);
  EXPECT_THAT(told(), HasSubstr("BackupRemovalFailed: "));
  ask(of(kOldFull));
  EXPECT_EQ(jobs(), 1);
}

TEST_F(ExpireBackup, WhatWasAskedBeforeThisJournalIsLeftAlone) {
  SpecObserved now = spec();
  insert(now, R"("annotations":{)", annotation("pgbackrest-expire", of(kOldFull)));
  World other;
  other.start(now);
  EXPECT_EQ(other.state().removal->id, of(kOldFull));
  EXPECT_EQ(other.state().removal->phase, RemovalPhase::kAnswered);
}

TEST(DependentsTest, AreAllThatNeedIt) {
  RepositoryContents contents;
  contents.backups = {{.label = "a"},
                      {.label = "b", .prior = "a"},
                      {.label = "c", .prior = "b"},
                      {.label = "d", .prior = "a"},
                      {.label = "e"}};
  EXPECT_THAT(dependents_of(contents, "a"), ElementsAre("b", "c", "d"));
  EXPECT_THAT(dependents_of(contents, "b"), ElementsAre("c"));
  EXPECT_THAT(dependents_of(contents, "e"), IsEmpty());
}

}  // namespace
}  // namespace annals::fsm

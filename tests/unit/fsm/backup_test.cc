#include "fsm/machines/backup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "fsm/model/behaviour.h"
#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

class ClusterWithBackups : public testing::Test {
 protected:
  void open() {
    world_.start(World::hippo_with_backups());
    world_.primary_is_ready();
    world_.patroni_stores("anything");
  }
  std::ptrdiff_t jobs() const {
    return std::ranges::count_if(
        world_.history(), [](const std::string& target) { return target.starts_with("Job/"); });
  }
  bool holds(const char* condition) const { return world_.state().conditions.at(condition).status; }
  bool has_asked_for(const std::string& target) const {
    return std::ranges::find(world_.history(), target) != world_.history().end();
  }

  World world_;
};

TEST_F(ClusterWithBackups, NoJobStartsBeforeTheRepositoryHostIsReady) {
  open();
  EXPECT_EQ(jobs(), 0);
  ASSERT_NE(first_blocker(world_.state()), nullptr);
  EXPECT_EQ(sentence(first_blocker(world_.state())->waits_for),
            "the repository host: pod hippo-repo-host-0 does not exist yet");
  EXPECT_EQ(world_.state().blockers.at("stanza-repo1").transition, "stanza-begun");
  EXPECT_FALSE(holds("PGBackRestRepoHostReady"));
}

TEST_F(ClusterWithBackups, NoStanzaIsMadeBeforeThereIsADatabase) {
  world_.start(World::hippo_with_backups());
  world_.repository_host_is_ready();
  EXPECT_EQ(jobs(), 0);
  world_.primary_is_ready();
  EXPECT_EQ(jobs(), 0) << "Patroni has not said yet that there is one";
  world_.patroni_stores("anything");
  EXPECT_EQ(jobs(), 1);
}

TEST_F(ClusterWithBackups, StanzaThenFirstBackupThenReplicasAndSchedulesUseIt) {
  open();
  world_.repository_host_is_ready();
  const std::string stanza = world_.job();
  EXPECT_TRUE(stanza.starts_with("hippo-stanza-")) << stanza;
  EXPECT_FALSE(holds("PGBackRestReplicaRepoReady"));
  world_.job_ends("complete");
  EXPECT_TRUE(holds("PGBackRestReplicaRepoReady"));
  const std::string backup = world_.job();
  EXPECT_TRUE(backup.starts_with("hippo-backup-")) << backup;
  EXPECT_FALSE(has_asked_for("CronJob/hippo-repo1-full"));
  world_.job_ends("complete");
  EXPECT_TRUE(holds("PGBackRestReplicaCreate"));
  EXPECT_TRUE(has_asked_for("CronJob/hippo-repo1-full"));
  EXPECT_EQ(jobs(), 2);
  EXPECT_EQ(first_blocker(world_.state()), nullptr);
}

TEST_F(ClusterWithBackups, AFailedJobIsKeptForItsLogThenReplacedByOneOfAnotherName) {
  open();
  world_.repository_host_is_ready();
  const std::string first = world_.job();
  world_.job_ends("failed");
  EXPECT_EQ(jobs(), 1) << "nothing happens at once";
  EXPECT_NE(sentence(first_blocker(world_.state())->remedy).find("kubectl logs job/" + first),
            std::string::npos);
  world_.pass(11s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_TRUE(world_.has_decided("retry-stanza"));
  EXPECT_NE(world_.job(), first);
  EXPECT_EQ(world_.state().objects.count(World::ref("Job", first, "batch/v1")), 0U);
  world_.job_ends("complete");
  EXPECT_TRUE(holds("PGBackRestReplicaRepoReady"));
}

TEST_F(ClusterWithBackups, ManyAttemptsThatFailEarlyHaveOneDeadlineAndAreEachTold) {
  open();
  world_.repository_host_is_ready();
  world_.job_ends("complete");
  const auto since = [this] { return world_.state().blockers.at("backup").since; };
  ASSERT_EQ(world_.state().blockers.at("backup").transition, "first-backup-complete");
  const Timestamp begun = since();
  int failed = 0;
  for (int minutes = 0; minutes < 70; ++minutes) {
    const std::string job = world_.job();
    if (!world_.state().objects.at(World::ref("Job", job, "batch/v1")).fields.job->failed) {
      world_.job_ends("failed");
      failed += 1;
    }
    EXPECT_EQ(since(), begun);
    world_.pass(1min);
    world_.tell(TimerFired{.name = "due"});
  }
  EXPECT_GT(failed, 3);
  EXPECT_EQ(std::ranges::count(world_.history(), "event/FirstBackupFailed"), failed);
  EXPECT_TRUE(world_.state().conditions.at("Stalled").status);
}

TEST_F(ClusterWithBackups, NoRemedyNamesTheLogOfAJobThatIsGone) {
  open();
  world_.repository_host_is_ready();
  const std::string first = world_.job();
  world_.job_ends("failed");
  world_.pass(11s);
  world_.tell_only(TimerFired{.name = "due"});
  const auto remedy = [this] { return world_.state().blockers.at("stanza-repo1").remedy; };
  EXPECT_TRUE(remedy().empty()) << "the next one does not exist";
  world_.carry_out();
  ASSERT_NE(world_.job(), first);
  EXPECT_TRUE(sentence(remedy()).contains("job/" + world_.job()));
}

TEST_F(ClusterWithBackups, EachGoalIsWaitedForByItsName) {
  const auto goal = [this](const char* machine) {
    return world_.state().blockers.at(machine).transition;
  };
  open();
  world_.repository_host_is_ready();
  EXPECT_EQ(goal("stanza-repo1"), "stanza-created");
  EXPECT_FALSE(world_.state().blockers.contains("backup"));
  world_.job_ends("complete");
  EXPECT_TRUE(world_.has_decided("stanza-created"));
  EXPECT_FALSE(world_.state().blockers.contains("stanza-repo1"));
  EXPECT_EQ(goal("backup"), "first-backup-complete");
  world_.job_ends("complete");
  EXPECT_TRUE(world_.has_decided("first-backup-complete"));
  EXPECT_FALSE(world_.state().blockers.contains("backup"));
}

TEST_F(ClusterWithBackups, AWaitThatIsOverIsToldWithItsLength) {
  open();
  world_.pass(40s);
  world_.repository_host_is_ready();
  EXPECT_GE(world_.waited.at("stanza-repo1/stanza-begun"), 40s);
  EXPECT_LT(world_.waited.at("stanza-repo1/stanza-begun"), 41s);
  EXPECT_FALSE(world_.waited.contains("stanza-repo1/stanza-created")) << "it goes on";
  world_.pass(50s);
  world_.job_ends("complete");
  EXPECT_GE(world_.waited.at("stanza-repo1/stanza-created"), 50s);
}

// What a Job has made stays made when nothing in the cluster shows it any more.
TEST_F(ClusterWithBackups, AStanzaIsNotMadeAgainWhenItsJobIsGone) {
  open();
  world_.repository_host_is_ready();
  const std::string stanza = world_.job();
  world_.job_ends("complete");
  world_.tell(
      ObjectGone{.ref = World::ref("Job", stanza, "batch/v1"), .uid = "uid-of-Job/" + stanza});
  EXPECT_EQ(jobs(), 2);
  EXPECT_EQ(world_.state().blockers.at("backup").transition, "first-backup-complete");
}

// Events of the Job have the quota's words; the Job itself says that it has begun.
TEST_F(ClusterWithBackups, AJobWhosePodsAreRefusedIsNamedAfterAMinuteAndStalledAfterSix) {
  open();
  world_.repository_host_is_ready();
  ObjectObserved job = world_.state().objects.at(World::ref("Job", world_.job(), "batch/v1"));
  job.fields.job = {{.start_time = "2026-01-02T00:00:00Z", .active = 0}};
  world_.tell(job);
  const auto progressing = [this]() -> const Condition& {
    return world_.state().conditions.at("Progressing");
  };
  EXPECT_EQ(progressing().reason, "Stanza") << "the reason is of what the message says";
  EXPECT_EQ(sentence(progressing().message), "waiting for Job/" + world_.job() + " to complete");
  world_.pass(61s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(progressing().reason, "JobWithoutPod");
  EXPECT_TRUE(sentence(progressing().message).contains("Job/" + world_.job()))
      << sentence(progressing().message);
  EXPECT_TRUE(sentence(progressing().message).contains("refuses"))
      << sentence(progressing().message);
  world_.pass(5min);
  world_.tell(TimerFired{.name = "due"});
  const Condition& stalled = world_.state().conditions.at("Stalled");
  EXPECT_TRUE(stalled.status);
  EXPECT_TRUE(sentence(stalled.message).contains("kubectl describe job " + world_.job()))
      << sentence(stalled.message);
  job.fields.job.edit().active = 1;
  world_.tell(job);
  EXPECT_EQ(progressing().reason, "Stanza");
  EXPECT_FALSE(world_.state().conditions.at("Stalled").status);
  EXPECT_FALSE(world_.state().counters.jobs_without_pod.contains(world_.job()));
}

// ---- One Job at a time writes to the repositories

class ClusterWithItsBackup : public ClusterWithBackups {
 protected:
  void SetUp() override {
    open();
    world_.repository_host_is_ready();
    world_.job_ends("complete");  // the stanza
    world_.job_ends("complete");  // the first backup
    ASSERT_EQ(world_.state().backup.phase, BackupPhase::kDone);
  }
  // The repository becomes another one.
  void change_repository(const std::string& name = "repo2") {
    SpecObserved spec = World::hippo_with_backups();
    const std::string old = R"("name":"repo1")";
    spec.resource.replace(spec.resource.find(old), old.size(), R"("name":")" + name + '"');
    spec.finalized = true;
    world_.tell(spec);
    world_.repository_host_is_ready();
    world_.tell(TimerFired{});
  }
  // Of a schedule; it has only just been made, and says nothing of itself.
  void scheduled_job_begins() {
    scheduled_.ref = World::ref("Job", "hippo-repo1-full-29455555", "batch/v1");
    scheduled_.uid = "uid-of-scheduled";
    world_.tell(scheduled_);
  }
  void scheduled_job_ends(JobFields fields) {
    scheduled_.fields.job = std::move(fields);
    world_.tell(scheduled_);
  }
  std::string backup_waits(const std::string& machine = "backup") const {
    const auto found = world_.state().blockers.find(machine);
    return found == world_.state().blockers.end()
               ? ""
               : found->second.transition + ": " + sentence(found->second.waits_for);
  }
  std::string last_manifest(const std::string& name) const {
    std::string manifest;
    for (const Intent& intent : world_.carried_out()) {
      const auto* apply = std::get_if<ApplyObject>(&intent.action);
      if (apply != nullptr && apply->ref.name == name) manifest = apply->manifest;
    }
    return manifest;
  }

  ObjectObserved scheduled_;
};

TEST_F(ClusterWithItsBackup, AStanzaForAnotherRepositoryWaitsForABackupThatRuns) {
  scheduled_job_begins();
  change_repository();
  EXPECT_EQ(jobs(), 2);
  EXPECT_EQ(
      backup_waits("stanza-repo2"),
      "stanza-may-begin: Job/hippo-repo1-full-29455555 to end, which writes to the repositories");
  world_.pass(2h);
  world_.tell(TimerFired{});
  EXPECT_GT(world_.state().blockers.at("stanza-repo2").deadline, world_.state().now)
      << "a backup may take hours";
  scheduled_job_ends({.failed = "BackoffLimitExceeded"});
  EXPECT_EQ(jobs(), 3) << backup_waits("stanza-repo2");
  EXPECT_TRUE(world_.job().starts_with("hippo-stanza-"));
}

TEST_F(ClusterWithItsBackup, AFirstBackupWaitsForABackupThatRuns) {
  change_repository();
  ASSERT_EQ(jobs(), 3);
  scheduled_job_begins();
  EXPECT_TRUE(backup_waits("stanza-repo2").starts_with("stanza-created: "))
      << "what has begun goes on";
  world_.job_ends("complete");
  EXPECT_EQ(jobs(), 3);
  EXPECT_TRUE(backup_waits().starts_with("first-backup-may-begin: Job/hippo-repo1-full-29455555"))
      << backup_waits();
  scheduled_job_ends({.complete = true});
  EXPECT_EQ(jobs(), 4);
}

TEST_F(ClusterWithItsBackup, AStanzaWaitsForOneThatIsMadeForOtherRepositories) {
  change_repository("repo2");
  const std::string second = world_.job();
  change_repository("repo3");
  EXPECT_EQ(world_.job(), second);
  EXPECT_TRUE(backup_waits("stanza-repo3").starts_with("stanza-may-begin: Job/" + second))
      << backup_waits("stanza-repo3");
}

// Without its CronJob a backup that runs would be removed as well.
TEST_F(ClusterWithItsBackup, SchedulesRestUntilThereIsAFirstBackupAgain) {
  const ObjectRef ref = World::ref("CronJob", "hippo-repo1-full", "batch/v1");
  ASSERT_TRUE(last_manifest("hippo-repo1-full").contains(R"("suspend":false)"));
  SpecObserved spec = World::hippo_with_backups();  // a second repository
  const std::string place = R"("repos":[)";
  spec.resource.insert(spec.resource.find(place) + place.size(),
                       R"({"name":"repo2","s3":{"bucket":"b","endpoint":"e","region":"r"}},)");
  spec.finalized = true;
  world_.tell(spec);
  EXPECT_TRUE(last_manifest("hippo-repo1-full").contains(R"("suspend":false)")) << "not yet";
  world_.repository_host_is_ready();
  world_.tell(TimerFired{});
  world_.job_ends("complete");  // the stanza
  ASSERT_NE(world_.state().backup.phase, BackupPhase::kDone);
  EXPECT_TRUE(world_.state().objects.contains(ref)) << "it is not removed";
  EXPECT_TRUE(last_manifest("hippo-repo1-full").contains(R"("suspend":true)"));
  world_.job_ends("complete");  // the first backup
  EXPECT_EQ(world_.state().backup.phase, BackupPhase::kDone) << backup_waits();
  EXPECT_TRUE(last_manifest("hippo-repo1-full").contains(R"("suspend":false)"));
}

TEST_F(ClusterWithBackups, AfterALostJournalACompleteBackupIsNotMadeAgain) {
  open();
  world_.repository_host_is_ready();
  const std::string stanza = world_.job();
  world_.job_ends("complete");
  const std::string backup = world_.job();
  World after;
  after.tell(OperatorStarted{.identity = "test", .journal_reset = true});
  after.tell(OperatorConfigured{.version = "test",
                                .name_space = "operators",
                                .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                                           {"RELATED_IMAGE_PGBACKREST", "pgbackrest"}},
                                .behaviour = kBehaviour});
  after.tell(World::hippo_with_backups());
  for (const std::string& name : {stanza, backup}) {
    ObjectObserved job;
    job.ref = World::ref("Job", name, "batch/v1");
    job.uid = "uid-of-" + name;
    job.fields.job = {{.complete = true}};
    after.tell(job);
  }
  after.tell(Synced{});
  after.primary_is_ready();
  after.patroni_stores("anything");
  after.repository_host_is_ready();
  EXPECT_EQ(after.job(), "");
  EXPECT_TRUE(after.state().conditions.at("PGBackRestReplicaCreate").status);
}

}  // namespace
}  // namespace annals::fsm

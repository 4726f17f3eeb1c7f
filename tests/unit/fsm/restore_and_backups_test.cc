// Backups and a restore in place do not meet: one that runs is waited for, and none begins.
#include <gtest/gtest.h>

#include "fsm/operations/restore.h"
#include "fsm/view/restore_progress.h"
#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

constexpr const char* kSchedule = "hippo-repo1-full";

SpecObserved and_a_backup(SpecObserved spec) {
  const auto insert = [&spec](const std::string& after, const std::string& text) {
    spec.resource.insert(spec.resource.find(after) + after.size(), text);
  };
  insert(R"("pgbackrest":{)", R"("manual":{"repoName":"repo1"},)");
  const bool is_alone = spec.resource.contains(R"("annotations":{})");
  insert(R"("annotations":{)", concat(R"("postgres-operator.crunchydata.com/pgbackrest-backup":)",
                                      R"("now")", is_alone ? "" : ","));
  return spec;
}
TEST_F(RestoredCluster, ABackupThatRunsIsWaitedFor) {
  ObjectObserved job;
  job.ref = World::ref("Job", "hippo-repo1-full-1", "batch/v1");
  job.uid = "uid-of-scheduled";
  job.fields.job = {{.schedule = "full", .repo = "repo1", .active = 1}};
  world_.tell(job);
  ask({.id = "monday"});
  EXPECT_EQ(goal(), "backups-ended");
  EXPECT_FALSE(stops_something());
  job.fields.job.edit().complete = true;
  world_.tell(job);
  EXPECT_EQ(phase(), RestorePhase::kStopping) << waits_for();
}

TEST_F(RestoredCluster, NoScheduledBackupBeginsFromTheChecksOnUntilThereIsAFirstBackup) {
  const auto is_suspended = [this] {
    return last_apply(kSchedule)->manifest.contains(R"("suspend":true)");
  };
  ASSERT_FALSE(is_suspended());
  world_.archives = false;
  ask({.id = "monday"});
  ASSERT_EQ(goal(), "restore-point-archived");
  EXPECT_TRUE(is_suspended());
  ask({.id = "monday", .enabled = false});
  EXPECT_FALSE(is_suspended()) << "the request was withdrawn";
  world_.archives = true;
  restore({.id = "tuesday"}, 2);
  EXPECT_TRUE(is_suspended());
  EXPECT_TRUE(world_.state().objects.contains(World::ref("CronJob", kSchedule, "batch/v1")))
      << "it would take its backups along";
  world_.job_ends("complete");  // the first backup
  EXPECT_FALSE(is_suspended());
}

TEST_F(RestoredCluster, AScheduleThatCannotBeSuspendedHoldsItUp) {
  world_.failures[concat("CronJob/", kSchedule)] = "the API server is busy";
  ask({.id = "monday"});
  EXPECT_EQ(goal(), "schedules-suspended");
  EXPECT_EQ(waits_for(), concat("CronJob/", kSchedule, " to be suspended: the API server is busy"));
  EXPECT_FALSE(stops_something());
}

// Its Job is on its way, and nothing shows it yet.
TEST_F(RestoredCluster, ABackupThatIsOnItsWayIsWaitedFor) {
  world_.tell_only(and_a_backup(asking({.id = "", .enabled = false})));
  const std::string backup = world_.job();
  ASSERT_EQ(world_.state().manual_backup->job, backup);
  world_.silent.insert(concat("Job/", backup));
  world_.carry_out();
  world_.tell(and_a_backup(asking({.id = "monday"})));
  EXPECT_EQ(goal(), "backups-ended") << waits_for();
  EXPECT_TRUE(waits_for().contains(backup)) << waits_for();
}

TEST_F(RestoredCluster, ABackupThatIsAskedForDuringTheChecksWaitsForTheRestore) {
  world_.archives = false;
  ask({.id = "monday"});
  ASSERT_EQ(goal(), "restore-point-archived");
  const std::string last = world_.job();
  world_.tell(and_a_backup(asking({.id = "monday"})));
  EXPECT_EQ(world_.job(), last);
  EXPECT_EQ(sentence(world_.state().blockers.at("manual-backup").waits_for),
            "the restore to complete");
}

// Without it no WAL is archived, for which the restore waits.
TEST_F(RestoredCluster, AStanzaForAnotherRepositoryIsMadeDuringTheChecksAndABackupIsNot) {
  world_.archives = false;
  ask({.id = "monday"});
  ASSERT_EQ(goal(), "restore-point-archived");
  SpecObserved two = asking({.id = "monday"});
  const std::string place = R"("repos":[)";
  two.resource.insert(two.resource.find(place) + place.size(),
                      R"({"name":"repo2","s3":{"bucket":"b","endpoint":"e","region":"r"}},)");
  world_.tell(two);
  const std::string stanza = world_.job();
  EXPECT_TRUE(stanza.starts_with("hippo-stanza-")) << stanza;
  EXPECT_EQ(goal(), "backups-ended");
  world_.job_ends("complete");
  EXPECT_EQ(goal(), "restore-point-archived");
  EXPECT_EQ(world_.job(), stanza) << "no backup begins";
}
TEST_F(RestoredCluster, AManualBackupWaitsForTheRestore) {
  restore_until_touched({.id = "monday"});
  EXPECT_TRUE(is_restoring(world_.state()));
  const std::string last = world_.job();
  world_.tell(TimerFired{});
  EXPECT_EQ(world_.job(), last) << "no backup begins";
  restore_succeeds();
  comes_up();
  EXPECT_FALSE(is_restoring(world_.state()));
}

}  // namespace
}  // namespace annals::fsm

// A restore in place: in which order, what is kept before anything stops, and what becomes of it
// when something fails or somebody changes his mind.
#include "fsm/operations/restore.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "fsm/codec/state_codec.h"
#include "fsm/view/restore_progress.h"
#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kProgressing = "PGBackRestoreProgressing";
constexpr const char* kInitialized = "PostgresDataInitialized";
TEST_F(RestoredCluster, StopsReplicasThenThePrimaryRestoresAndStartsInReverse) {
  ask({.id = "monday"});
  EXPECT_EQ(operation(), "restore");
  EXPECT_EQ(phase(), RestorePhase::kStopping);
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  ended(instances_[1]);
  ended(instances_[2]);
  EXPECT_TRUE(world_.state().stopped.contains(instances_[0]));
  EXPECT_EQ(goal(), "primary-stopped");
  EXPECT_FALSE(is_there(kArchiveJob)) << "its volume is still in use";
  ended(instances_[0]);
  EXPECT_EQ(goal(), "last-wal-archived");
  ASSERT_TRUE(is_there(kArchiveJob));
  EXPECT_FALSE(is_data_touched(world_.state()));
  archive_succeeds();
  EXPECT_EQ(goal(), "data-restored");
  EXPECT_TRUE(is_data_touched(world_.state()));
  EXPECT_FALSE(is_there(kArchiveJob));
  ASSERT_TRUE(is_there(kRestoreJob));
  restore_succeeds();
  EXPECT_EQ(goal(), "primary-started");
  EXPECT_EQ(asked("Endpoints/hippo-ha-config"), 1) << "Patroni's state goes";
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  comes_up();
  EXPECT_EQ(phase(), RestorePhase::kSucceeded);
  EXPECT_EQ(operation(), "");
  EXPECT_TRUE(world_.state().stopped.empty());
  EXPECT_FALSE(is_there(kRestoreJob));
}

TEST_F(RestoredCluster, KnowsTheLastSegmentOfWhatItLeaves) {
  restore({.id = "monday"}, 2);
  ASSERT_TRUE(world_.state().restored_from);
  const RestoreOrigin& origin = *world_.state().restored_from;
  EXPECT_EQ(origin.request, "monday");
  EXPECT_EQ(origin.left.repo, "repo1");
  EXPECT_EQ(origin.left.timeline, 1);
  EXPECT_EQ(origin.left.lsn, 0x7000148U);
  EXPECT_EQ(origin.left.last_wal, "000000010000000000000008");
  EXPECT_TRUE(origin.left.restore_point.starts_with("annals-restore-"));
  EXPECT_EQ(origin.without_archive, "");
}

TEST_F(RestoredCluster, UndoGoesBackToTheEndOfTheTimelineThatWasLeft) {
  restore({.id = "monday"}, 2);
  world_.job_ends("complete");  // the first backup after it
  restore_until_touched({.id = "undo"});
  const RestorePlan& plan = progress().plan;
  EXPECT_EQ(plan.options.timeline, "1");
  EXPECT_EQ(plan.options.target.type, spec::TargetType::kDefault);
  EXPECT_EQ(plan.least_lsn, 0x7000148U);
  restore_succeeds(3);
  comes_up();
  EXPECT_EQ(phase(), RestorePhase::kSucceeded);
  EXPECT_EQ(world_.state().restored_from->left.timeline, 1) << "as the Job has told";
}

TEST_F(RestoredCluster, AnUndoOfNothingIsRefused) {
  ask({.id = "undo"});
  EXPECT_EQ(phase(), RestorePhase::kFailed);
  ASSERT_NE(condition(kProgressing), nullptr);
  EXPECT_EQ(condition(kProgressing)->reason, "NothingToUndo");
  EXPECT_FALSE(stops_something());
}

TEST_F(RestoredCluster, AnUndoOfARestoreThatFailedGoesBackToWhatThatLeft) {
  restore_until_touched({.id = "monday"});
  job_fails(kRestoreJob, "pgbackrest restore: exit status 29");
  ask({.id = "undo"});
  EXPECT_TRUE(progress().undo);
  ASSERT_TRUE(progress().back_to);
  EXPECT_EQ(progress().back_to->timeline, 1);
  EXPECT_EQ(progress().back_to->last_wal, "000000010000000000000008");
  job_pod_ends(kRestoreJob);
  EXPECT_EQ(phase(), RestorePhase::kRestoring) << waits_for();
  restore_succeeds();
  comes_up();
  EXPECT_EQ(phase(), RestorePhase::kSucceeded) << waits_for();
}

TEST_F(RestoredCluster, ASecondUndoAfterAFailedOneGoesTheSameWay) {
  restore({.id = "monday"}, 2);
  world_.job_ends("complete");  // the first backup after it
  restore_until_touched({.id = "undo"});
  job_fails(kRestoreJob, "pgbackrest restore: exit status 29");
  ask({.id = "undo-2"});
  ASSERT_TRUE(progress().back_to);
  EXPECT_EQ(progress().back_to->timeline, 1);
  EXPECT_EQ(progress().back_to->last_wal, "000000010000000000000008");
  EXPECT_EQ(progress().left->request, "undo") << "what was there before is what is left";
}

TEST_F(RestoredCluster, TheSameValueIsNotRestoredAgain) {
  restore({.id = "monday"}, 2);
  ask({.id = "monday", .options = R"("--type=immediate")"});
  EXPECT_EQ(operation(), "");
  ask({.id = "tuesday", .options = R"("--type=immediate")"});
  EXPECT_EQ(operation(), "restore");
}

TEST_F(RestoredCluster, UsersAreWrittenAnewAndAFirstBackupIsMade) {
  const std::ptrdiff_t before = asked("sql");
  restore({.id = "monday"}, 2);
  EXPECT_EQ(asked("sql"), before + 1);
  EXPECT_EQ(world_.state().backup.phase, BackupPhase::kFirstBackup);
  EXPECT_TRUE(world_.job().starts_with("hippo-backup-")) << world_.job();
  world_.job_ends("complete");
  EXPECT_EQ(world_.state().backup.phase, BackupPhase::kDone);
}

TEST_F(RestoredCluster, WhyNamesTheAnnotationTheLossAndTheOtherCopy) {
  ask({.id = "monday"});
  const std::string reason = reason_of("stop-instance");
  EXPECT_TRUE(reason.contains("pgbackrest-restore=monday")) << reason;
  EXPECT_TRUE(reason.contains("kubectl-annotate")) << reason;
  EXPECT_TRUE(reason.contains("lost: the database as it is now")) << reason;
  EXPECT_TRUE(reason.contains("other copy: repository repo1")) << reason;
  EXPECT_TRUE(reason.contains("restore point annals-restore-")) << reason;
}

TEST_F(RestoredCluster, TheJobThatOverwritesHasAGuard) {
  restore_until_touched({.id = "monday"});
  const ApplyObject* job = last_apply(kRestoreJob);
  ASSERT_NE(job, nullptr);
  EXPECT_TRUE(sentence(job->guard.lost).contains("2026-01-01 23:30:00+00"));
  EXPECT_TRUE(sentence(job->guard.other_copy).contains("repository repo1"));
  EXPECT_TRUE(sentence(job->guard.allowed_by).contains("pgbackrest-restore=monday"));
  EXPECT_TRUE(last_apply(kArchiveJob)->guard == Guard()) << "it overwrites nothing";
}

TEST_F(RestoredCluster, TheRepositoryHostRunsAllTheTime) {
  restore_until_touched({.id = "monday"});
  const ApplyObject* host = last_apply("hippo-repo-host");
  ASSERT_NE(host, nullptr);
  EXPECT_TRUE(host->manifest.contains(R"("replicas":1)"));
}

TEST_F(RestoredCluster, StatusAndConditionsFollow) {
  restore_until_touched({.id = "monday"});
  ASSERT_NE(condition(kProgressing), nullptr);
  EXPECT_TRUE(condition(kProgressing)->status);
  EXPECT_EQ(condition(kProgressing)->reason, "ReadyForRestore");
  EXPECT_EQ(condition(kInitialized), nullptr);
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "Restore");
  job_begins(kRestoreJob);
  EXPECT_TRUE(world_.status.contains(R"("restore":{"active":1,"finished":false,"id":"monday")"))
      << world_.status;
  restore_succeeds();
  comes_up();
  EXPECT_EQ(condition(kProgressing), nullptr);
  ASSERT_NE(condition(kInitialized), nullptr);
  EXPECT_TRUE(condition(kInitialized)->status);
  EXPECT_EQ(condition(kInitialized)->reason, "PGBackRestRestoreComplete");
  EXPECT_TRUE(world_.status.contains(R"("finished":true,"id":"monday")")) << world_.status;
  EXPECT_TRUE(world_.status.contains(
      R"("contents":{"backups":[{"label":"20260101-220000F","size":100000000,)"
      R"("startTime":"2026-01-01T22:00:00Z","stopTime":"2026-01-01T23:00:00Z","type":"full"}],)"))
      << world_.status;
  EXPECT_TRUE(world_.status.contains(R"("oldestRestorableTime":"2026-01-01T23:00:01Z")"))
      << world_.status;
}

// ---- Nothing stops before it is known that it can be done

TEST_F(RestoredCluster, ARequestThatCannotBeMetIsToldAndTouchesNothing) {
  int number = 0;
  for (const char* const options :
       {R"("--type=time","--target=\"2025-01-01 00:00:00+00\"")",
        R"("--type=time","--target=\"2027-01-01 00:00:00+00\"")", R"("--set=20200101-000000F")",
        R"("--stanza=other")", R"("--target=\"2026-01-01")", R"("--type=lsn","--target=F/0")"}) {
    ask({.id = concat("request-", ++number), .options = options});
    EXPECT_EQ(phase(), RestorePhase::kFailed) << options << ": " << waits_for();
    ASSERT_NE(condition(kProgressing), nullptr) << options;
    EXPECT_FALSE(condition(kProgressing)->status) << options;
    EXPECT_EQ(operation(), "") << options;
    EXPECT_FALSE(stops_something()) << options;
  }
}

TEST_F(RestoredCluster, ChangedOptionsAreTakenUpAtOnce) {
  ask({.id = "monday", .options = R"("--set=20200101-000000F")"});
  ASSERT_EQ(phase(), RestorePhase::kFailed);
  ask({.id = "monday", .options = R"("--set=20200101-000000F")"});
  EXPECT_EQ(phase(), RestorePhase::kFailed) << "it is answered";
  ask({.id = "monday"});
  EXPECT_EQ(phase(), RestorePhase::kStopping) << waits_for();
}

TEST_F(RestoredCluster, ARefusalIsForgottenWithItsRequest) {
  ask({.id = "monday", .options = R"("--set=20200101-000000F")"});
  ASSERT_NE(condition(kProgressing), nullptr);
  ask({.id = ""});
  EXPECT_EQ(condition(kProgressing), nullptr);
}

TEST_F(RestoredCluster, ARepositoryThatCannotBeReadIsWaitedFor) {
  world_.repositories["repo1"] = {.code = kRepositoryUnreadable, .trouble = "no route to host"};
  ask({.id = "monday"});
  EXPECT_EQ(phase(), RestorePhase::kChecking);
  EXPECT_EQ(goal(), "target-in-reach");
  EXPECT_TRUE(waits_for().contains("no route to host")) << waits_for();
  EXPECT_FALSE(stops_something());
  world_.repositories["repo1"] = contents();
  world_.pass(31s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(phase(), RestorePhase::kStopping) << waits_for();
}

TEST_F(RestoredCluster, AnArchiveThatTakesNothingIsWaitedForUntilSomebodyAllowsToGoOn) {
  world_.archives = false;
  ask({.id = "monday"});
  EXPECT_EQ(goal(), "restore-point-archived");
  EXPECT_TRUE(waits_for().contains("exit code 82")) << waits_for();
  EXPECT_TRUE(remedy().contains("restore-without-archive to monday")) << remedy();
  EXPECT_FALSE(stops_something());
  world_.pass(3s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_FALSE(stops_something());
  ask({.id = "monday", .without_archive = "another"});
  EXPECT_FALSE(stops_something()) << "it is of another request";
  ask({.id = "monday", .without_archive = "monday"});
  EXPECT_EQ(phase(), RestorePhase::kStopping) << waits_for();
  all_ended();
  EXPECT_EQ(goal(), "data-restored");
  EXPECT_TRUE(progress().left->without_archive.contains("kubectl-annotate"))
      << progress().left->without_archive;
}

TEST_F(RestoredCluster, AsksForTheArchiveAgainAndNotWithEachEvent) {
  world_.archives = false;
  ask({.id = "monday"});
  const std::ptrdiff_t before = asked(kArchivedTarget);
  world_.tell(TimerFired{.name = "other"});
  EXPECT_EQ(asked(kArchivedTarget), before);
  world_.archives = true;
  world_.pass(2s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(phase(), RestorePhase::kStopping) << waits_for();
}

// ---- Somebody changes his mind

TEST_F(RestoredCluster, AWithdrawalBeforeTheStopEndsIt) {
  world_.archives = false;
  ask({.id = "monday"});
  ask({.id = "monday", .enabled = false});
  EXPECT_EQ(operation(), "");
  EXPECT_EQ(phase(), RestorePhase::kAnswered);
  world_.archives = true;
  ask({.id = "monday"});
  EXPECT_EQ(phase(), RestorePhase::kStopping) << "it was not done";
}

TEST_F(RestoredCluster, AWithdrawalBeforeTheDataIsTouchedStartsItsInstances) {
  restore_until_stopped({.id = "monday"});
  job_begins(kArchiveJob);
  ask({.id = "monday", .enabled = false});
  EXPECT_EQ(operation(), "startup");
  EXPECT_FALSE(is_there(kArchiveJob));
  EXPECT_TRUE(last_apply(leader())->manifest.contains(R"("replicas":0)"))
      << "the Job's pod may have started PostgreSQL";
  job_pod_ends(kArchiveJob);
  EXPECT_TRUE(last_apply(leader())->manifest.contains(R"("replicas":1)"));
}

TEST_F(RestoredCluster, AWithdrawalOfHalfARestoreWaitsForAnotherRequest) {
  restore_until_touched({.id = "monday"});
  job_fails(kRestoreJob, "pgbackrest restore: exit status 29");
  ask({.id = "monday", .enabled = false});
  EXPECT_EQ(operation(), "restore");
  EXPECT_EQ(goal(), "request-valid");
  EXPECT_TRUE(remedy().contains("undo")) << remedy();
  EXPECT_EQ(world_.state().stopped.size(), 3U) << "nobody starts on half a data directory";
  ask({.id = "tuesday"});
  job_pod_ends(kRestoreJob);
  EXPECT_EQ(goal(), "data-restored");
}

TEST_F(RestoredCluster, AnotherRequestReplacesARunningOne) {
  restore_until_touched({.id = "monday"});
  job_begins(kRestoreJob);
  const std::string first = last_apply(kRestoreJob)->manifest;
  ask({.id = "tuesday", .options = R"("--type=immediate")"});
  EXPECT_FALSE(is_there(kRestoreJob)) << "its pod still writes";
  EXPECT_TRUE(waits_for().contains("hippo-pgbackrest-restore-x to terminate")) << waits_for();
  job_pod_ends(kRestoreJob);
  ASSERT_TRUE(is_there(kRestoreJob)) << waits_for();
  EXPECT_NE(last_apply(kRestoreJob)->manifest, first);
  EXPECT_EQ(progress().left->request, "monday") << "only then there was a database";
  EXPECT_EQ(asked(kRestorePointTarget), 1);
}

TEST_F(RestoredCluster, AWrongRequestForHalfARestoreIsToldAndWaits) {
  restore_until_touched({.id = "monday"});
  job_fails(kRestoreJob, "pgbackrest restore: exit status 29");
  ask({.id = "tuesday", .options = R"("--set=20200101-000000F")"});
  EXPECT_EQ(operation(), "restore");
  EXPECT_EQ(goal(), "target-in-reach");
  EXPECT_TRUE(waits_for().contains("20200101-000000F")) << waits_for();
  EXPECT_EQ(world_.state().stopped.size(), 3U);
}

// ---- Something fails

TEST_F(RestoredCluster, AFailedJobSaysWhyAndIsTriedAgain) {
  restore_until_touched({.id = "monday"});
  job_fails(kRestoreJob, "pgbackrest restore: exit status 103\nunable to reach the repository");
  EXPECT_EQ(goal(), "data-restored");
  EXPECT_TRUE(waits_for().contains("unable to reach the repository")) << waits_for();
  ASSERT_NE(condition(kInitialized), nullptr);
  EXPECT_FALSE(condition(kInitialized)->status);
  EXPECT_EQ(condition(kInitialized)->reason, "PGBackRestRestoreFailed");
  EXPECT_GT(asked("event/RestoreJobFailed"), 0);
  EXPECT_TRUE(is_there(kRestoreJob)) << "its log can be read";
  world_.pass(11s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_FALSE(is_there(kRestoreJob)) << "no other event may come";
  job_pod_ends(kRestoreJob);
  ASSERT_TRUE(is_there(kRestoreJob));
  EXPECT_FALSE(world_.state()
                   .objects.at(World::ref("Job", kRestoreJob, "batch/v1"))
                   .fields.job->failed.has_value());
  restore_succeeds();
  comes_up();
  EXPECT_EQ(phase(), RestorePhase::kSucceeded) << waits_for();
}

TEST_F(RestoredCluster, AJobOnANodeThatDoesNotAnswerSaysSoAndWhatEndsIt) {
  restore_until_touched({.id = "monday"});
  job_begins(kRestoreJob);
  job_is_on(kRestoreJob, "node-b", true);
  EXPECT_FALSE(waits_for().contains("node-b")) << waits_for();
  job_is_on(kRestoreJob, "node-b", false);
  EXPECT_TRUE(
      waits_for().contains("pod hippo-pgbackrest-restore-x is on node node-b, which does "
                           "not answer"))
      << waits_for();
  EXPECT_TRUE(waits_for().contains("delete the node")) << waits_for();
  job_is_on(kRestoreJob, "node-b", true);
  EXPECT_FALSE(waits_for().contains("node-b")) << waits_for();
  job_is_on(kRestoreJob, "node-b", false);
  job_fails(kRestoreJob, "");  // the node is back, and has lost it
  EXPECT_FALSE(waits_for().contains("does not answer")) << waits_for();
  EXPECT_TRUE(waits_for().contains("(failed attempts: 1): BackoffLimitExceeded")) << waits_for();
}

TEST_F(RestoredCluster, AnArchiveJobThatFailsTouchesNothing) {
  restore_until_stopped({.id = "monday"});
  job_fails(kArchiveJob, "pgbackrest archive-push: exit status 82");
  EXPECT_EQ(goal(), "last-wal-archived");
  EXPECT_TRUE(waits_for().contains("exit status 82")) << waits_for();
  EXPECT_TRUE(remedy().contains("restore-without-archive to monday")) << remedy();
  EXPECT_FALSE(is_data_touched(world_.state()));
  ask({.id = "monday", .without_archive = "monday"});
  job_pod_ends(kArchiveJob);
  EXPECT_EQ(goal(), "data-restored");
  EXPECT_FALSE(progress().left->without_archive.empty());
}

TEST_F(RestoredCluster, ThereIsNoRestoreWhileAPodIsLeft) {
  ask({.id = "monday"});
  ended(instances_[1]);
  ended(instances_[0]);  // the primary dies by itself
  EXPECT_EQ(goal(), "replicas-stopped");
  EXPECT_FALSE(is_there(kArchiveJob));
  ended(instances_[2]);
  EXPECT_TRUE(is_there(kArchiveJob));
}

TEST_F(RestoredCluster, AnInstanceThatIsNewMeanwhileDoesNotStart) {
  restore_until_touched({.id = "monday"});
  ask({.id = "monday", .replicas = 4});
  const std::vector<std::string>& names = world_.state().instances.at("instance1");
  ASSERT_EQ(names.size(), 4U);
  const ApplyObject* runner = last_apply(names.back());
  ASSERT_NE(runner, nullptr);
  EXPECT_TRUE(runner->manifest.contains(R"("replicas":0)")) << "it would make its own database";
  restore_succeeds();
  comes_up();
  EXPECT_TRUE(last_apply(names.back())->manifest.contains(R"("replicas":1)"));
}

// ---- Something else is more urgent

TEST_F(RestoredCluster, AShutdownInTheMiddleLeavesItAndItGoesOnAfterwards) {
  restore_until_touched({.id = "monday"});
  ask({.id = "monday", .more = R"(,"shutdown":true)"});
  EXPECT_EQ(operation(), "shutdown");
  EXPECT_EQ(world_.state().stopped.size(), 3U);
  restore_succeeds();
  EXPECT_EQ(phase(), RestorePhase::kRestoring) << "it is shut down";
  ask({.id = "monday"});
  EXPECT_EQ(operation(), "restore");
  EXPECT_EQ(goal(), "primary-started") << waits_for();
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  comes_up();
  EXPECT_EQ(phase(), RestorePhase::kSucceeded) << waits_for();
}

TEST_F(RestoredCluster, ADeletionInTheMiddleGoesFirst) {
  restore_until_touched({.id = "monday"});
  SpecObserved deleted = *world_.state().spec;
  deleted.deleting = true;
  world_.tell(deleted);
  EXPECT_EQ(operation(), "");
  EXPECT_FALSE(world_.state().spec->finalized) << "nothing runs, so that it may go";
}

TEST_F(RestoredCluster, AnotherProcessGoesOnWhereItWas) {
  restore_until_touched({.id = "monday"});
  const std::string job = last_apply(kRestoreJob)->manifest;
  world_.tell(OperatorStarted{.identity = "next", .state_carried_over = true});
  world_.tell(Synced{});
  EXPECT_EQ(goal(), "data-restored");
  EXPECT_EQ(last_apply(kRestoreJob)->manifest, job);
  const Result<DecodedSnapshot> decoded = decode_snapshot(encode_snapshot(world_.state()));
  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(*decoded->state.restore, progress());
  EXPECT_EQ(decoded->state.repositories, world_.state().repositories);
  restore_succeeds();
  comes_up();
  EXPECT_EQ(phase(), RestorePhase::kSucceeded) << waits_for();
}

}  // namespace
}  // namespace annals::fsm

// A new cluster gets its data from backups: of another cluster, or of its own repository.
#include "fsm/operations/clone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fsm/model/behaviour.h"
#include "tests/unit/fsm/with_clone.h"

namespace annals::fsm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSource = "Secret/hippo-pgbackrest-source";

TEST_F(Clone, RestoresTheFirstInstanceBeforeAnyStarts) {
  begin({});
  EXPECT_EQ(phase(), RestorePhase::kRestoring);
  EXPECT_FALSE(may_run(0));
  EXPECT_FALSE(may_run(1));
  const ApplyObject* job = last_apply(kRestoreJob);
  ASSERT_NE(job, nullptr) << waits_for();
  EXPECT_THAT(job->manifest,
              AllOf(HasSubstr(instance_), HasSubstr("20260101-220000F"),
                    HasSubstr("hippo-pgbackrest-source"), HasSubstr("/pgdata/pg15_cloning")));
  EXPECT_EQ(sentence(job->guard.allowed_by), "requested by spec.dataSource, from cluster ns/rhino");
  restored();
  EXPECT_EQ(phase(), RestorePhase::kStarting);
  EXPECT_TRUE(may_run(0));
  EXPECT_FALSE(may_run(1));
  comes_up();
  EXPECT_EQ(phase(), RestorePhase::kSucceeded) << waits_for();
  EXPECT_TRUE(may_run(1));
  EXPECT_EQ(world_.state().phase, ProvisionPhase::kDone);
  EXPECT_THAT(event("CloneComplete"), HasSubstr("from cluster ns/rhino"));
  EXPECT_EQ(condition("PGBackRestoreProgressing"), nullptr);
  EXPECT_EQ(condition("PostgresDataInitialized")->reason, "PGBackRestRestoreComplete");
}

TEST_F(Clone, TakesAccessToTheSourceAndGivesItBack) {
  begin({});
  const EnsureSecret* copied = nullptr;
  for (const Intent& intent : world_.carried_out()) {
    const auto* secret = std::get_if<EnsureSecret>(&intent.action);
    if (secret != nullptr && to_string(secret->ref) == kSource) copied = secret;
  }
  ASSERT_NE(copied, nullptr);
  const auto& recipe = std::get<manifests::CopiedSecret>(copied->recipe);
  EXPECT_EQ(recipe.from_namespace, "zoo");
  EXPECT_EQ(recipe.from, "rhino-pgbackrest");
  EXPECT_THAT(last_apply("hippo-pgbackrest-source")->manifest,
              HasSubstr("repo1-host=rhino-repo-host-0.rhino-pods.zoo.svc.cluster.local"));
  EXPECT_TRUE(world_.state().objects.contains(World::ref("Secret", "hippo-pgbackrest-source")));
  restored();
  EXPECT_FALSE(world_.state().objects.contains(World::ref("Secret", "hippo-pgbackrest-source")));
  EXPECT_FALSE(world_.state().objects.contains(World::ref("ConfigMap", "hippo-pgbackrest-source")));
}

// It has the source's key.
TEST_F(Clone, AccessThatALateRequestMakesAnewIsRemoved) {
  begin({});
  restored();
  comes_up();
  for (const char* kind : {"Secret", "ConfigMap"}) {
    ObjectObserved late;
    late.ref = World::ref(kind, "hippo-pgbackrest-source");
    late.uid = "uid-of-late";
    late.digest = "digest";
    world_.tell(late);
    EXPECT_FALSE(world_.state().objects.contains(late.ref)) << kind;
  }
}

TEST_F(Clone, GoesToATime) {
  begin({.from = R"("clusterName":"rhino","repoName":"repo1","options":["--type=time",)"
                 R"("--target=\"2026-01-01 23:30:00\""])"});
  EXPECT_THAT(last_apply(kRestoreJob)->manifest, HasSubstr("2026-01-01 23:30:00+00"));
}

TEST_F(Clone, IsNotDoneAgain) {
  begin({});
  restored();
  comes_up();
  const std::ptrdiff_t jobs = asked(concat("Job/", kRestoreJob));
  world_.tell(hippo({.from = R"("clusterName":"rhino","repoName":"repo2")"}));
  world_.tell(hippo({.from = ""}));
  world_.tell(hippo({}));
  EXPECT_EQ(asked(concat("Job/", kRestoreJob)), jobs);
  EXPECT_EQ(phase(), RestorePhase::kSucceeded);
}

TEST_F(Clone, AJournalThatIsNewToADatabaseRestoresNothing) {
  world_.tell(OperatorStarted{.identity = "test", .journal_reset = true});
  world_.tell(OperatorConfigured{.version = "test",
                                 .name_space = "operators",
                                 .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                                            {"RELATED_IMAGE_PGBACKREST", "pgbackrest"}},
                                 .behaviour = kBehaviour});
  world_.tell(hippo({}));
  world_.patroni_stores("anything");
  ObjectObserved known;
  known.ref = World::ref("StatefulSet", "hippo-instance1-abcd", "apps/v1");
  known.uid = "uid-of-stateful-set";
  known.fields = runner("hippo-instance1-abcd");
  world_.tell(known);
  world_.tell(Synced{});
  EXPECT_FALSE(world_.state().restore);
  EXPECT_TRUE(may_run(0));
}

TEST_F(Clone, TheStatusOfACloneIsEnoughToLeaveItsDatabaseAlone) {
  SpecObserved spec = hippo({});
  spec.restored = "~pgo-bootstrap-hippo";
  spec.restore_succeeded = true;
  world_.start(spec);
  EXPECT_FALSE(world_.state().restore);
}

TEST_F(Clone, AnAnnotationThatWasCopiedWithTheSpecAsksForNothing) {
  begin({.annotation = "monday", .more = R"(,"metadata":{})"});
  EXPECT_EQ(world_.state().restore->id, "~pgo-bootstrap-hippo");
  restored();
  comes_up();
  EXPECT_EQ(world_.state().restore->id, "~pgo-bootstrap-hippo");
  EXPECT_EQ(name_of(world_.state().operation), "");
}

TEST_F(Clone, WaitsForASourceAndSaysWhatIsWrongWithIt) {
  world_.source = {};
  begin({});
  expect_waits("cluster ns/rhino does not exist");
  world_.source = {.found = true, .uid = "uid", .resource = rhino("14", "repo1")};
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{});
  expect_waits("is of PostgreSQL 14, and spec.postgresVersion is 15");
  world_.source.resource = rhino("15", "repo2");
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{});
  expect_waits("is no repository of cluster ns/rhino: choose from repo2");
  world_.source.resource = rhino("15", "repo1");
  world_.source_contents.backups.clear();
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{});
  expect_waits("has no backup", "NoBackupToRestore");
  world_.source_contents = contents();
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{});
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
}

TEST_F(Clone, OptionsThatCannotBeAreToldBeforeAnythingIsRead) {
  begin({.from = R"("clusterName":"rhino","repoName":"repo1","options":["--repo=2"])"});
  expect_waits("--repo");
  EXPECT_EQ(asked("source"), 0);
  world_.tell(hippo({}));
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
  EXPECT_TRUE(world_.has_decided("replace"));
}

TEST_F(Clone, WithoutItsSourceTheClusterBeginsEmpty) {
  world_.source = {};
  begin({});
  EXPECT_FALSE(may_run(0));
  world_.tell(hippo({.from = ""}));
  EXPECT_FALSE(world_.state().restore);
  EXPECT_TRUE(may_run(0));
}

TEST_F(Clone, WhatIsHalfWrittenNeverStarts) {
  begin({});
  job_fails(kRestoreJob, "pgbackrest restore: exit status 82");
  world_.tell(
      hippo({.from = R"("clusterName":"tiger","repoName":"repo1","options":["--repo=2"])"}));
  world_.tell(hippo({.from = ""}));
  EXPECT_THAT(waits_for(), HasSubstr("spec.dataSource to be set again"));
  EXPECT_FALSE(may_run(0));
  EXPECT_FALSE(may_run(1));
  world_.tell(hippo({}));
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
}

TEST_F(Clone, ASourceThatIsTakenOutInTheMiddleChangesNothing) {
  begin({});
  world_.tell(hippo({.from = ""}));
  restored();
  comes_up();
  EXPECT_EQ(phase(), RestorePhase::kSucceeded) << waits_for();
}

TEST_F(Clone, AFailedJobIsToldAndTriedAgain) {
  begin({});
  job_fails(kRestoreJob, "pgbackrest restore: exit status 82");
  EXPECT_THAT(event("RestoreJobFailed"), HasSubstr("exit status 82"));
  EXPECT_EQ(condition("PostgresDataInitialized")->reason, "PGBackRestRestoreFailed");
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{});
  job_pod_ends(kRestoreJob);
  EXPECT_EQ(asked(concat("Job/", kRestoreJob)), 3) << "created, removed, and created again";
  EXPECT_FALSE(may_run(0));
}

TEST_F(Clone, AcrossNamespacesItNeedsWhatTheOperatorIsToldToAskFor) {
  const Wish across{.from = R"("clusterName":"rhino","clusterNamespace":"zoo","repoName":"repo1")"};
  world_.clone_across_namespaces = kCloneConsent;
  begin(across);
  expect_waits("cluster zoo/rhino does not consent to clones in namespace ns");
  world_.source.resource = rhino("15", "repo1", "other, ns");
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{});
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
}

TEST_F(Clone, AcrossNamespacesItMayBeDenied) {
  world_.clone_across_namespaces = kCloneDeny;
  begin({.from = R"("clusterName":"rhino","clusterNamespace":"zoo","repoName":"repo1")"});
  expect_waits("--clone-across-namespaces=deny");
  EXPECT_EQ(asked("source"), 0);
}

TEST_F(Clone, OfTwoSourcesNoneIsGuessed) {
  begin({.from = "",
         .more = R"(,"dataSource":{"postgresCluster":{"clusterName":"rhino","repoName":"repo1"},)"
                 R"("pgbackrest":{"repo":{"name":"repo1","gcs":{"bucket":"b"}}}})"});
  expect_waits("remove one of them");
  EXPECT_EQ(asked("source"), 0);
}

TEST_F(Clone, ComesFromItsOwnRepositoryWithoutAnotherCluster) {
  world_.repositories["repo1"] = contents();
  begin({.from = R"("repoName":"repo1")"});
  EXPECT_EQ(asked("source"), 0);
  EXPECT_THAT(waits_for(), HasSubstr("repository repo1 to be read"));
  world_.repository_host_is_ready();
  const ApplyObject* job = last_apply(kRestoreJob);
  ASSERT_NE(job, nullptr) << waits_for();
  EXPECT_THAT(job->manifest, Not(HasSubstr("hippo-pgbackrest-source")));
  EXPECT_FALSE(world_.state().objects.contains(World::ref("Secret", "hippo-pgbackrest-source")));
}

TEST_F(Clone, ReadsItsOwnRepositoryAgainAfterTheFirstBackup) {
  world_.repositories["repo1"] = contents();
  begin({.from = R"("repoName":"repo1")"});
  world_.repository_host_is_ready();
  restored();
  comes_up();
  world_.job_ends("complete");  // the stanza's
  const std::ptrdiff_t before = asked("repository/repo1");
  EXPECT_GE(before, 1);
  world_.job_ends("complete");
  EXPECT_EQ(world_.state().backup.phase, BackupPhase::kDone) << waits_for();
  EXPECT_EQ(asked("repository/repo1"), before + 1);
}

TEST_F(Clone, ARestoreInPlaceComesAfterwards) {
  begin({});
  restored();
  comes_up();
  world_.repositories["repo1"] = contents();
  world_.repository_host_is_ready();
  SpecObserved asking = hippo({.annotation = "tuesday"});
  asking.resource.insert(asking.resource.find(R"("repos":)"),
                         R"("restore":{"enabled":true,"repoName":"repo1"},)");
  world_.tell(asking);
  EXPECT_EQ(world_.state().restore->id, "tuesday");
  EXPECT_EQ(name_of(world_.state().operation), "restore");
}

}  // namespace
}  // namespace annals::fsm

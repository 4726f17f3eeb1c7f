// A new cluster gets its data from backups: of another cluster, or of its own repository.
#include "fsm/operations/clone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fsm/model/behaviour.h"
#include "fsm/view/restore_permit.h"
#include "tests/unit/fsm/with_restore_jobs.h"

namespace annals::fsm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSource = "Secret/hippo-pgbackrest-source";

class Clone : public WithRestoreJobs {
 protected:
  Clone() {
    world_.source = {.found = true, .uid = "uid-of-rhino", .resource = rhino("15", "repo1")};
    world_.source_contents = contents();
  }

  struct Wish {
    std::string from = R"("clusterName":"rhino","repoName":"repo1")";
    std::string annotation{};
    std::string more{};
  };
  static SpecObserved hippo(const Wish& wish) {
    SpecObserved spec = World::hippo_with_backups();
    spec.resource.insert(spec.resource.find(R"("name":"instance1",)"), R"("replicas":2,)");
    if (!wish.from.empty())
      spec.resource.insert(spec.resource.size() - 2,
                           concat(R"(,"dataSource":{"postgresCluster":{)", wish.from, "}}"));
    spec.resource.insert(spec.resource.size() - 2, wish.more);
    if (!wish.annotation.empty()) {
      const std::string metadata = R"("metadata":{)";
      spec.resource.insert(
          spec.resource.find(metadata) + metadata.size(),
          concat(R"("annotations":{"postgres-operator.crunchydata.com/pgbackrest-restore":")",
                 wish.annotation, "\"},"));
    }
    spec.finalized = true;
    return spec;
  }
  static std::string rhino(const std::string& version, const std::string& repo,
                           const std::string& consent = {}) {
    return concat(
        R"({"metadata":{"annotations":{"postgres-operator.crunchydata.com/clone-namespaces":")",
        consent, R"("},"name":"rhino","namespace":"zoo"},"spec":{"postgresVersion":)", version,
        R"(,"instances":[{"dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
        R"("resources":{"requests":{"storage":"1Gi"}}}}],"backups":{"pgbackrest":{"repos":[)",
        R"({"name":")", repo, R"(","volume":{"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
        R"("resources":{"requests":{"storage":"1Gi"}}}}}]}}}})");
  }

  void begin(const Wish& wish) {
    world_.start(hippo(wish));
    instance_ = world_.state().instances.at("instance1").front();
  }
  bool may_run(std::size_t index) const {
    const std::string& name = world_.state().instances.at("instance1").at(index);
    const ApplyObject* runner = last_apply(name);
    return runner != nullptr && runner->manifest.contains(R"("replicas":1)");
  }
  void restored() {
    job_succeeds(kRestoreJob,
                 "system 7000000000000000001\ntimeline 2\nfrom 1\nlsn 0/6000000\nstopped -\n");
  }
  void comes_up() {
    world_.primary_is_ready();
    world_.patroni_stores("anything");
    world_.tell(TimerFired{});
    job_pod_ends(kRestoreJob);
    world_.tell(TimerFired{});
  }
  RestorePhase phase() const { return world_.state().restore->phase; }
  std::string waits_for() const {
    const auto found = world_.state().blockers.find("clone");
    return found == world_.state().blockers.end() ? "" : sentence(found->second.waits_for);
  }
  std::string event(const std::string& reason) const {
    std::string text;
    for (const Intent& intent : world_.carried_out()) {
      const auto* told = std::get_if<EmitEvent>(&intent.action);
      if (told != nullptr && told->reason == reason) text = sentence(told->message);
    }
    return text;
  }
  void expect_waits(const std::string& words, const std::string& reason = "InvalidDataSource") {
    EXPECT_THAT(waits_for(), HasSubstr(words));
    EXPECT_FALSE(may_run(0));
    EXPECT_FALSE(is_there(kRestoreJob));
    ASSERT_NE(condition("PGBackRestoreProgressing"), nullptr);
    EXPECT_EQ(condition("PGBackRestoreProgressing")->reason, reason);
    EXPECT_THAT(event(reason), HasSubstr(words));
  }

  std::string instance_;
};

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

TEST_F(Clone, WhatIsNotSupportedYetMakesNoEmptyDatabase) {
  begin({.from = "",
         .more = R"(,"dataSource":{"pgbackrest":{"stanza":"db","repo":{"name":"repo1"}}})"});
  expect_waits("spec.dataSource.pgbackrest is not supported yet");
}

TEST_F(Clone, OfTwoSourcesNoneIsGuessed) {
  begin({.from = "",
         .more = R"(,"dataSource":{"postgresCluster":{"clusterName":"rhino","repoName":"repo1"},)"
                 R"("pgbackrest":{"stanza":"db","repo":{"name":"repo1"}}})"});
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

// ---- Volumes that were there before

class VolumeClone : public Clone {
 protected:
  VolumeClone() { world_.volumes["old"] = {.found = true, .uid = "uid-of-old"}; }

  static Wish of(const std::string& volumes) {
    return {.from = "", .more = concat(R"(,"dataSource":{"volumes":{)", volumes, "}}")};
  }
  static constexpr const char* kData = R"("pgDataVolume":{"pvcName":"old","directory":"oldhippo"})";
  static constexpr const char* kMoveData = "hippo-move-pgdata-dir";
  static constexpr const char* kMoveRepository = "hippo-move-pgbackrest-repo-dir";
};

TEST_F(VolumeClone, BecomesTheFirstInstancesAndNoOtherStartsBeforeIt) {
  begin(of(kData));
  const ApplyObject* claim = last_apply("old");
  ASSERT_NE(claim, nullptr) << waits_for();
  EXPECT_THAT(claim->manifest, AllOf(HasSubstr(R"("uid":"uid-of-old")"), HasSubstr(instance_),
                                     HasSubstr(R"("pg-cluster":"")")));
  const ApplyObject* job = last_apply(kMoveData);
  ASSERT_NE(job, nullptr) << waits_for();
  EXPECT_THAT(job->manifest, AllOf(HasSubstr(R"("claimName":"old")"), HasSubstr("oldhippo")));
  EXPECT_FALSE(may_run(0));
  job_succeeds(kMoveData, "");
  EXPECT_TRUE(may_run(0)) << waits_for();
  EXPECT_FALSE(may_run(1));
  EXPECT_THAT(last_apply(instance_)->manifest, HasSubstr(R"("claimName":"old")"));
  world_.primary_is_ready();
  world_.patroni_stores("anything");
  world_.tell(TimerFired{});
  world_.tell(TimerFired{});
  EXPECT_EQ(phase(), RestorePhase::kSucceeded) << waits_for();
  EXPECT_TRUE(may_run(1));
  EXPECT_FALSE(is_there(kMoveData));
  EXPECT_THAT(last_apply("old")->manifest, Not(HasSubstr("pg-cluster")));
}

TEST_F(VolumeClone, IsKnownByItsLabelsOnceTheSourceIsOutOfTheSpec) {
  begin(of(kData));
  world_.answers["PersistentVolumeClaim/old"].claim.edit().stands_for = instance_ + "-pgdata";
  job_succeeds(kMoveData, "");
  world_.primary_is_ready();
  world_.patroni_stores("anything");
  world_.tell(TimerFired{});
  world_.tell(hippo({.from = ""}));
  EXPECT_EQ(last_apply(instance_ + "-pgdata"), nullptr);
  EXPECT_THAT(last_apply(instance_)->manifest, HasSubstr(R"("claimName":"old")"));
}

TEST_F(VolumeClone, OfARepositoryIsMovedBeforeItsHostStartsAndThenRestoredFrom) {
  world_.repositories["repo1"] = contents();
  world_.volumes["repo"] = {.found = true, .uid = "uid-of-repo"};
  begin({.from = "",
         .more = R"(,"dataSource":{"volumes":{"pgBackRestVolume":{"pvcName":"repo",)"
                 R"("directory":"old"}},"postgresCluster":{"repoName":"repo1"}})"});
  ASSERT_NE(last_apply(kMoveRepository), nullptr) << waits_for();
  EXPECT_THAT(last_apply("hippo-repo-host")->manifest, HasSubstr(R"("replicas":0)"));
  job_succeeds(kMoveRepository, "");
  EXPECT_THAT(last_apply("hippo-repo-host")->manifest, HasSubstr(R"("replicas":1)"));
  world_.repository_host_is_ready();
  job_pod_ends(kMoveRepository);
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
}

TEST_F(VolumeClone, ThatCannotBeIsToldWithTheRemedy) {
  const std::vector<std::pair<std::string, std::string>> all{
      {R"("pgDataVolume":{"pvcName":"none"})", "PersistentVolumeClaim none"},
      {R"("pgWALVolume":{"pvcName":"old"})", "no pgDataVolume"},
      {R"("pgDataVolume":{"pvcName":"old"},"pgWALVolume":{"pvcName":"old"})", "walVolumeClaimSpec"},
      {R"("pgBackRestVolume":{"pvcName":"old"})", "add pgDataVolume"},
      {R"("pgDataVolume":{"pvcName":"old","directory":"../etc"})", "../etc"},
  };
  begin(of(all.front().first));
  for (const auto& [volumes, words] : all) {
    world_.tell(hippo(of(volumes)));
    EXPECT_THAT(waits_for(), HasSubstr(words));
    EXPECT_FALSE(may_run(0));
    EXPECT_EQ(last_apply("none"), nullptr) << "nothing is made in its place";
  }
  world_.volumes["old"].owner_uid = "uid-of-rhino";
  world_.volumes["old"].owner = "PostgresCluster/rhino";
  world_.tell(hippo(of(kData)));
  EXPECT_THAT(waits_for(), HasSubstr("belongs to PostgresCluster/rhino"));
}

TEST_F(VolumeClone, ThatIsChosenByNameStartsAloneWhateverIsOnIt) {
  for (const char* report : {"", "empty yes\n"}) {
    world_ = World();
    SpecObserved spec = hippo({.from = ""});
    spec.resource.insert(spec.resource.find(R"("accessModes")"), R"("volumeName":"pv-7",)");
    world_.start(spec);
    instance_ = world_.state().instances.at("instance1").front();
    EXPECT_FALSE(may_run(0)) << waits_for();
    ASSERT_TRUE(is_there(kMoveData)) << waits_for();
    job_succeeds(kMoveData, report);
    EXPECT_TRUE(may_run(0)) << waits_for();
    EXPECT_FALSE(may_run(1));
    const bool is_empty = *report != '\0';
    EXPECT_EQ(last_apply("hippo-config")->manifest.contains("method: existing"), !is_empty);
    world_.primary_is_ready();
    world_.patroni_stores("anything");
    world_.tell(TimerFired{});
    EXPECT_TRUE(may_run(1));
  }
}

TEST_F(VolumeClone, ALateMoveFindsNoPermitAndGoes) {
  begin(of(kData));
  ObjectObserved late = world_.state().objects.at(World::ref("Job", kMoveData, "batch/v1"));
  job_succeeds(kMoveData, "");
  EXPECT_TRUE(restore_permits(world_.state()).empty());
  world_.primary_is_ready();
  world_.patroni_stores("anything");
  world_.tell(TimerFired{});
  job_pod_ends(kMoveData);
  EXPECT_FALSE(is_there(kMoveData));
  late.uid = "uid-of-a-late-one";
  world_.tell(late);
  EXPECT_FALSE(is_there(kMoveData));
  EXPECT_TRUE(world_.has_decided("remove-late-job"));
  EXPECT_TRUE(may_run(0));
}

TEST_F(VolumeClone, AFailedMoveIsToldAndTriedAgain) {
  begin(of(kData));
  job_fails(kMoveData, "there is no /pgdata/oldhippo");
  EXPECT_THAT(event("RestoreJobFailed"), HasSubstr("there is no /pgdata/oldhippo"));
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{});
  job_pod_ends(kMoveData);
  EXPECT_EQ(asked(concat("Job/", kMoveData)), 3) << "created, removed, and created again";
  EXPECT_FALSE(may_run(0));
}

}  // namespace
}  // namespace annals::fsm

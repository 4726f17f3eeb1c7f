// A new cluster gets its data from volumes that were there before it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fsm/operations/clone.h"
#include "fsm/view/restore_permit.h"
#include "tests/unit/fsm/with_clone.h"

namespace annals::fsm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class VolumeClone : public Clone {
 protected:
  VolumeClone() { world_.volumes["old"] = {.found = true, .uid = "uid-of-old"}; }

  static Wish of(const std::string& volumes) {
    return {.from = "", .more = concat(R"(,"dataSource":{"volumes":{)", volumes, "}}")};
  }
  void leads(std::size_t index) {
    PodObserved pod;
    pod.instance = instance_of(index);
    pod.name = pod.instance + "-0";
    pod.uid = "uid-of-" + pod.name;
    pod.phase = "Running";
    pod.role = "master";
    pod.ready = true;
    world_.tell(pod);
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

// A list that is behind shows no claim at all.
TEST_F(VolumeClone, IsRememberedThroughARestoreInPlaceByWhoeverDoesNotSeeItsClaim) {
  begin(of(kData));
  world_.answers["PersistentVolumeClaim/old"].claim.edit().stands_for = instance_ + "-pgdata";
  job_succeeds(kMoveData, "");
  world_.primary_is_ready();
  world_.patroni_stores("anything");
  world_.tell(TimerFired{});
  SpecObserved restoring = hippo({.from = "", .annotation = "monday"});
  const std::string section = R"("pgbackrest":{)";
  restoring.resource.insert(restoring.resource.find(section) + section.size(),
                            R"("restore":{"enabled":true,"repoName":"repo1"},)");
  world_.tell(restoring);
  ASSERT_EQ(world_.state().restore->id, "monday");
  ASSERT_FALSE(world_.state().restore->clone);
  world_.tell(hippo({.from = ""}));
  world_.tell(ObjectGone{.ref = World::ref("PersistentVolumeClaim", "old"), .uid = "uid-of-old"});
  EXPECT_FALSE(
      world_.state().objects.contains(World::ref("PersistentVolumeClaim", instance_ + "-pgdata")));
  EXPECT_EQ(last_apply(instance_ + "-pgdata"), nullptr) << "an empty volume in its place";
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
    const bool is_empty = *report != '\0';
    if (is_empty) {
      EXPECT_FALSE(may_run(0)) << "the other volume may have the database";
      job_pod_ends(kMoveData);
      EXPECT_THAT(last_apply(kMoveData)->manifest, HasSubstr(instance_of(1) + "-pgdata"));
      job_succeeds(kMoveData, report);
    }
    EXPECT_EQ(may_run(0), !is_empty) << waits_for();
    EXPECT_EQ(may_run(1), is_empty) << waits_for();
    EXPECT_EQ(last_apply("hippo-config")->manifest.contains("method: existing"), !is_empty);
    leads(is_empty ? 1 : 0);
    world_.patroni_stores("anything");
    world_.tell(TimerFired{});
    EXPECT_TRUE(may_run(0));
    EXPECT_TRUE(may_run(1));
  }
}

TEST_F(VolumeClone, ThatIsChosenMayBeOfAnyInstance) {
  SpecObserved spec = hippo({.from = ""});
  spec.resource.insert(spec.resource.find(R"("accessModes")"),
                       R"("selector":{"matchLabels":{"keep":"me"}},)");
  world_.start(spec);
  job_succeeds(kMoveData, "empty yes\n");
  job_pod_ends(kMoveData);
  job_succeeds(kMoveData, "");
  EXPECT_FALSE(may_run(0));
  EXPECT_TRUE(may_run(1)) << waits_for();
  EXPECT_THAT(last_apply("hippo-config")->manifest, HasSubstr("method: existing"));
}

TEST_F(VolumeClone, ThatIsChosenAndCannotBeBoundIsToldWithTheRemedy) {
  const std::vector<std::pair<std::string, std::string>> all{
      {R"("volumeName":"pv-7",)", "volumeName names PersistentVolume pv-7"},
      {R"("selector":{"matchLabels":{"keep":"me"}},)", "no free PersistentVolume matches"},
  };
  for (const auto& [choice, words] : all) {
    world_ = World();
    SpecObserved spec = hippo({.from = ""});
    spec.resource.insert(spec.resource.find(R"("accessModes")"), choice);
    world_.start(spec);
    PodObserved pod;
    pod.name = std::string(kMoveData) + "-x";
    pod.uid = "uid-of-" + pod.name;
    pod.phase = "Pending";
    pod.job = kMoveData;
    pod.problem = "Unschedulable: pod has unbound immediate PersistentVolumeClaims";
    world_.tell(pod);
    EXPECT_THAT(waits_for(), AllOf(HasSubstr(words), HasSubstr("spec.claimRef"),
                                   HasSubstr("spec.instances[0].dataVolumeClaimSpec")));
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

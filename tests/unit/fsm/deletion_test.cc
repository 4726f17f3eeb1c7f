#include "fsm/machines/deletion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

class DeletedCluster : public testing::Test {
 protected:
  // Two instances run, the first leads; then somebody deletes the custom resource.
  void SetUp() override {
    SpecObserved spec = World::hippo();
    const std::string one = R"("name":"instance1",)";
    spec.resource.insert(spec.resource.find(one), R"("replicas":2,)");
    world_.start(spec);
    const std::vector<std::string> names = world_.state().instances.at("instance1");
    leader_ = names.at(0);
    replica_ = names.at(1);
    run(leader_, "master");
    run(replica_, "replica");
    world_.patroni_stores("anything");
    asked();
    spec = *world_.state().spec;
    spec.deleting = true;
    world_.tell(spec);
  }
  void run(const std::string& instance, const std::string& role) {
    PodObserved pod;
    pod.instance = instance;
    pod.name = instance + "-0";
    pod.uid = "uid-of-" + pod.name;
    pod.phase = "Running";
    pod.role = role;
    pod.ready = true;
    world_.tell(pod);
    ObjectObserved runner;
    runner.ref = World::ref("StatefulSet", instance, "apps/v1");
    runner.uid = "uid-of-StatefulSet/" + instance;
    runner.fields = {.instance = {{.set = "instance1"}}};
    world_.tell(runner);
  }
  void ended(const std::string& instance) {
    world_.tell(PodGone{.name = instance + "-0", .uid = "uid-of-" + instance + "-0"});
  }
  // The one that is waited for.
  std::string goal() const { return world_.state().blockers.at("delete").transition; }
  std::vector<std::string> asked() { return world_.new_targets(); }

  World world_;
  std::string leader_;
  std::string replica_;
};

TEST_F(DeletedCluster, WasHeldByOurFinalizerBeforeThat) {
  EXPECT_TRUE(world_.state().spec->finalized);
  EXPECT_TRUE(world_.has_decided("hold-deletion"));
}

TEST_F(DeletedCluster, StopsReplicasThenThePrimaryThenForgetsPatroniThenLetsGo) {
  EXPECT_EQ(asked(), std::vector<std::string>{"StatefulSet/" + replica_});
  ASSERT_NE(first_blocker(world_.state()), nullptr);
  EXPECT_NE(sentence(first_blocker(world_.state())->waits_for).find(replica_), std::string::npos);
  EXPECT_EQ(goal(), "replicas-stopped");
  ended(replica_);
  EXPECT_EQ(goal(), "instances-stopped");
  EXPECT_EQ(asked(), std::vector<std::string>{"StatefulSet/" + leader_});
  ended(leader_);
  EXPECT_EQ(asked(),
            (std::vector<std::string>{"Endpoints/hippo-ha", "Endpoints/hippo-ha-config",
                                      "Endpoints/hippo-ha-failover", "Endpoints/hippo-ha-sync",
                                      "Endpoints/hippo-ha-config",  // again, by its name
                                      "PostgresCluster/hippo/finalizer"}));
  EXPECT_FALSE(world_.state().spec->finalized);
}

// A stream that is silent tells nothing of what Patroni has stored.
TEST_F(DeletedCluster, ForgetsWhatItHasNotSeenAsWell) {
  world_.tell(ObjectGone{.ref = World::ref("Endpoints", "hippo-ha-config"),
                         .uid = "uid-of-Endpoints/hippo-ha-config"});
  ended(replica_);
  asked();
  world_.failures["Endpoints/hippo-ha-config"] = "503";
  ended(leader_);
  EXPECT_EQ(asked(),
            (std::vector<std::string>{"Endpoints/hippo-ha", "Endpoints/hippo-ha-config",
                                      "Endpoints/hippo-ha-failover", "Endpoints/hippo-ha-sync"}));
  EXPECT_TRUE(world_.state().spec->finalized) << "not before that is known";
  EXPECT_EQ(goal(), "patroni-state-removed");
  EXPECT_TRUE(sentence(first_blocker(world_.state())->waits_for).contains("503"));
  world_.failures.clear();
  world_.pass(std::chrono::seconds(2));
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(asked(), (std::vector<std::string>{"Endpoints/hippo-ha-config",
                                               "PostgresCluster/hippo/finalizer"}));
}

TEST_F(DeletedCluster, SaysWhyItIsNotReleasedAndIsStalledAfterFiveMinutes) {
  world_.failures["PostgresCluster/hippo/finalizer"] = "403 forbidden";
  ended(replica_);
  ended(leader_);
  EXPECT_EQ(goal(), "finalizer-removed");
  world_.pass(std::chrono::minutes(6));
  world_.tell(TimerFired{.name = "due"});
  const Condition& stalled = world_.state().conditions.at("Stalled");
  EXPECT_TRUE(stalled.status);
  EXPECT_TRUE(sentence(stalled.message).contains("403 forbidden")) << sentence(stalled.message);
}

// Labels are Patroni's word, and for a moment two pods may bear the leader's.
TEST_F(DeletedCluster, OfTwoThatLeadBothStop) {
  PodObserved pod = world_.state().pods.at(replica_ + "-0");
  pod.role = "master";
  world_.tell(pod);
  EXPECT_EQ(goal(), "instances-stopped");
  const std::vector<std::string> stopped = asked();
  EXPECT_EQ(std::ranges::count(stopped, "StatefulSet/" + leader_), 1);
}

TEST_F(DeletedCluster, HealsNothingAnyMore) {
  asked();
  world_.tell(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                         .uid = "uid-of-Service/hippo-primary"});
  EXPECT_TRUE(asked().empty());
}

TEST_F(DeletedCluster, EveryDeletionSaysWhatIsLostAndWhoAllowedIt) {
  ended(replica_);
  ended(leader_);
  std::size_t deletions = 0;
  for (const World::Entry& entry : world_.journal()) {
    for (const std::string& output : entry.outputs) {
      if (output.find("\"guard\"") == std::string::npos) continue;
      deletions += 1;
      EXPECT_NE(output.find("deletion-of-cluster"), std::string::npos) << output;
    }
  }
  EXPECT_EQ(deletions, 7U) << "two instances, and four places of Patroni's, of which it saw one";
}

TEST_F(DeletedCluster, WithoutALeaderEveryoneStopsAtOnce) {
  PodObserved pod = world_.state().pods.at(leader_ + "-0");
  pod.role = "";
  world_.tell(pod);
  EXPECT_EQ(asked(),
            (std::vector<std::string>{"StatefulSet/" + replica_, "StatefulSet/" + leader_}));
}

}  // namespace
}  // namespace annals::fsm

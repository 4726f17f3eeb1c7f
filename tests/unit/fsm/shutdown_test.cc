// Stopped and started: who first.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

TEST_F(RunningCluster, StopsReplicasThenTheLeaderAndStartsTheLeaderFirst) {
  change(spec(3, R"(,"shutdown":true)"));
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  ended(instances_[1]);
  // Nothing else may happen for hours: the decision and the write come of the same event.
  const PodObserved last = world_.state().pods.at(instances_[2] + "-0");
  world_.tell_only(PodGone{.name = last.name, .uid = last.uid});
  EXPECT_TRUE(world_.state().stopped.contains(instances_[0]));
  EXPECT_TRUE(std::ranges::any_of(world_.asked(), [&](const Intent& intent) {
    return target_of(intent.action) == "StatefulSet/" + instances_[0];
  }));
  world_.carry_out();
  ended(instances_[0]);
  EXPECT_EQ(world_.state().conditions.at("Ready").reason, "Shutdown");
  change(spec(3));
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  runs(instances_[0], "one");
  EXPECT_TRUE(world_.state().stopped.empty());
}

TEST_F(RunningCluster, ADeletionEndsTheOperationThatGoesOnWithAWord) {
  change(spec(3, R"(,"shutdown":true)"));
  ASSERT_EQ(name_of(world_.state().operation), "shutdown");
  EXPECT_FALSE(world_.has_decided("preempted"));
  SpecObserved deleted = *world_.state().spec;
  deleted.deleting = true;
  world_.tell(deleted);
  EXPECT_EQ(name_of(world_.state().operation), "");
  EXPECT_TRUE(world_.has_decided("preempted"));
}

// PostgreSQL reads archived WAL before it leads.
class StoppedCluster : public testing::Test {
 protected:
  void SetUp() override {
    world_.start(spec(false));
    world_.primary_is_ready();
    world_.patroni_stores("anything");
    world_.repository_host_is_ready();
    world_.tell(spec(true));
    for (const char* pod : {"", "hippo-repo-host-0"}) {
      const std::string name = *pod == 0 ? instance() + "-0" : pod;
      world_.tell(PodGone{.name = name, .uid = world_.state().pods.at(name).uid});
    }
    ASSERT_TRUE(world_.state().stopped.contains(instance()));
    world_.tell(spec(false));
  }
  static SpecObserved spec(bool shutdown) {
    SpecObserved spec = World::hippo_with_backups();
    spec.finalized = true;
    if (shutdown) spec.resource.insert(spec.resource.size() - 2, R"(,"shutdown":true)");
    return spec;
  }
  std::string instance() const { return world_.state().instances.at("instance1").front(); }

  World world_;
};

TEST_F(StoppedCluster, StartsItsInstanceWhenTheRepositoryHostIsReady) {
  EXPECT_TRUE(world_.state().stopped.contains(instance()));
  world_.repository_host_is_ready();
  EXPECT_FALSE(world_.state().stopped.contains(instance()));
}

TEST_F(StoppedCluster, DoesNotWaitForARepositoryHostForEver) {
  world_.pass(1min);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_FALSE(world_.state().stopped.contains(instance()));
}

}  // namespace
}  // namespace annals::fsm

// Fewer instances: who goes, and what is kept of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "fsm/view/retention.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

TEST_F(RunningCluster, ScaledDownLosesTheReplicaThatIsMostBehind) {
  lags({{instances_[1], 5'000}, {instances_[2], 10}});
  change(spec(2));
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "StatefulSet/" + instances_[1]}));
  ASSERT_TRUE(world_.state().retired.contains(instances_[1]));
  ended(instances_[1]);
  for (const std::string& target : asked())
    EXPECT_FALSE(target.starts_with("PersistentVolumeClaim/")) << target;
  EXPECT_TRUE(world_.state().conditions.contains("RemovedVolumesKept"));
  world_.pass(25h);
  world_.tell(TimerFired{});
  EXPECT_EQ(asked().at(0), "PersistentVolumeClaim/" + instances_[1] + "-pgdata");
  EXPECT_TRUE(world_.state().retired.empty());
}

// Patroni would let nobody else lead, were the leader lost meanwhile.
TEST_F(RunningCluster, ScaledDownKeepsTheSynchronousStandby) {
  lags({});
  world_.answers["patroni/members"][instances_[2] + "-0"] = "sync_standby streaming 10";
  change(spec(2));
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "StatefulSet/" + instances_[1]}));
}

TEST_F(RunningCluster, ScaledUpAgainComesBackToItsVolumes) {
  lags({});
  change(spec(2));
  ASSERT_EQ(world_.state().retired.size(), 1U);
  const std::string gone = world_.state().retired.begin()->first;
  ended(gone);
  change(spec(3));
  EXPECT_EQ(std::ranges::count(world_.state().instances.at("instance1"), gone), 1);
  EXPECT_TRUE(world_.state().retired.empty());
}

TEST_F(RunningCluster, ScaledDownToOneKeepsTheLeader) {
  lags({});
  change(spec(1));
  ended(instances_[2]);
  ended(instances_[1]);
  EXPECT_EQ(world_.state().instances.at("instance1"), std::vector<std::string>{instances_[0]});
  for (const std::string& target : asked()) EXPECT_NE(target, "patroni/leader");
}

}  // namespace
}  // namespace annals::fsm

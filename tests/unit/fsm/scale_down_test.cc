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
  world_.members[instances_[2] + "-0"] = "sync_standby streaming 10";
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

TEST_F(RunningCluster, ScaledDownSaysWhatMadeItThatOne) {
  lags({{instances_[1], 5'000}, {instances_[2], 10}});
  change(spec(2));
  const auto chosen =
      std::ranges::find(world_.decisions(), "retire-instance", &Decision::transition);
  ASSERT_NE(chosen, world_.decisions().end());
  const auto value_of = [&chosen](const std::string& name) {
    const auto input = std::ranges::find(chosen->inputs, name, &Predicate::name);
    return input == chosen->inputs.end() ? "" : input->value;
  };
  EXPECT_EQ(value_of("bytes-behind"), "5000");
  EXPECT_EQ(value_of("node"), "node-" + instances_[1]);
  EXPECT_EQ(value_of("instances-on-node"), "1");
}

TEST_F(RunningCluster, NamesTheErrorWhileNobodyTellsHowFarBehindTheReplicasAre) {
  world_.failures["patroni/members"] = "certificate has expired";
  change(spec(2));
  EXPECT_TRUE(waits_for().contains("certificate has expired")) << waits_for();
  world_.failures.clear();
  lags({});
  world_.pass(2s);
  world_.tell(TimerFired{});
  EXPECT_EQ(world_.state().retired.size(), 1U);
}

TEST_F(RunningCluster, NamesTheErrorWhileNobodyTellsWhoCouldLead) {
  world_.failures["patroni/members"] = "certificate has expired";
  template_is(instances_[0], "two");
  EXPECT_TRUE(waits_for().contains("hand over")) << waits_for();
  EXPECT_TRUE(waits_for().contains("certificate has expired")) << waits_for();
}

TEST_F(RunningCluster, IsNotSettledBetweenTwoScaleDowns) {
  lags({});
  change(spec(1));
  const PodObserved gone = world_.state().pods.at(instances_[2] + "-0");
  ASSERT_TRUE(world_.state().retired.contains(instances_[2]));
  world_.tell_only(PodGone{.name = gone.name, .uid = gone.uid});
  EXPECT_TRUE(world_.has_decided("complete"));
  EXPECT_EQ(name_of(world_.state().operation), "scale-down") << "the next one has begun";
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "ScaleDown");
}

}  // namespace
}  // namespace annals::fsm

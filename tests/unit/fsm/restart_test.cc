// Parameters that PostgreSQL is restarted for.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ranges>

#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

TEST_F(RunningCluster, RestartsReplicasFirstUnlessAValueGoesDown) {
  for (const bool down : {false, true}) {
    for (const std::string& instance : instances_) {
      PodObserved pod = world_.state().pods.at(instance + "-0");
      pod.pending_restart = down ? "max_connections 200 -> 100" : "max_connections 100 -> 200";
      world_.tell_only(pod);
    }
    world_.carry_out();
    const std::vector<std::string> order = asked();
    ASSERT_FALSE(order.empty());
    EXPECT_EQ(order.front(), "postgres/" + instances_[down ? 0 : 1] + "-0");
    for (const std::string& instance : instances_) {
      PodObserved pod = world_.state().pods.at(instance + "-0");
      pod.pending_restart.clear();
      world_.tell(pod);
    }
    (void)asked();
    EXPECT_EQ(name_of(world_.state().operation), "");
  }
}

// What was known of the replica is of before its restart.
TEST_F(RunningCluster, RestartsThePrimaryWhenTheReplicaHasSaidThatItIsBack) {
  const auto says = [this](std::size_t i, const std::string& pending, const std::string& member) {
    PodObserved pod = world_.state().pods.at(instances_[i] + "-0");
    pod.pending_restart = pending;
    pod.member = member;
    world_.tell(pod);
  };
  lags({});
  change(spec(2));
  ended(instances_[2]);
  (void)asked();
  for (const std::size_t i : {0U, 1U})
    says(i, "max_connections 100 -> 200", i == 0 ? "running" : "streaming");
  EXPECT_EQ(asked(), std::vector<std::string>{"postgres/" + instances_[1] + "-0"});
  EXPECT_EQ(waits_for(),
            "pod " + instances_[1] + "-0 to report that PostgreSQL in it was restarted");
  says(1, "", "running");
  EXPECT_EQ(asked(), std::vector<std::string>{}) << "it does not stream yet";
  says(1, "", "streaming");
  EXPECT_EQ(asked(), std::vector<std::string>{"postgres/" + instances_[0] + "-0"});
  EXPECT_EQ(name_of(world_.state().operation), "restart") << "the primary has not reported";
  says(0, "", "running");
  EXPECT_EQ(name_of(world_.state().operation), "");
}

// What is changed while it goes on is told as that, and has its own order: a smaller value begins
// with the primary, which may say so later than a replica.
TEST_F(RunningCluster, AChangeDuringARestartHasItsOwnReasonAndOrder) {
  const auto says = [this](std::size_t i, const std::string& pending) {
    PodObserved pod = world_.state().pods.at(instances_[i] + "-0");
    pod.pending_restart = pending;
    world_.tell(pod);
  };
  for (const std::size_t i : {0U, 1U, 2U}) says(i, "max_connections 100 -> 200");
  EXPECT_EQ(asked(), std::vector<std::string>{"postgres/" + instances_[1] + "-0"});
  says(1, "max_connections 200 -> 150");
  EXPECT_EQ(asked(), std::vector<std::string>{}) << "the primary has not said yet what it wants";
  says(0, "max_connections 200 -> 150");
  says(2, "max_connections 200 -> 150");
  EXPECT_EQ(asked(), std::vector<std::string>{"postgres/" + instances_[0] + "-0"});
  const auto last = std::ranges::find(std::views::reverse(world_.decisions()), "restart-postgres",
                                      &Decision::transition);
  EXPECT_TRUE(sentence(last->reason).contains("max_connections 200 -> 150"))
      << sentence(last->reason);
}

// It keeps the greater value until its leader's smaller one has come to it by the WAL.
TEST_F(RunningCluster, AReplicaThatStillWantsARestartHoldsNothingUpForLong) {
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    PodObserved pod = world_.state().pods.at(instances_[i] + "-0");
    pod.pending_restart = "max_connections 100 -> 200";
    world_.tell(pod);
  }
  for (int i = 0; i < 10; ++i) {
    world_.pass(31s);
    world_.tell(TimerFired{});
  }
  const std::vector<std::string> order = asked();
  EXPECT_EQ(std::ranges::count(order, "postgres/" + instances_[0] + "-0"), 1);
}

// One whose name only ends alike is another parameter.
TEST_F(RunningCluster, RestartsReplicasFirstForAParameterOfALongerName) {
  for (const std::string& instance : instances_) {
    PodObserved pod = world_.state().pods.at(instance + "-0");
    pod.pending_restart = "shared_buffers 1 -> 2, citus.max_connections 200 -> 100";
    world_.tell_only(pod);
  }
  world_.carry_out();
  const std::vector<std::string> order = asked();
  ASSERT_FALSE(order.empty());
  EXPECT_EQ(order.front(), "postgres/" + instances_[1] + "-0");
}

}  // namespace
}  // namespace annals::fsm

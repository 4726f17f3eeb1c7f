// Another template: replicas one by one, then the leader, after it has handed over.
#include "fsm/rolling_update.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

class RollingUpdateOf : public RunningCluster {
 protected:
  void SetUp() override {
    RunningCluster::SetUp();
    lags({});
    change(spec(3, kAnotherImage));
    (void)asked();
    for (const std::string& instance : instances_) template_is(instance, "two");
  }
};

TEST_F(RollingUpdateOf, ThreeInstancesTakesReplicasOneByOneAndTheLeaderLast) {
  EXPECT_EQ(asked(), std::vector<std::string>{pod(1)});
  ended(instances_[1]);
  EXPECT_EQ(asked(), std::vector<std::string>{});
  runs(instances_[1], "two");
  EXPECT_EQ(asked(), std::vector<std::string>{pod(2)});
  ended(instances_[2]);
  runs(instances_[2], "two");
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/leader"}));
  leads(instances_[1]);
  EXPECT_EQ(asked(), std::vector<std::string>{pod(0)});
  ended(instances_[0]);
  runs(instances_[0], "two");
  EXPECT_EQ(asked(), std::vector<std::string>{});
  EXPECT_EQ(name_of(world_.state().operation), "");
  EXPECT_TRUE(world_.has_decided("complete"));
}

TEST_F(RollingUpdateOf, ThreeInstancesSaysWhoseTurnComesWhen) {
  const std::vector<std::string> turns{instances_[1] + "-0", instances_[2] + "-0",
                                       instances_[0] + "-0"};
  EXPECT_EQ(pods_to_update(world_.state()), turns);
  ended(instances_[1]);
  runs(instances_[1], "two");
  EXPECT_EQ(pods_to_update(world_.state()), (std::vector<std::string>{turns[1], turns[2]}));
}

TEST_F(RollingUpdateOf, ThreeInstancesStopsAtTheFirstThatIsNotReadyAndGoesOnWithTheNextSpec) {
  ended(instances_[1]);
  runs(instances_[1], "two", false);
  (void)asked();
  world_.pass(1h);
  world_.tell(TimerFired{});
  EXPECT_EQ(asked(), std::vector<std::string>{});
  EXPECT_NE(waits_for().find(instances_[1]), std::string::npos) << waits_for();
  change(spec(3, R"(,"image":"postgres:three")"));
  (void)asked();
  for (const std::string& instance : instances_) template_is(instance, "three");
  EXPECT_EQ(asked(), std::vector<std::string>{pod(1)});
}

TEST_F(RollingUpdateOf, ThreeInstancesNamesTheFieldItsValuesAndItsWriter) {
  const auto& decisions = world_.decisions();
  const auto remake = std::ranges::find(decisions, "remake-pod", &Decision::transition);
  ASSERT_NE(remake, decisions.end());
  EXPECT_NE(remake->reason.find("spec.image nothing -> postgres:two by kubectl"), std::string::npos)
      << remake->reason;
}

}  // namespace
}  // namespace annals::fsm

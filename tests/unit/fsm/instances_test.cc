// Instances of an open cluster that do not come up, and templates that nobody has looked at yet.
#include "fsm/machines/instances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "fsm/text/sentence.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

class Instances : public RunningCluster {
 protected:
  const Condition& condition(const char* type) const { return world_.state().conditions.at(type); }
  std::string told(const char* type) const { return sentence(condition(type).message); }
  bool waits() const { return world_.state().blockers.contains("instances"); }
  void is_broken(std::size_t i, const std::string& problem) {
    PodObserved pod = world_.state().pods.at(instances_[i] + "-0");
    pod.ready = false;
    pod.phase = "Pending";
    pod.problem = problem;
    world_.tell(pod);
  }
  void after(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  std::ptrdiff_t decisions_of(const std::string& machine) const {
    return std::ranges::count(world_.decisions(), machine, &Decision::machine);
  }
};

TEST_F(Instances, OneWithoutRoomIsNamedWithItsTroubleAndStalledAfterTenMinutes) {
  is_broken(2, "Unschedulable: 0/3 nodes are available");
  EXPECT_EQ(condition("Progressing").reason, "InstanceNotReady");
  EXPECT_EQ(told("Progressing"), "waiting for pod " + instances_[2] +
                                     "-0 to be ready: Unschedulable: 0/3 nodes are available");
  EXPECT_FALSE(condition("Stalled").status);
  after(10min);
  EXPECT_TRUE(condition("Stalled").status);
  EXPECT_TRUE(told("Stalled").starts_with("instances is waiting for")) << told("Stalled");
  EXPECT_TRUE(told("Stalled").contains("kubectl describe pod " + instances_[2] + "-0"))
      << told("Stalled");
  runs(instances_[2], "one");
  EXPECT_FALSE(waits());
  EXPECT_EQ(condition("Progressing").reason, "Settled");
  EXPECT_FALSE(condition("Stalled").status);
}

TEST_F(Instances, ANewOneIsWaitedForUntilItStreams) {
  change(spec(4));
  ASSERT_EQ(world_.state().instances.at("instance1").size(), 4U);
  EXPECT_TRUE(told("Progressing").contains("to have a pod")) << told("Progressing");
  std::string made;
  for (const std::string& each : world_.state().instances.at("instance1"))
    if (std::ranges::find(instances_, each) == instances_.end()) made = each;
  template_is(made, "one");
  runs(made, "one", false);
  EXPECT_EQ(told("Progressing"), "waiting for pod " + made + "-0 to be ready");
  PodObserved pod = world_.state().pods.at(made + "-0");
  pod.ready = true;
  pod.member = "creating replica";
  world_.tell(pod);
  EXPECT_TRUE(told("Progressing").contains("to stream from the primary")) << told("Progressing");
  pod.member = "streaming";
  world_.tell(pod);
  EXPECT_FALSE(waits());
}

// What cannot be written of a new instance is told with its error, and is no wait without an end.
TEST_F(Instances, OneWhoseObjectsAreRefusedIsStalledWithTheError) {
  std::string claim;
  SpecObserved more = spec(4);
  world_.take_asked();
  more.finalized = true;
  world_.tell_only(more);
  for (const Intent& intent : world_.asked()) {
    const std::string target = target_of(intent.action);
    if (target.starts_with("PersistentVolumeClaim/")) claim = target;
  }
  ASSERT_FALSE(claim.empty());
  world_.failures[claim] = "exceeded quota";
  world_.carry_out();
  EXPECT_TRUE(told("Progressing").contains("exceeded quota")) << told("Progressing");
  for (int i = 0; i < 11; ++i) after(1min);
  EXPECT_TRUE(condition("Stalled").status);
  EXPECT_TRUE(told("Stalled").contains("exceeded quota")) << told("Stalled");
}

TEST_F(Instances, AnOperationThatWorksOnThemTellsItAlone) {
  for (const std::string& each : instances_) template_is(each, "two");
  ASSERT_EQ(name_of(world_.state().operation), "rolling-update");
  ended(instances_[1]);
  EXPECT_FALSE(waits());
}

TEST_F(Instances, OfASettledClusterNothingIsRecorded) {
  const std::ptrdiff_t before = decisions_of("instances");
  for (int i = 0; i < 5; ++i) after(10min);
  EXPECT_EQ(decisions_of("instances"), before);
  EXPECT_EQ(condition("Progressing").reason, "Settled");
}

TEST_F(Instances, AClusterIsNotSettledBeforeItsControllersHaveLookedAtNewTemplates) {
  template_is(instances_[1], "");
  EXPECT_EQ(condition("Progressing").reason, "Writing");
  EXPECT_TRUE(told("Progressing").contains(instances_[1])) << told("Progressing");
  after(5min);
  EXPECT_TRUE(condition("Stalled").status);
  template_is(instances_[1], "one");
  EXPECT_EQ(condition("Progressing").reason, "Settled");
}

}  // namespace
}  // namespace annals::fsm

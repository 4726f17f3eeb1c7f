// What another version of the rules leaves alone, and makes of what was asked for before.
#include <gtest/gtest.h>

#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

TEST_F(RunningCluster, IsNotRestartedForAnotherOperatorAlone) {
  OperatorConfigured other = *world_.state().config;
  other.version = "another";
  other.images["RELATED_IMAGE_POSTGRES_15"] = "postgres:newer";
  world_.tell(OperatorStarted{.identity = "another", .journal_reset = false});
  world_.tell(other);
  for (const std::string& instance : instances_) {
    ObjectObserved runner;
    runner.ref = World::ref("StatefulSet", instance, "apps/v1");
    runner.uid = "uid-of-StatefulSet/" + instance;
    runner.fields = {{"instance-set", "instance1"}, {"instance", instance}, {"revision", "one"}};
    world_.tell(runner);
    runs(instance, "one");
  }
  world_.tell(Synced{});
  for (const std::string& instance : instances_) template_is(instance, "newer");
  for (const std::string& target : asked()) EXPECT_FALSE(target.starts_with("Pod/")) << target;
  EXPECT_EQ(name_of(world_.state().operation), "");
}

// The template that such a one would write is not what the spec asks for.
TEST_F(RunningCluster, KnowsAnotherOperatorByItsVersionItsBehaviourAndItsRules) {
  const OperatorConfigured before = *world_.state().config;
  world_.tell(before);
  EXPECT_FALSE(world_.state().operator_changed) << "the same one, started again";
  OperatorConfigured version = before;
  version.version = "another";
  OperatorConfigured behaviour = before;
  behaviour.behaviour += 1;
  OperatorConfigured rules = before;
  rules.rules = "of another build";
  int replicas = 3;
  for (const OperatorConfigured& other : {version, behaviour, rules}) {
    world_.tell(other);
    EXPECT_TRUE(world_.state().operator_changed) << other.version << other.rules;
    change(spec(++replicas));
    EXPECT_FALSE(world_.state().operator_changed) << "what the spec asks for is done";
  }
}

// Records of another version of the rules: what it asked for is what the world was asked for.
TEST_F(RunningCluster, KnowsFromAnOutcomeWhatWasAskedForAndNotWhatItWouldHaveAskedFor) {
  const std::string target = "Service/hippo-primary";
  world_.tell_only(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                              .uid = known(World::ref("Service", "hippo-primary")).uid});
  const std::vector<Intent> wanted = world_.asked();
  ASSERT_EQ(wanted.size(), 1U);
  world_.take_asked();
  Outcome outcome{.intent = wanted[0].id, .detail = {}, .uid = "new", .digest = "x", .fields = {}};
  outcome.target = target;
  outcome.asked = "what other rules asked for";
  world_.tell_only(outcome);
  ASSERT_EQ(world_.asked().size(), 1U);
  EXPECT_EQ(target_of(world_.asked()[0].action), target) << "it is written as these rules want it";
}

}  // namespace
}  // namespace annals::fsm

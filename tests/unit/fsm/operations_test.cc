// What another version of the rules leaves alone, and makes of what was asked for before.
#include <gtest/gtest.h>

#include "fsm/codec/state_codec.h"
#include "fsm/model/behaviour.h"
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
    runner.fields = {.instance = {{.set = "instance1", .name = instance}},
                     .stateful_set = {{.revision = "one"}}};
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

// Records of another version of the rules: what it asked for counts as done while it went on, and
// is written as these rules want it when they begin.
class OtherRules : public RunningCluster {
 protected:
  void begin(int behaviour) {
    OperatorConfigured config = *world_.state().config;
    config.behaviour = behaviour;
    world_.tell_only(config);
  }
  // A write that these rules ask for, and that the others asked for in another way.
  void write_by_others(IntentId number) {
    begin(kBehaviour - 1);
    world_.tell_only(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                                .uid = known(World::ref("Service", "hippo-primary")).uid});
    ASSERT_EQ(world_.asked().size(), 1U);
    const IntentId ours = world_.asked()[0].id;
    world_.take_asked();
    Outcome outcome{.intent = number == IntentId() ? ours : number,
                    .detail = {},
                    .uid = "new",
                    .digest = "x",
                    .fields = {}};
    outcome.target = kTarget;
    outcome.asked = "what other rules asked for";
    world_.tell_only(outcome);
  }
  std::vector<std::string> writes() {
    std::vector<std::string> targets;
    for (const Intent& intent : world_.asked()) {
      if (!std::holds_alternative<PatchStatus>(intent.action))
        targets.push_back(target_of(intent.action));
    }
    return targets;
  }

  static constexpr const char* kTarget = "Service/hippo-primary";
};

TEST_F(OtherRules, AreFollowedUntilTheseBegin) {
  write_by_others({});
  EXPECT_EQ(writes(), std::vector<std::string>{}) << "what was in place by other rules is";
  world_.take_asked();
  begin(kBehaviour);
  EXPECT_EQ(writes(), std::vector<std::string>{kTarget}) << "it is written as these rules want it";
  EXPECT_TRUE(world_.state().asked_before.empty());
}

TEST_F(OtherRules, MayHaveNumberedTheirIntentsOtherwise) {
  write_by_others(IntentId(100'000));
  EXPECT_EQ(writes(), std::vector<std::string>{}) << "its outcome is known by its target";
}

TEST_F(OtherRules, AreRememberedBySnapshots) {
  write_by_others({});
  const Result<DecodedSnapshot> decoded = decode_snapshot(encode_snapshot(world_.state()));
  ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error());
  EXPECT_EQ(decoded->state.asked_before, world_.state().asked_before);
  EXPECT_EQ(decoded->state.asked_before.at(kTarget), "what other rules asked for");
}

}  // namespace
}  // namespace annals::fsm

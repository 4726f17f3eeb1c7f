// The machines of one cluster together: what is asked for, when, in which order, and what is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "fsm/model/behaviour.h"
#include "fsm/text/say.h"
#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "fsm/view/database.h"
#include "tests/unit/fsm/one_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

TEST_F(OneCluster, NothingIsWantedBeforeEverythingHasBeenListed) {
  world_.tell(OperatorStarted{.identity = "test", .journal_reset = true});
  world_.tell(OperatorConfigured{
      .version = "test", .name_space = "operators", .images = {}, .behaviour = kBehaviour});
  world_.tell(World::hippo());
  EXPECT_TRUE(world_.history().empty()) << "an object that was not seen may exist";
}

TEST_F(OneCluster, ObjectsAreWrittenInTheOrderInWhichTheyAreNeeded) {
  world_.start();
  EXPECT_LT(place_of("Secret/pgo-root-cacert"), place_of("Secret/hippo-cluster-cert"));
  EXPECT_LT(place_of("Service/hippo-ha"), place_of("Endpoints/hippo-primary"));
  EXPECT_LT(place_of("Secret/hippo-cluster-cert"), place_of(stateful_set()));
  EXPECT_LT(place_of("ConfigMap/hippo-config"), place_of(stateful_set()));
}

// Kubernetes refuses it before, and each refusal costs a new cluster a second.
TEST_F(OneCluster, ARoleIsBoundOnlyOnceItExists) {
  world_.failures["Role/hippo-instance"] = "503 \"unavailable\"";
  world_.start();
  EXPECT_EQ(std::ranges::count(world_.history(), "RoleBinding/hippo-instance"), 0);
  world_.failures.clear();
  world_.pass(2s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(std::ranges::count(world_.history(), "RoleBinding/hippo-instance"), 1);
}

TEST_F(OneCluster, WhatNoPodWaitsForComesAfterThePods) {
  world_.start();
  for (const char* target :
       {"Service/hippo-primary", "Secret/hippo-pguser-hippo", "Endpoints/hippo-primary"})
    EXPECT_LT(place_of(stateful_set()), place_of(target));
}

TEST_F(OneCluster, APodThatCannotBeHoldsUpNothingThatPeopleReachOthersBy) {
  open();
  world_.failures[stateful_set()] = "403 \"exceeded quota\"";
  world_.tell(ObjectGone{.ref = World::ref("StatefulSet", stateful_set().substr(12), "apps/v1"),
                         .uid = "uid-of-" + stateful_set()});
  forget_history();
  world_.tell(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                         .uid = "uid-of-Service/hippo-primary"});
  EXPECT_EQ(std::ranges::count(asked_since(), "Service/hippo-primary"), 1);
}

TEST_F(OneCluster, WhatItsFirstPodNeedsGoesFirstAndWhatRunsGoesBefore) {
  world_.start();
  for (const Intent& intent : world_.carried_out()) {
    const bool is_later = intent.urgency == Urgency::kLater;
    const std::string target = target_of(intent.action);
    EXPECT_NE(intent.urgency, Urgency::kUsual) << target;
    if (target == "Role/hippo-instance" || target == stateful_set()) {
      EXPECT_FALSE(is_later);
    }
    if (target == "Service/hippo-primary" || target.ends_with("/status")) {
      EXPECT_TRUE(is_later);
    }
  }
  world_.primary_is_ready();
  world_.tell(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                         .uid = "uid-of-Service/hippo-primary"});
  EXPECT_EQ(world_.carried_out().back().urgency, Urgency::kUsual);
}

TEST_F(OneCluster, UsersAreMadeOnlyOnceAPrimaryIsReady) {
  world_.start();
  EXPECT_EQ(to_string(world_.state().phase), "Starting");
  EXPECT_EQ(std::ranges::count(world_.history(), "sql"), 0);
  world_.primary_is_ready();
  EXPECT_EQ(std::ranges::count(world_.history(), "sql"), 1);
  EXPECT_EQ(to_string(world_.state().phase), "Done");
}

TEST_F(OneCluster, UsersThatCannotBeWrittenLaterAreToldAsStalledWithTheError) {
  world_.start();
  world_.primary_is_ready();
  ASSERT_EQ(world_.state().phase, ProvisionPhase::kDone);
  EXPECT_FALSE(world_.state().blockers.contains("users"));
  world_.failures["sql"] = "role \"rhino\" may not be made";
  SpecObserved spec = World::hippo();
  spec.generation = 2;
  spec.finalized = true;
  spec.resource.insert(spec.resource.size() - 2, R"(,"users":[{"name":"rhino"}])");
  world_.tell(spec);
  EXPECT_EQ(world_.state().blockers.at("users").transition, "users-written");
  world_.pass(3min);
  world_.tell(TimerFired{.name = "due"});
  const Condition& stalled = world_.state().conditions.at("Stalled");
  EXPECT_TRUE(stalled.status);
  EXPECT_TRUE(sentence(stalled.message).contains("may not be made")) << sentence(stalled.message);
  world_.failures.clear();
  world_.pass(10min);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_FALSE(world_.state().blockers.contains("users"));
  EXPECT_FALSE(world_.state().conditions.at("Stalled").status);
}

TEST_F(OneCluster, AnOpenClusterWantsNothingMore) {
  open();
  forget_history();
  world_.tell(TimerFired{.name = "due"});
  world_.tell(Synced{});
  EXPECT_EQ(asked_since(), std::vector<std::string>{});
}

TEST_F(OneCluster, AWrongSpecRunsNoSql) {
  open();
  forget_history();
  SpecObserved wrong = World::hippo();
  wrong.finalized = true;
  wrong.generation = 2;
  wrong.resource = R"({"metadata":{"name":"hippo","namespace":"ns"},"spec":{}})";
  world_.tell(wrong);
  EXPECT_EQ(std::ranges::count(asked_since(), "sql"), 0) << "users of a spec that nobody can read";
}

TEST_F(OneCluster, AFailedWriteIsTriedAgainLaterAndLaterAndSaysWhy) {
  world_.failures["ConfigMap/hippo-config"] = "refused: 403 Forbidden";
  world_.start();
  EXPECT_EQ(std::ranges::count(world_.history(), "ConfigMap/hippo-config"), 1);
  ASSERT_NE(first_blocker(world_.state()), nullptr);
  EXPECT_NE(sentence(first_blocker(world_.state())->waits_for).find("403 Forbidden"),
            std::string::npos);
  world_.pass(1s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(std::ranges::count(world_.history(), "ConfigMap/hippo-config"), 2);
  world_.pass(1s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(std::ranges::count(world_.history(), "ConfigMap/hippo-config"), 2) << "two seconds now";
  world_.failures.clear();
  world_.pass(1s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(to_string(world_.state().phase), "Starting");
}

TEST_F(OneCluster, AWaitThatIsTooLongStallsAndNamesItsCure) {
  world_.start();
  PodObserved pod;
  pod.name = world_.state().instances.at("instance1").front() + "-0";
  pod.uid = "uid";
  pod.phase = "Pending";
  pod.problem = "database: ImagePullBackOff";
  world_.tell(pod);
  world_.pass(11min);
  world_.tell(TimerFired{.name = "due"});
  const Condition& stalled = world_.state().conditions.at("Stalled");
  EXPECT_TRUE(stalled.status);
  EXPECT_NE(sentence(stalled.message).find("ImagePullBackOff"), std::string::npos);
  EXPECT_NE(sentence(stalled.message).find("kubectl describe pod"), std::string::npos);
}

TEST_F(OneCluster, AnInvalidSpecWritesNothingButAStatusThatNamesTheField) {
  SpecObserved spec = World::hippo();
  spec.resource =
      R"({"metadata":{"name":"hippo","namespace":"ns"},"spec":{"postgresVersion":15,"instances":[],"port":80}})";
  world_.tell(OperatorStarted{.identity = "test", .journal_reset = false});
  world_.tell(OperatorConfigured{
      .version = "test", .name_space = "operators", .images = {}, .behaviour = kBehaviour});
  world_.tell(spec);
  world_.tell(Synced{});
  for (const std::string& target : world_.history()) {
    EXPECT_TRUE(target == "PostgresCluster/hippo/status" || target == "event/InvalidSpec")
        << target;
  }
  EXPECT_NE(sentence(first_blocker(world_.state())->waits_for).find("spec.port is 80"),
            std::string::npos);
  EXPECT_NE(sentence(first_blocker(world_.state())->waits_for).find("spec.instances"),
            std::string::npos)
      << "every mistake is named";
}

TEST_F(OneCluster, APodThatIsNotBegunNamesWhatSomebodyHasToBring) {
  SpecObserved spec = World::hippo();
  const std::string version = R"("postgresVersion":15)";
  spec.resource.replace(spec.resource.find(version), version.size(),
                        version +
                            R"(,"config":{"files":[{"secret":{"name":"absent"}},{"configMap":)"
                            R"({"name":"optional","optional":true}}]})");
  world_.start(spec);
  PodObserved pod;
  pod.name = world_.state().instances.at("instance1").front() + "-0";
  pod.uid = "p";
  pod.instance = world_.state().instances.at("instance1").front();
  pod.phase = "Pending";
  world_.tell(pod);
  const std::string waits_for = sentence(first_blocker(world_.state())->waits_for);
  EXPECT_NE(waits_for.find("a missing reference: Secret/absent of spec.config.files)"),
            std::string::npos)
      << waits_for;
}

TEST_F(OneCluster, AWrongChangeIsToldAndHoldsEverythingUntilItIsMended) {
  open();
  SpecObserved wrong = World::hippo();
  wrong.finalized = true;
  wrong.generation = 2;
  const std::string version = R"("postgresVersion":15)";
  wrong.resource.replace(wrong.resource.find(version), version.size(),
                         R"("postgresVersion":15,"port":80)");
  world_.tell(wrong);
  const Condition& progressing = world_.state().conditions.at("Progressing");
  EXPECT_FALSE(progressing.status);
  EXPECT_EQ(progressing.reason, "InvalidSpec");
  EXPECT_NE(sentence(progressing.message).find("spec.port is 80"), std::string::npos)
      << sentence(progressing.message);
  EXPECT_TRUE(world_.state().reported_events.contains("InvalidSpec"));
  EXPECT_TRUE(world_.state().conditions.at("Ready").status) << "what runs goes on";
  world_.pass(2s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_TRUE(world_.state().conditions.at("Stalled").status);
  forget_history();
  SpecObserved mended = World::hippo();
  mended.finalized = true;
  mended.generation = 3;
  world_.tell(mended);
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "Settled");
  EXPECT_EQ(first_blocker(world_.state()), nullptr);
  for (const std::string& target : asked_since())
    EXPECT_EQ(target, "PostgresCluster/hippo/status") << "nothing else has changed";
}

// Which object it is changes with each that is written; whoever looks sees the one of now.
TEST_F(OneCluster, ObjectsThatAreWrittenOneAfterTheOtherAreOneWait) {
  world_.start();
  EXPECT_EQ(
      std::ranges::count(world_.decisions(), "not-yet-objects-in-place", &Decision::transition), 1);
  World other;
  other.silent.insert(stateful_set());
  other.start();
  EXPECT_TRUE(sentence(other.state().blockers.at("provision").waits_for).contains(stateful_set()))
      << sentence(other.state().blockers.at("provision").waits_for);
}

TEST_F(OneCluster, WhatHasNotFailedIsNotSaidToHaveFailed) {
  EXPECT_EQ(failures_in_words({}), "");
  EXPECT_EQ(failures_in_words({.failures = 2, .due = {}, .error = {}}), "failed 2 times, ");
  EXPECT_EQ(sentence(say::object_failing("ConfigMap/a", "", "two writers")),
            "ConfigMap/a to be in its desired state (two writers)");
}

TEST_F(OneCluster, ADeletedClusterIsLeftAlone) {
  open();
  forget_history();
  world_.tell(SpecGone{});
  world_.tell(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                         .uid = "uid-of-Service/hippo-primary"});
  EXPECT_EQ(asked_since(), std::vector<std::string>{});
}

TEST_F(OneCluster, TheSameHistoryGivesTheSameDecisionsByteForByte) {
  open();
  ClusterState state = initial_state(ClusterUid("uid-of-hippo"));
  for (const World::Entry& entry : world_.journal()) {
    // Through the journal's form and back, as a replay does.
    const Encoded encoded = encode(entry.event.input);
    Result<Input> input = decode_input(encoded.type, encoded.payload);
    ASSERT_TRUE(input) << encoded.payload;
    Event event = entry.event;
    event.input = std::move(*input);
    Step step = fsm::step(std::move(state), event);
    std::vector<std::string> outputs;
    for (const Decision& decision : step.decisions) outputs.push_back(encode(decision).payload);
    for (const Intent& intent : step.intents) outputs.push_back(encode(intent).payload);
    EXPECT_EQ(outputs, entry.outputs) << encoded.type;
    state = std::move(step.state);
  }
}

TEST_F(OneCluster, NoSecretEntersARecord) {
  open();
  for (const World::Entry& entry : world_.journal()) {
    for (const std::string& output : entry.outputs) {
      EXPECT_EQ(output.find("PRIVATE KEY"), std::string::npos);
      EXPECT_EQ(output.find("SCRAM-SHA-256$"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace annals::fsm

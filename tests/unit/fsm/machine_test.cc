#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/sha256.h"
#include "fsm/desired_set.h"
#include "fsm/provision.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

class OneCluster : public testing::Test {
 protected:
  void open() {
    world_.start();
    world_.primary_is_ready();
    ASSERT_EQ(to_string(world_.state().phase), "Done");
  }
  void forget_history() { seen_ = world_.history().size(); }
  std::vector<std::string> asked_since() const {
    return {world_.history().begin() + static_cast<std::ptrdiff_t>(seen_), world_.history().end()};
  }
  std::ptrdiff_t place_of(const std::string& target) const {
    const auto place = std::ranges::find(world_.history(), target);
    EXPECT_NE(place, world_.history().end()) << target;
    return place - world_.history().begin();
  }
  std::string stateful_set() const {
    return "StatefulSet/" + world_.state().instances.at("instance1").front();
  }

  World world_;
  std::size_t seen_ = 0;
};

TEST_F(OneCluster, NothingIsWantedBeforeEverythingHasBeenListed) {
  world_.tell(OperatorStarted{.identity = "test", .journal_reset = true});
  world_.tell(OperatorConfigured{.version = "test", .name_space = "operators", .images = {}});
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

TEST_F(OneCluster, UsersAreMadeOnlyOnceAPrimaryIsReady) {
  world_.start();
  EXPECT_EQ(to_string(world_.state().phase), "Starting");
  EXPECT_EQ(std::ranges::count(world_.history(), "sql"), 0);
  world_.primary_is_ready();
  EXPECT_EQ(std::ranges::count(world_.history(), "sql"), 1);
  EXPECT_EQ(to_string(world_.state().phase), "Done");
}

TEST_F(OneCluster, AnOpenClusterWantsNothingMore) {
  open();
  forget_history();
  world_.tell(TimerFired{.name = "due"});
  world_.tell(Synced{});
  EXPECT_EQ(asked_since(), std::vector<std::string>{});
}

TEST_F(OneCluster, ADeletedServiceIsWrittenAgainAndTheReasonNamesIt) {
  open();
  forget_history();
  world_.tell(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                         .uid = "uid-of-Service/hippo-primary"});
  EXPECT_EQ(asked_since(), std::vector<std::string>{"Service/hippo-primary"});
  const auto restored = std::ranges::find(world_.decisions(), "restore", &Decision::transition);
  ASSERT_NE(restored, world_.decisions().end());
  EXPECT_EQ(restored->reason, "Service/hippo-primary is missing: somebody has deleted it");
}

TEST_F(OneCluster, TheEndOfAnOlderNamesakeIsNotTakenForTheEndOfTheObject) {
  open();
  forget_history();
  world_.tell(ObjectGone{.ref = World::ref("Service", "hippo-primary"), .uid = "another-uid"});
  EXPECT_EQ(asked_since(), std::vector<std::string>{});
}

TEST_F(OneCluster, AChangedObjectIsWrittenAgainAndTheReasonNamesWho) {
  open();
  forget_history();
  ObjectObserved changed;
  changed.ref = World::ref("ConfigMap", "hippo-config");
  changed.uid = "uid-of-ConfigMap/hippo-config";
  changed.digest = "different";
  changed.actor = {.manager = "vandal", .operation = "Update", .time = "2026-01-02T03:04:05Z"};
  world_.tell(changed);
  EXPECT_EQ(asked_since(), std::vector<std::string>{"ConfigMap/hippo-config"});
  EXPECT_EQ(world_.decisions().back().machine, "desired-set");
  EXPECT_NE(world_.decisions().back().reason.find("vandal"), std::string::npos);
}

TEST_F(OneCluster, AnAnswerThatComesLateIsNotTakenForNews) {
  open();
  const std::string target = "ConfigMap/hippo-config";
  ObjectObserved changed;
  changed.ref = World::ref("ConfigMap", "hippo-config");
  changed.uid = "uid-of-" + target;
  changed.digest = "different";
  changed.version = 8;
  world_.tell_only(changed);
  ASSERT_EQ(world_.asked().size(), 1U);
  ObjectObserved again = changed;
  again.digest = "different again";
  again.version = 12;
  world_.tell_only(again);
  Outcome late{.intent = world_.asked().front().id,
               .status = OutcomeStatus::kDone,
               .detail = {},
               .uid = changed.uid,
               .digest = "as written",
               .fields = {},
               .version = 10};
  world_.tell_only(late);
  EXPECT_EQ(world_.state().objects.at(changed.ref).digest, "different again");
  EXPECT_EQ(world_.asked().size(), 2U) << "it has been changed again after the write";
}

TEST_F(OneCluster, AnObjectThatWasDeletedWhileItWasWrittenIsMissing) {
  open();
  world_.tell_only(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                              .uid = "uid-of-Service/hippo-primary"});
  ASSERT_EQ(world_.asked().size(), 1U);
  world_.tell_only(
      ObjectGone{.ref = World::ref("Service", "hippo-primary"), .uid = "uid-of-the-new-one"});
  Outcome late{.intent = world_.asked().front().id,
               .status = OutcomeStatus::kDone,
               .detail = {},
               .uid = "uid-of-the-new-one",
               .digest = "as written",
               .fields = {},
               .version = 10};
  world_.tell_only(late);
  EXPECT_FALSE(world_.state().objects.contains(World::ref("Service", "hippo-primary")));
  EXPECT_EQ(world_.asked().size(), 2U);
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

TEST_F(OneCluster, ADatabaseLearnsThePasswordOfASecretThatWasMadeAnew) {
  open();
  forget_history();
  world_.tell(ObjectObserved{.ref = World::ref("Secret", "hippo-pguser-hippo"),
                             .uid = "another-uid",
                             .digest = sha256_hex("Secret/hippo-pguser-hippo"),
                             .fields = {},
                             .actor = {},
                             .version = 0});
  EXPECT_EQ(std::ranges::count(asked_since(), "sql"), 1);
}

TEST_F(OneCluster, AnAuthorityThatWasMadeAnewSignsTheCertificatesAnew) {
  open();
  forget_history();
  world_.tell(ObjectObserved{.ref = World::ref("Secret", "pgo-root-cacert"),
                             .uid = "another-uid",
                             .digest = "another",
                             .fields = {},
                             .actor = {},
                             .version = 0});
  const std::vector<std::string> asked = asked_since();
  EXPECT_EQ(std::ranges::count(asked, "Secret/hippo-cluster-cert"), 1);
  EXPECT_EQ(std::ranges::count(asked, "Secret/hippo-replication-cert"), 1);
  EXPECT_EQ(std::ranges::count(asked, "Secret/pgo-root-cacert"), 0)
      << "another cluster of the namespace may have written it";
}

TEST_F(OneCluster, AFightOverAnObjectIsToldAndNotFoughtAtOnce) {
  open();
  forget_history();
  const ObjectGone gone{.ref = World::ref("Service", "hippo-primary"),
                        .uid = "uid-of-Service/hippo-primary"};
  for (int i = 0; i < 5; ++i) world_.tell(gone);
  EXPECT_EQ(asked_since().size(), 3U + 2U) << "three times, the status that says so, an Event";
  EXPECT_TRUE(world_.has_decided("oscillation"));
  world_.pass(11min);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(std::ranges::count(asked_since(), "Service/hippo-primary"), 4);
}

TEST_F(OneCluster, AFightNamesBothWritersToPeopleAndInTheStatus) {
  open();
  ObjectObserved edited = world_.state().objects.at(World::ref("ConfigMap", "hippo-config"));
  edited.actor = {.manager = "argocd", .operation = "Apply", .time = "2026-01-02T03:04:05Z"};
  for (int i = 0; i < 4; ++i) {
    edited.digest = "argocd's, number " + std::to_string(i);
    world_.tell(edited);
  }
  const auto fight = std::ranges::find(world_.decisions(), "oscillation", &Decision::transition);
  ASSERT_NE(fight, world_.decisions().end());
  const std::string both =
      "two writers fight over ConfigMap/hippo-config: annals and argocd (Apply at "
      "2026-01-02T03:04:05Z)";
  EXPECT_NE(fight->reason.find(both), std::string::npos) << fight->reason;
  EXPECT_EQ(std::ranges::count(world_.history(), "event/Oscillation"), 1);
  const Condition& progressing = world_.state().conditions.at("Progressing");
  EXPECT_NE(progressing.message.find(both), std::string::npos) << progressing.message;
}

TEST_F(OneCluster, AFailedWriteIsTriedAgainLaterAndLaterAndSaysWhy) {
  world_.failures["ConfigMap/hippo-config"] = "refused: 403 Forbidden";
  world_.start();
  EXPECT_EQ(std::ranges::count(world_.history(), "ConfigMap/hippo-config"), 1);
  ASSERT_TRUE(world_.state().blocker);
  EXPECT_NE(world_.state().blocker->waits_for.find("403 Forbidden"), std::string::npos);
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
  EXPECT_NE(stalled.message.find("ImagePullBackOff"), std::string::npos);
  EXPECT_NE(stalled.message.find("kubectl describe pod"), std::string::npos);
}

TEST_F(OneCluster, AnInvalidSpecWritesNothingButAStatusThatNamesTheField) {
  SpecObserved spec = World::hippo();
  spec.resource =
      R"({"metadata":{"name":"hippo","namespace":"ns"},"spec":{"postgresVersion":15,"instances":[],"port":80}})";
  world_.tell(OperatorStarted{.identity = "test", .journal_reset = false});
  world_.tell(OperatorConfigured{.version = "test", .name_space = "operators", .images = {}});
  world_.tell(spec);
  world_.tell(Synced{});
  for (const std::string& target : world_.history()) {
    EXPECT_TRUE(target == "PostgresCluster/hippo/status" || target == "event/InvalidSpec")
        << target;
  }
  EXPECT_NE(world_.state().blocker->waits_for.find("spec.port is 80"), std::string::npos);
  EXPECT_NE(world_.state().blocker->waits_for.find("spec.instances"), std::string::npos)
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
  const std::string& waits_for = world_.state().blocker->waits_for;
  EXPECT_NE(waits_for.find("may be missing: Secret/absent of spec.config.files)"),
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
  EXPECT_NE(progressing.message.find("spec.port is 80"), std::string::npos) << progressing.message;
  EXPECT_TRUE(world_.state().told.contains("InvalidSpec"));
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
  EXPECT_FALSE(world_.state().blocker.has_value());
  for (const std::string& target : asked_since())
    EXPECT_EQ(target, "PostgresCluster/hippo/status") << "nothing else has changed";
}

TEST_F(OneCluster, AnOlderSpecIsNoNewsUntilTheNextStart) {
  open();
  SpecObserved newer = World::hippo();
  newer.finalized = true;
  newer.generation = 5;
  world_.tell(newer);
  SpecObserved older = World::hippo();
  older.generation = 4;
  world_.tell(SpecGone{});
  world_.tell(older);
  EXPECT_EQ(world_.state().spec->generation, 5);
  EXPECT_FALSE(world_.state().gone);
  world_.tell(OperatorStarted{.identity = "next", .journal_reset = false});
  world_.tell(older);
  EXPECT_EQ(world_.state().spec->generation, 4) << "etcd was restored";
}

TEST_F(OneCluster, ANewProcessAdoptsWhatExistsAndNamesItTheSame) {
  open();
  const std::string instance = world_.state().instances.at("instance1").front();
  World other;
  other.start();
  EXPECT_EQ(other.state().instances.at("instance1").front(), instance);
}

TEST_F(OneCluster, ARestartAsksAgainForWhatHadNotEnded) {
  world_.start();
  world_.tell_only(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                              .uid = "uid-of-Service/hippo-primary"});
  ASSERT_EQ(world_.asked().size(), 1U);
  world_.tell_only(OperatorStarted{.identity = "next", .journal_reset = false});
  EXPECT_TRUE(world_.state().pending.empty());
  forget_history();
  world_.tell(Synced{});
  EXPECT_NE(std::ranges::count(asked_since(), "Service/hippo-primary"), 0);
}

// It has been told what is otherwise, and what has gone: the rest is as it was.
TEST_F(OneCluster, AProcessThatGoesOnKnowsWhatItsPredecessorKnew) {
  open();
  const std::map<ObjectRef, ObjectObserved> objects = world_.state().objects;
  world_.tell_only(OperatorStarted{.identity = "next", .journal_reset = false, .goes_on = true});
  EXPECT_EQ(world_.state().objects, objects);
  EXPECT_EQ(world_.state().pods.size(), 1U);
  EXPECT_FALSE(world_.state().synced);
  forget_history();
  world_.tell(Synced{});
  EXPECT_EQ(asked_since(), std::vector<std::string>{}) << "everything is in place";
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
}

TEST_F(OneCluster, UntilAllIsListedAnOlderLookCountsSinceEtcdMayHaveBeenRestored) {
  open();
  ObjectObserved older = world_.state().objects.at(World::ref("Service", "hippo-primary"));
  older.version = 1;
  older.digest = "of before";
  PodObserved pod = world_.state().pods.begin()->second;
  pod.deleting = true;
  world_.tell_only(pod);
  world_.tell_only(OperatorStarted{.identity = "next", .journal_reset = false, .goes_on = true});
  pod.deleting = false;
  world_.tell_only(pod);
  world_.tell_only(older);
  EXPECT_EQ(world_.state().objects.at(older.ref), older);
  EXPECT_FALSE(world_.state().pods.at(pod.name).deleting);
}

TEST_F(OneCluster, AnOutcomeOfAnEarlierProcessChangesNothing) {
  open();
  forget_history();
  Outcome late;
  late.intent = IntentId(1);
  late.status = OutcomeStatus::kFailed;
  late.detail = "late";
  world_.tell(late);
  EXPECT_TRUE(world_.state().retries.empty());
  EXPECT_EQ(asked_since(), std::vector<std::string>{});
}

TEST_F(OneCluster, AStatusWithoutAnAnswerIsWrittenAgainAlsoWhenTheOneBeforeItIsRightAgain) {
  constexpr const char* kStatus = "PostgresCluster/hippo/status";
  open();
  PodObserved pod = world_.state().pods.begin()->second;
  pod.ready = false;
  world_.tell_only(pod);
  const auto patch = std::ranges::find(world_.asked(), kStatus,
                                       [](const Intent& each) { return target_of(each.action); });
  ASSERT_NE(patch, world_.asked().end());
  Outcome lost;
  lost.intent = patch->id;
  lost.status = OutcomeStatus::kUnknown;
  lost.detail = "the answer is lost";
  world_.take_asked();
  pod.ready = true;
  world_.tell_only(pod);
  world_.tell(lost);
  forget_history();
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(asked_since(), std::vector<std::string>{kStatus});
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

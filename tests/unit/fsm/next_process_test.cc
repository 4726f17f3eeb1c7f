// What a process knows of what the one before it began.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "fsm/view/database.h"
#include "tests/unit/fsm/one_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

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
  world_.tell_only(
      OperatorStarted{.identity = "next", .journal_reset = false, .state_carried_over = true});
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
  world_.tell_only(
      OperatorStarted{.identity = "next", .journal_reset = false, .state_carried_over = true});
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

}  // namespace
}  // namespace annals::fsm

// What others change or delete is made right again, and a fight is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/sha256.h"
#include "fsm/text/sentence.h"
#include "fsm/view/database.h"
#include "fsm/view/in_sync.h"
#include "tests/unit/fsm/one_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

TEST_F(OneCluster, ADeletedServiceIsWrittenAgainAndTheReasonNamesIt) {
  open();
  forget_history();
  world_.tell(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                         .uid = "uid-of-Service/hippo-primary"});
  EXPECT_EQ(asked_since(), std::vector<std::string>{"Service/hippo-primary"});
  const auto restored = std::ranges::find(world_.decisions(), "restore", &Decision::transition);
  ASSERT_NE(restored, world_.decisions().end());
  EXPECT_EQ(sentence(restored->reason),
            "Service/hippo-primary is missing: it was deleted by someone else");
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
  EXPECT_NE(sentence(world_.decisions().back().reason).find("vandal"), std::string::npos);
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
      "field managers annals and argocd (Apply at 2026-01-02T03:04:05Z) both write "
      "ConfigMap/hippo-config";
  EXPECT_NE(sentence(fight->reason).find(both), std::string::npos) << sentence(fight->reason);
  EXPECT_EQ(std::ranges::count(world_.history(), "event/Oscillation"), 1);
  const Condition& progressing = world_.state().conditions.at("Progressing");
  EXPECT_NE(sentence(progressing.message).find(both), std::string::npos)
      << sentence(progressing.message);
}

}  // namespace
}  // namespace annals::fsm

// An API server that comes and goes: Patroni's members are without their store meanwhile.
#include <gtest/gtest.h>

#include <chrono>

#include "fsm/codec/codec.h"
#include "fsm/codec/state_codec.h"
#include "fsm/text/sentence.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTrouble = "it failed 7 of the last 20 requests, the last time with 503";

class ServerTrouble : public RunningCluster {
 protected:
  void comes_and_goes() { world_.tell(ServerSeen{.trouble = kTrouble}); }
  void is_steady() { world_.tell(ServerSeen{}); }
  const Condition& progressing() const { return world_.state().conditions.at("Progressing"); }
  void expect_wait() {
    EXPECT_EQ(asked(), std::vector<std::string>{});
    EXPECT_TRUE(waits_for().contains("the API server to be stable")) << waits_for();
    EXPECT_TRUE(waits_for().contains(kTrouble)) << waits_for();
  }
  void wants_another_template() {
    lags({});
    change(spec(3, kAnotherImage));
    (void)asked();
    for (const std::string& instance : instances_) template_is(instance, "two");
  }
  SpecObserved asking_to_switch(const std::string& type) {
    SpecObserved requested = spec(3, R"(,"patroni":{"switchover":{"enabled":true,"type":")" + type +
                                         R"(","targetInstance":")" + instances_[1] + "\"}}");
    requested.resource.insert(
        requested.resource.find(R"("name":"hippo")"),
        R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)");
    return requested;
  }
};

TEST_F(ServerTrouble, BeginsNoRollingUpdate) {
  comes_and_goes();
  wants_another_template();
  expect_wait();
  EXPECT_TRUE(progressing().status);
  is_steady();
  EXPECT_EQ(asked(), std::vector<std::string>{pod(1)});
}

TEST_F(ServerTrouble, HoldsTheNextStepOfOneThatGoesOn) {
  wants_another_template();
  EXPECT_EQ(asked(), std::vector<std::string>{pod(1)});
  comes_and_goes();
  ended(instances_[1]);
  runs(instances_[1], "two");
  expect_wait();
  EXPECT_EQ(progressing().reason, "RollingUpdate");
  EXPECT_TRUE(sentence(progressing().message).contains(kTrouble))
      << sentence(progressing().message);
  is_steady();
  EXPECT_EQ(asked(), std::vector<std::string>{pod(2)});
}

TEST_F(ServerTrouble, BeginsNoRestart) {
  comes_and_goes();
  for (const std::string& instance : instances_) {
    PodObserved pod = world_.state().pods.at(instance + "-0");
    pod.pending_restart = "max_connections 100 -> 200";
    world_.tell(pod);
  }
  expect_wait();
  is_steady();
  EXPECT_EQ(asked().front(), "postgres/" + instances_[1] + "-0");
}

TEST_F(ServerTrouble, BeginsNoSwitchoverButTheFailoverOfAPerson) {
  lags({});
  comes_and_goes();
  change(asking_to_switch("Switchover"));
  expect_wait();
  change(asking_to_switch("Failover"));
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/leader"}));
}

TEST_F(ServerTrouble, TakesNoInstanceAway) {
  lags({});
  comes_and_goes();
  change(spec(2));
  expect_wait();
  is_steady();
  EXPECT_FALSE(asked().empty());
}

TEST_F(ServerTrouble, IsNoWaitOfAClusterThatWantsNothing) {
  comes_and_goes();
  EXPECT_EQ(waits_for(), "");
  EXPECT_EQ(progressing().reason, "Settled");
}

TEST_F(ServerTrouble, OverduePointsAtTheApiServer) {
  comes_and_goes();
  wants_another_template();
  world_.pass(11min);
  world_.tell(TimerFired{});
  const Condition& stalled = world_.state().conditions.at("Stalled");
  EXPECT_TRUE(stalled.status);
  EXPECT_TRUE(sentence(stalled.message).contains("check the API server"))
      << sentence(stalled.message);
}

TEST_F(ServerTrouble, IsPartOfASnapshotAndUnknownToTheNextProcess) {
  comes_and_goes();
  const Result<DecodedSnapshot> read = decode_snapshot(encode_snapshot(world_.state()));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->state.server_trouble, kTrouble);
  world_.tell(OperatorStarted{.identity = "next", .state_carried_over = true});
  EXPECT_EQ(world_.state().server_trouble, "");
}

}  // namespace
}  // namespace annals::fsm

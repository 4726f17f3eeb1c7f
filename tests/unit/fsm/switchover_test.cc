// Another leader on request, and what is told of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "fsm/codec/state_codec.h"
#include "fsm/text/sentence.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

TEST_F(RunningCluster, RefusesASwitchoverToNobodyOnceAndGoesOn) {
  SpecObserved requested =
      spec(3, R"(,"patroni":{"switchover":{"enabled":true,"targetInstance":"x"}})");
  requested.resource.insert(
      requested.resource.find(R"("name":"hippo")"),
      R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)");
  change(requested);
  EXPECT_EQ(asked(), std::vector<std::string>{"event/InvalidSwitchover"});
  world_.tell(TimerFired{});
  EXPECT_EQ(asked(), std::vector<std::string>{});
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
}

// Patroni would refuse any other, as often as it is asked.
TEST_F(RunningCluster, InSynchronousModeHandsOverToASynchronousStandbyOnly) {
  lags({{instances_[2], 100}});
  world_.members[instances_[2] + "-0"] = "sync_standby streaming 100";
  SpecObserved requested = spec(
      3, R"(,"patroni":{"switchover":{"enabled":true,"targetInstance":")" + instances_[1] + "\"}}");
  const std::string trigger =
      R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)";
  requested.resource.insert(requested.resource.find(R"("name":"hippo")"), trigger);
  change(requested);
  EXPECT_EQ(asked(), std::vector<std::string>{"patroni/members"});
  EXPECT_EQ(waits_for(), "a replica that can become the primary instead of pod " + instances_[0] +
                             "-0: pod " + instances_[1] + "-0 is not a synchronous standby");
  world_.members[instances_[1] + "-0"] = "sync_standby streaming 0";
  world_.pass(11s);
  world_.tell(TimerFired{});
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/leader"}));
}

// A leader that is cut off does not answer for long, and nobody writes meanwhile.
TEST_F(RunningCluster, SaysWhatItWaitsForWhilePatroniHasNotAnswered) {
  lags({});
  SpecObserved requested = spec(3, R"(,"patroni":{"switchover":{"enabled":true}})");
  const std::string trigger =
      R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)";
  requested.resource.insert(requested.resource.find(R"("name":"hippo")"), trigger);
  requested.finalized = true;
  world_.silent = {"patroni/leader"};
  world_.tell(requested);
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/leader"}));
  const std::string hands_over =
      "pod " + instances_[0] + "-0 to hand over the primary role to pod " + instances_[1] + "-0";
  EXPECT_NE(world_.status.find("switchover is waiting for " + hands_over), std::string::npos)
      << world_.status;

  // Meanwhile Patroni has elected another, of whom the same is wanted next.
  leads(instances_[1]);
  requested.resource.replace(requested.resource.find("\"now\""), 5, R"("then")");
  world_.tell(requested);
  const std::string waits = "switchover is waiting for the answer of pod " + instances_[0] +
                            "-0 to the request to hand over the primary role to pod " +
                            instances_[1] + "-0";
  EXPECT_NE(world_.status.find(waits), std::string::npos) << world_.status;
}

// It leads, and PostgreSQL still leaves recovery: whoever handed over once is not asked to take it
// back.
TEST_F(RunningCluster, DoesNotHandOverAgainWhileTheNewPrimaryIsNotReady) {
  lags({});
  SpecObserved requested = spec(3, R"(,"patroni":{"switchover":{"enabled":true}})");
  const std::string trigger =
      R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)";
  requested.resource.insert(requested.resource.find(R"("name":"hippo")"), trigger);
  change(requested);
  ASSERT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/leader"}));
  PodObserved former = world_.state().pods.at(instances_[0] + "-0");
  former.role = "replica";
  PodObserved primary = world_.state().pods.at(instances_[1] + "-0");
  primary.role = "master";
  primary.ready = false;
  leader_ = instances_[1];
  world_.tell(former);
  world_.tell(primary);
  world_.pass(1min);
  world_.tell(TimerFired{});
  EXPECT_EQ(asked(), std::vector<std::string>{});
  EXPECT_EQ(waits_for(), "pod " + primary.name + " to be ready");
  primary.ready = true;
  world_.tell(primary);
  EXPECT_EQ(asked(), std::vector<std::string>{"event/SwitchedOver"});
}

TEST_F(RunningCluster, SaysThatTheInstanceToLeadHasNoPod) {
  lags({});
  ended(instances_[1]);
  asked();
  SpecObserved requested = spec(
      3, R"(,"patroni":{"switchover":{"enabled":true,"targetInstance":")" + instances_[1] + "\"}}");
  const std::string trigger =
      R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)";
  requested.resource.insert(requested.resource.find(R"("name":"hippo")"), trigger);
  change(requested);
  EXPECT_TRUE(waits_for().ends_with("instance " + instances_[1] + " has no pod")) << waits_for();
}

// What happened is told once for each time, however busy the API server is with the one before.
class RunningClusterThatTells : public RunningCluster {
 protected:
  void ask_for(const std::string& trigger, const std::string& target) {
    SpecObserved requested =
        spec(3, R"(,"patroni":{"switchover":{"enabled":true,"targetInstance":")" + target + "\"}}");
    requested.resource.insert(
        requested.resource.find(R"("name":"hippo")"),
        R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":")" + trigger +
            "\"},");
    requested.finalized = true;
    world_.tell_only(requested);
  }
  // The messages of Events that were asked for since, and not ended.
  std::vector<std::string> telling() const {
    std::vector<std::string> messages;
    for (const Intent& intent : world_.asked()) {
      const auto* event = std::get_if<EmitEvent>(&intent.action);
      if (event != nullptr) messages.push_back(sentence(event->message));
    }
    return messages;
  }
};

TEST_F(RunningClusterThatTells, TellsTheSecondAnswerWhenTheFirstIsOnItsWay) {
  ask_for("one", "x");
  ask_for("two", "y");
  ask_for("three", "x");
  ASSERT_EQ(telling().size(), 1U) << "one at a time";
  EXPECT_EQ(world_.state().event_outbox.size(), 3U);
  world_.carry_out();
  EXPECT_EQ(asked(), std::vector<std::string>(3, "event/InvalidSwitchover"));
  EXPECT_TRUE(world_.state().event_outbox.empty());
}

TEST_F(RunningClusterThatTells, TellsAgainWhatCouldNotBeTold) {
  world_.failures["event/InvalidSwitchover"] = "503 Service Unavailable";
  ask_for("one", "x");
  world_.carry_out();
  EXPECT_EQ(world_.state().event_outbox.size(), 1U);
  world_.failures.clear();
  world_.pass(2s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(asked(), std::vector<std::string>(2, "event/InvalidSwitchover"));
  EXPECT_TRUE(world_.state().event_outbox.empty());
}

TEST_F(RunningClusterThatTells, TellsTheSameEventAfterARestart) {
  ask_for("one", "x");
  const std::string digest = world_.state().event_outbox.front().digest;
  EXPECT_EQ(decode_snapshot(encode_snapshot(world_.state())).value().state.event_outbox,
            world_.state().event_outbox);
  world_.take_asked();
  world_.tell_only(OperatorStarted{.identity = "another", .journal_reset = false});
  world_.tell_only(Synced{});
  ASSERT_EQ(telling().size(), 1U);
  EXPECT_EQ(world_.state().event_outbox.front().digest, digest);
}

}  // namespace
}  // namespace annals::fsm

// A cluster with a primary that is to follow another one: only where somebody gives its writes up,
// and in order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/unit/fsm/shut_down_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kGiveUp = "postgres-operator.crunchydata.com/give-up-timeline";
constexpr std::int64_t kTimeline = 3;

class Demotion : public ShutDownCluster {
 protected:
  void SetUp() override {
    RunningCluster::SetUp();
    for (const std::string& instance : instances_) {
      PodObserved pod = world_.state().pods.at(instance + "-0");
      pod.timeline = kTimeline;
      world_.tell(pod);
    }
  }

  // It is to follow another cluster; `timeline` is what somebody gives up, empty for nothing.
  void ask(const std::string& timeline) {
    SpecObserved wanted = spec(3, R"(,"standby":{"host":"10.0.0.7"})");
    if (!timeline.empty())
      wanted.resource.insert(
          wanted.resource.find(R"("name":"hippo")"),
          std::string(R"("annotations":{")") + kGiveUp + R"(":")" + timeline + R"("},)");
    wanted.generation = ++generation_;
    change(wanted);
  }
  void take_back() {
    SpecObserved wanted = spec(3);
    wanted.generation = ++generation_;
    change(wanted);
  }
  std::string operation() const { return name_of(world_.state().operation); }
  std::string standby(bool words = false) const {
    const auto its = world_.state().conditions.find("Standby");
    if (its == world_.state().conditions.end()) return {};
    return words ? sentence(its->second.message) : its->second.reason;
  }
  // Written where Patroni keeps it; empty for nothing.
  std::string written() const {
    std::string last;
    for (const Intent& intent : world_.carried_out()) {
      const auto* its = std::get_if<WriteConfiguration>(&intent.action);
      if (its != nullptr) last = its->configuration;
    }
    return last;
  }

  std::int64_t generation_ = 1;
};

TEST_F(Demotion, IsNotDoneByTheSpecAlone) {
  ask("");
  EXPECT_EQ(operation(), "");
  EXPECT_EQ(standby(), "NotTakenUp");
  EXPECT_THAT(standby(true),
              AllOf(HasSubstr("on timeline 3"), HasSubstr(kGiveUp + std::string(" to \"3\""))));
}

// A manifest of before the last promotion is applied again.
TEST_F(Demotion, IsNotDoneByConsentToAnotherTimeline) {
  for (const char* timeline : {"2", "4", "03", "3 ", "yes"}) {
    ask(timeline);
    EXPECT_EQ(operation(), "") << timeline;
    EXPECT_EQ(standby(), "NotTakenUp") << timeline;
  }
}

TEST_F(Demotion, StopsReplicasThenThePrimaryWritesAndStartsWhoLedFirst) {
  ask("3");
  ASSERT_EQ(operation(), kDemotionName);
  EXPECT_EQ(standby(), "Demoting");
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  ended(instances_[1]);
  ended(instances_[2]);
  EXPECT_EQ(world_.state().stopped.size(), 3U);
  EXPECT_EQ(written(), "") << "the primary runs still";
  ended(instances_[0]);
  EXPECT_EQ(written(), "") << "there is no receipt of how it ended";
  job_succeeds();
  EXPECT_THAT(written(), HasSubstr(R"("standby_cluster":{"create_replica_methods")"));
  EXPECT_THAT(status(), HasSubstr(R"("shutdownReceipt":{"checkpoint":"0/5000028")"));
  EXPECT_EQ(standby(), "Following");
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  runs(instances_[0], "one");
  EXPECT_TRUE(world_.state().stopped.empty());
  EXPECT_EQ(operation(), "");
  EXPECT_THAT(asked(), Contains("event/StandbyDemoted"));
}

TEST_F(Demotion, TellsNothingToARunningPatroniMeanwhile) {
  asked();
  ask("3");
  EXPECT_THAT(asked(), Not(Contains(StartsWith(kPatroniTarget))));
}

TEST_F(Demotion, IsWithdrawnInTimeAndItsInstancesStartAsTheyWere) {
  ask("3");
  ended(instances_[1]);
  take_back();
  EXPECT_NE(operation(), kDemotionName);
  EXPECT_EQ(standby(), "");
  ended(instances_[2]);
  runs(instances_[1], "one");
  runs(instances_[2], "one");
  EXPECT_TRUE(world_.state().stopped.empty());
  EXPECT_EQ(written(), "");
  EXPECT_EQ(world_.state().conditions.at("Ready").reason, "PrimaryReady");
}

TEST_F(Demotion, KeepsItsReceiptWhileItFollows) {
  ask("3");
  for (const std::string& instance : {instances_[1], instances_[2], instances_[0]}) ended(instance);
  job_succeeds();
  runs(instances_[0], "one");
  ASSERT_EQ(operation(), "");
  world_.pass(24h);
  world_.tell(TimerFired{});
  EXPECT_THAT(status(), HasSubstr(R"("shutdownReceipt":{"checkpoint":"0/5000028")"));
}

// It ended uncleanly, or the volume is gone with its node.
TEST_F(Demotion, GoesOnWithoutAReceiptThatCannotBeMade) {
  ask("3");
  for (const std::string& instance : {instances_[1], instances_[2], instances_[0]}) ended(instance);
  job_fails(1, "in production");
  EXPECT_EQ(written(), "");
  world_.pass(2min);
  world_.tell(TimerFired{});
  EXPECT_THAT(written(), HasSubstr("standby_cluster"));
}

// It was shut down when the other one was promoted, and takes no writes in between.
TEST_F(Demotion, OfOneThatIsShutDownStartsNobodyAsAPrimary) {
  generation_ = 2;
  shut_down();
  job_succeeds();
  ASSERT_EQ(operation(), "shutdown");
  ask("3");
  EXPECT_THAT(written(), HasSubstr("standby_cluster"));
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  EXPECT_EQ(standby(), "Following");
}

// The answer was lost with the process, or a member held the lock.
TEST_F(Demotion, TriesAgainUntilItIsWritten) {
  world_.silent = {kPatroniTarget};
  ask("3");
  for (const std::string& instance : {instances_[1], instances_[2], instances_[0]}) ended(instance);
  job_succeeds();
  world_.silent.clear();
  EXPECT_EQ(standby(), "Demoting");
  world_.tell(OperatorStarted{.identity = "next", .journal_reset = false});
  world_.tell(Synced{});
  EXPECT_THAT(written(), HasSubstr("standby_cluster"));
  EXPECT_EQ(standby(), "Following");
}

}  // namespace
}  // namespace annals::fsm

// Replicas that do not come back to their leader by themselves.
#include "fsm/machines/stalled_replicas.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "base/concat.h"
#include "fsm/machines/renewal.h"
#include "fsm/text/sentence.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kLeft = "in archive recovery";

class StalledReplicas : public RunningCluster {
 protected:
  // Of the certificates: then nothing else is waited for.
  std::optional<Timestamp> next_check() const {
    return world_.state().certificates_checked.value() + kCertificatesChecked;
  }
  void member_is(std::size_t i, const std::string& member, bool ready = true) {
    PodObserved pod = world_.state().pods.at(instances_[i] + "-0");
    pod.member = member;
    pod.ready = ready;
    if (member == "starting") pod.role.clear();
    world_.tell(pod);
  }
  void after(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  int times_asked(const std::string& target) {
    return static_cast<int>(std::ranges::count(asked(), target));
  }
  std::vector<const Decision*> decided(const std::string& transition) const {
    std::vector<const Decision*> found;
    for (const Decision& decision : world_.decisions()) {
      if (decision.machine == "stalled-replicas" && decision.transition == transition)
        found.push_back(&decision);
    }
    return found;
  }
  // Until two looks have shown the same.
  void stalls(std::size_t i, int lag) {
    lags({{instances_[i], lag}});
    member_is(i, kLeft);
    after(3min);
    after(2min);
  }
};

TEST_F(StalledReplicas, OneThatDoesNotGetNearerIsMadeAnewAndComesBack) {
  stalls(1, 4096);
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/members", pod(1),
                                               "event/ReplicaNotStreaming"}));
  const auto made_anew = decided("remake-pod");
  ASSERT_EQ(made_anew.size(), 1U);
  EXPECT_NE(sentence(made_anew[0]->reason)
                .find("pod " + instances_[1] + "-0: it replays WAL from the archive"),
            std::string::npos);
  ended(instances_[1]);
  runs(instances_[1], "one");
  after(1h);
  EXPECT_EQ(asked(), std::vector<std::string>{});
  EXPECT_EQ(next_due(world_.state()), next_check());
}

TEST_F(StalledReplicas, OneThatCatchesUpIsLeftAlone) {
  member_is(1, kLeft);
  for (const int lag : {900'000'000, 500'000'000, 499'999'999, 1000, 0}) {
    lags({{instances_[1], lag}});
    after(3min);
  }
  EXPECT_EQ(times_asked(pod(1)), 0);
  member_is(1, "streaming");
  EXPECT_EQ(next_due(world_.state()), next_check());
}

TEST_F(StalledReplicas, OnlyThePodThatIsStillAReplicaIsEnded) {
  lags({{instances_[1], 10}});
  member_is(1, kLeft);
  after(3min);
  world_.pass(2min);
  world_.silent.insert(pod(1));
  world_.tell(TimerFired{});
  const auto& pending = world_.state().pending;
  const auto found = std::ranges::find_if(pending, [](const auto& entry) {
    return std::holds_alternative<DeleteObject>(entry.second);
  });
  ASSERT_NE(found, pending.end());
  const DeleteObject& deletion = std::get<DeleteObject>(found->second);
  EXPECT_EQ(deletion.precondition, "replica");
  EXPECT_EQ(deletion.digest, world_.state().pods.at(instances_[1] + "-0").uid);
  EXPECT_EQ(sentence(deletion.guard.other_copy), concat("pod ", instances_[0], "-0"));
}

TEST_F(StalledReplicas, ThreeTimesInVainAreEnough) {
  for (int i = 0; i < 3; ++i) {
    stalls(1, 7);
    ended(instances_[1]);
    runs(instances_[1], "one", false);
    after(30min);
  }
  EXPECT_EQ(decided("remake-pod").size(), 3U);
  stalls(1, 7);
  for (int i = 0; i < 10; ++i) after(1h);
  EXPECT_EQ(decided("remake-pod").size(), 3U);
  EXPECT_EQ(decided("give-up").size(), 1U);
  EXPECT_EQ(next_due(world_.state()), next_check());
}

TEST_F(StalledReplicas, OneAtATime) {
  lags({{instances_[1], 7}, {instances_[2], 9}});
  member_is(1, kLeft);
  member_is(2, kLeft);
  after(3min);
  after(2min);
  EXPECT_EQ(decided("remake-pod").size(), 1U);
  ended(instances_[1]);
  runs(instances_[1], "one", false);
  after(2min);
  EXPECT_EQ(decided("remake-pod").size(), 1U);
  member_is(1, "streaming");
  after(2min);
  EXPECT_EQ(decided("remake-pod").size(), 2U);
}

TEST_F(StalledReplicas, WithoutALeaderNobodyCanFollow) {
  member_is(1, kLeft);
  PodObserved leader = world_.state().pods.at(instances_[0] + "-0");
  leader.ready = false;
  world_.tell(leader);
  for (int i = 0; i < 5; ++i) after(10min);
  EXPECT_EQ(asked(), std::vector<std::string>{});
  // From here on it has its time.
  leads(instances_[0]);
  leader = world_.state().pods.at(instances_[0] + "-0");
  leader.ready = true;
  world_.tell(leader);
  lags({{instances_[1], 7}});
  member_is(1, kLeft);
  after(2min);
  EXPECT_EQ(asked(), std::vector<std::string>{});
}

TEST_F(StalledReplicas, AStandbyClusterMayLiveByItsArchive) {
  change(spec(3, R"(,"standby":{"enabled":true,"host":"elsewhere"})"));
  ObjectObserved store = known(World::ref("Endpoints", "hippo-ha-config"));
  store.fields.patroni.edit().standby = "true";
  world_.tell(store);
  (void)asked();
  for (const std::size_t i : {1U, 2U}) stalls(i, 7);
  EXPECT_TRUE(decided("remake-pod").empty());
}

TEST_F(StalledReplicas, OneThatStartsGetsACheckpointOfItsLeader) {
  member_is(1, "starting", false);
  after(59s);
  EXPECT_EQ(times_asked(kCheckpointTarget), 0);
  after(1s);
  EXPECT_EQ(times_asked(kCheckpointTarget), 1);
  ended(instances_[1]);
  runs(instances_[1], "one");
  after(1h);
  EXPECT_EQ(times_asked(kCheckpointTarget), 0);
}

TEST_F(StalledReplicas, OneThatStartsForHoursGetsThree) {
  member_is(1, "starting", false);
  int checkpoints = 0;
  for (int i = 0; i < 100; ++i) {
    after(1min);
    checkpoints += times_asked(kCheckpointTarget);
  }
  EXPECT_EQ(checkpoints, 3);
  EXPECT_EQ(next_due(world_.state()), next_check());
}

TEST_F(StalledReplicas, ALeaderThatCannotBeAskedIsAskedAgain) {
  world_.failures[kCheckpointTarget] = "no answer";
  member_is(1, "starting", false);
  after(1min);
  EXPECT_EQ(times_asked(kCheckpointTarget), 1);
  world_.failures.clear();
  after(2min);
  EXPECT_EQ(times_asked(kCheckpointTarget), 1);
}

}  // namespace
}  // namespace annals::fsm

// Operations on a cluster that runs: what is done, in which order, and what is not.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "fsm/rolling_update.h"
#include "fsm/scale_down.h"
#include "fsm/state_codec.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::Test;

class RunningCluster : public Test {
 protected:
  // Three instances run, the first leads and the others stream.
  void SetUp() override {
    world_.start(spec(3));
    instances_ = world_.state().instances.at("instance1");
    std::ranges::sort(instances_);
    for (const std::string& instance : instances_) template_is(instance, "one");
    for (const std::string& instance : instances_) runs(instance, "one");
    world_.patroni_stores("anything");
    world_.tell(TimerFired{});
    ASSERT_EQ(world_.state().phase, ProvisionPhase::kDone);
    seen_ = world_.history().size();
  }

  static SpecObserved spec(int replicas, const std::string& more = {}) {
    SpecObserved spec = World::hippo();
    const std::string one = R"("name":"instance1",)";
    spec.resource.insert(spec.resource.find(one),
                         R"("replicas":)" + std::to_string(replicas) + ",");
    spec.resource.insert(spec.resource.size() - 2, more);
    return spec;
  }
  void change(const SpecObserved& wanted) {
    SpecObserved now = wanted;
    now.finalized = true;
    world_.tell(now);
  }

  // What the controller says of the next pod's template, and the objects of an instance.
  void template_is(const std::string& instance, const std::string& revision) {
    ObjectObserved runner = known(World::ref("StatefulSet", instance, "apps/v1"));
    runner.fields = {{"instance-set", "instance1"}, {"instance", instance}, {"revision", revision}};
    world_.tell(runner);
    ObjectObserved volume = known(World::ref("PersistentVolumeClaim", instance + "-pgdata"));
    volume.fields = {{"instance-set", "instance1"}, {"instance", instance}};
    world_.tell(volume);
  }
  ObjectObserved known(const ObjectRef& ref) { return world_.state().objects.at(ref); }

  void runs(const std::string& instance, const std::string& revision, bool ready = true) {
    PodObserved pod;
    pod.instance = instance;
    pod.name = instance + "-0";
    pod.uid = "uid-of-Pod/" + pod.name + std::to_string(++made_[instance]);
    pod.phase = "Running";
    pod.node = "node-" + instance;
    const bool leads = instance == leader_ || (leader_.empty() && instance == instances_.front());
    pod.role = leads ? "master" : "replica";
    pod.member = leads ? "running" : "streaming";
    pod.ready = ready;
    pod.revision = revision;
    world_.tell(pod);
  }
  void ended(const std::string& instance) {
    const PodObserved pod = world_.state().pods.at(instance + "-0");
    world_.tell(PodGone{.name = pod.name, .uid = pod.uid});
  }
  void leads(const std::string& instance) {
    leader_ = instance;
    for (const std::string& each : instances_) {
      PodObserved pod = world_.state().pods.at(each + "-0");
      pod.role = each == instance ? "master" : "replica";
      pod.member = each == instance ? "running" : "streaming";
      world_.tell(pod);
    }
  }
  // What Patroni says when it is asked: how far each replica is behind.
  void lags(const std::map<std::string, int>& bytes) {
    std::map<std::string, std::string>& fields = world_.answers["patroni/members"];
    fields.clear();
    for (const std::string& each : instances_) {
      const auto behind = bytes.find(each);
      const int lag = behind == bytes.end() ? 0 : behind->second;
      const bool leads = each == (leader_.empty() ? instances_.front() : leader_);
      fields[each + "-0"] = leads ? "leader running -" : "replica streaming " + std::to_string(lag);
    }
  }

  // Targets since the last call, but for what is told to people.
  std::vector<std::string> asked() {
    std::vector<std::string> targets;
    for (; seen_ < world_.history().size(); ++seen_) {
      const std::string& target = world_.history()[seen_];
      if (!target.ends_with("/status")) targets.push_back(target);
    }
    return targets;
  }
  std::string pod(std::size_t i) const { return "Pod/" + instances_[i] + "-0"; }
  std::string waits_for() const {
    return world_.state().blocker ? world_.state().blocker->waits_for : "";
  }

  World world_;
  std::vector<std::string> instances_;  // by name
  std::string leader_;
  std::map<std::string, int> made_;
  std::size_t seen_ = 0;
};

constexpr const char* kImage = R"(,"image":"postgres:two")";

class RollingUpdateOf : public RunningCluster {
 protected:
  void SetUp() override {
    RunningCluster::SetUp();
    lags({});
    change(spec(3, kImage));
    (void)asked();
    for (const std::string& instance : instances_) template_is(instance, "two");
  }
};

TEST_F(RollingUpdateOf, ThreeInstancesTakesReplicasOneByOneAndTheLeaderLast) {
  EXPECT_EQ(asked(), std::vector<std::string>{pod(1)});
  ended(instances_[1]);
  EXPECT_EQ(asked(), std::vector<std::string>{});
  runs(instances_[1], "two");
  EXPECT_EQ(asked(), std::vector<std::string>{pod(2)});
  ended(instances_[2]);
  runs(instances_[2], "two");
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/leader"}));
  leads(instances_[1]);
  EXPECT_EQ(asked(), std::vector<std::string>{pod(0)});
  ended(instances_[0]);
  runs(instances_[0], "two");
  EXPECT_EQ(asked(), std::vector<std::string>{});
  EXPECT_EQ(name_of(world_.state().operation), "");
  EXPECT_TRUE(world_.has_decided("complete"));
}

TEST_F(RollingUpdateOf, ThreeInstancesSaysWhoseTurnComesWhen) {
  const std::vector<std::string> turns{instances_[1] + "-0", instances_[2] + "-0",
                                       instances_[0] + "-0"};
  EXPECT_EQ(pods_to_update(world_.state()), turns);
  ended(instances_[1]);
  runs(instances_[1], "two");
  EXPECT_EQ(pods_to_update(world_.state()), (std::vector<std::string>{turns[1], turns[2]}));
}

TEST_F(RollingUpdateOf, ThreeInstancesStopsAtTheFirstThatIsNotReadyAndGoesOnWithTheNextSpec) {
  ended(instances_[1]);
  runs(instances_[1], "two", false);
  (void)asked();
  world_.pass(1h);
  world_.tell(TimerFired{});
  EXPECT_EQ(asked(), std::vector<std::string>{});
  EXPECT_NE(waits_for().find(instances_[1]), std::string::npos) << waits_for();
  change(spec(3, R"(,"image":"postgres:three")"));
  (void)asked();
  for (const std::string& instance : instances_) template_is(instance, "three");
  EXPECT_EQ(asked(), std::vector<std::string>{pod(1)});
}

TEST_F(RollingUpdateOf, ThreeInstancesNamesTheFieldItsValuesAndItsWriter) {
  const auto& decisions = world_.decisions();
  const auto remake = std::ranges::find(decisions, "remake-pod", &Decision::transition);
  ASSERT_NE(remake, decisions.end());
  EXPECT_NE(remake->reason.find("spec.image nothing -> postgres:two by kubectl"), std::string::npos)
      << remake->reason;
}

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

TEST_F(RunningCluster, ScaledDownLosesTheReplicaThatIsMostBehind) {
  lags({{instances_[1], 5'000}, {instances_[2], 10}});
  change(spec(2));
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "StatefulSet/" + instances_[1]}));
  ASSERT_TRUE(world_.state().retired.contains(instances_[1]));
  ended(instances_[1]);
  for (const std::string& target : asked())
    EXPECT_FALSE(target.starts_with("PersistentVolumeClaim/")) << target;
  EXPECT_TRUE(world_.state().conditions.contains("RemovedVolumesKept"));
  world_.pass(25h);
  world_.tell(TimerFired{});
  EXPECT_EQ(asked(),
            std::vector<std::string>{"PersistentVolumeClaim/" + instances_[1] + "-pgdata"});
  EXPECT_TRUE(world_.state().retired.empty());
}

TEST_F(RunningCluster, ScaledUpAgainComesBackToItsVolumes) {
  lags({});
  change(spec(2));
  ASSERT_EQ(world_.state().retired.size(), 1U);
  const std::string gone = world_.state().retired.begin()->first;
  ended(gone);
  change(spec(3));
  EXPECT_EQ(std::ranges::count(world_.state().instances.at("instance1"), gone), 1);
  EXPECT_TRUE(world_.state().retired.empty());
}

TEST_F(RunningCluster, ScaledDownToOneKeepsTheLeader) {
  lags({});
  change(spec(1));
  ended(instances_[2]);
  ended(instances_[1]);
  EXPECT_EQ(world_.state().instances.at("instance1"), std::vector<std::string>{instances_[0]});
  for (const std::string& target : asked()) EXPECT_NE(target, "patroni/leader");
}

TEST_F(RunningCluster, RestartsReplicasFirstUnlessAValueGoesDown) {
  for (const bool down : {false, true}) {
    for (const std::string& instance : instances_) {
      PodObserved pod = world_.state().pods.at(instance + "-0");
      pod.pending_restart = down ? "max_connections 200 -> 100" : "max_connections 100 -> 200";
      world_.tell_only(pod);
    }
    world_.carry_out();
    const std::vector<std::string> order = asked();
    ASSERT_FALSE(order.empty());
    EXPECT_EQ(order.front(), "postgres/" + instances_[down ? 0 : 1] + "-0");
    for (const std::string& instance : instances_) {
      PodObserved pod = world_.state().pods.at(instance + "-0");
      pod.pending_restart.clear();
      world_.tell(pod);
    }
    (void)asked();
    EXPECT_EQ(name_of(world_.state().operation), "");
  }
}

TEST_F(RunningCluster, RefusesASwitchoverToNobodyOnceAndGoesOn) {
  SpecObserved wish = spec(3, R"(,"patroni":{"switchover":{"enabled":true,"targetInstance":"x"}})");
  wish.resource.insert(
      wish.resource.find(R"("name":"hippo")"),
      R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)");
  change(wish);
  EXPECT_EQ(asked(), std::vector<std::string>{"event/InvalidSwitchover"});
  world_.tell(TimerFired{});
  EXPECT_EQ(asked(), std::vector<std::string>{});
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
}

// Patroni would refuse any other, as often as it is asked.
TEST_F(RunningCluster, InSynchronousModeHandsOverToASynchronousStandbyOnly) {
  lags({{instances_[2], 100}});
  world_.answers["patroni/members"][instances_[2] + "-0"] = "sync_standby streaming 100";
  SpecObserved wish = spec(
      3, R"(,"patroni":{"switchover":{"enabled":true,"targetInstance":")" + instances_[1] + "\"}}");
  const std::string trigger =
      R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)";
  wish.resource.insert(wish.resource.find(R"("name":"hippo")"), trigger);
  change(wish);
  EXPECT_EQ(asked(), std::vector<std::string>{"patroni/members"});
  EXPECT_EQ(waits_for(), "a member that can lead instead of pod " + instances_[0] + "-0: pod " +
                             instances_[1] + "-0 is not the synchronous standby");
  world_.answers["patroni/members"][instances_[1] + "-0"] = "sync_standby streaming 0";
  world_.pass(11s);
  world_.tell(TimerFired{});
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/leader"}));
}

// A leader that is cut off does not answer for long, and nobody writes meanwhile.
TEST_F(RunningCluster, SaysWhatItWaitsForWhilePatroniHasNotAnswered) {
  lags({});
  SpecObserved wish = spec(3, R"(,"patroni":{"switchover":{"enabled":true}})");
  const std::string trigger =
      R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"now"},)";
  wish.resource.insert(wish.resource.find(R"("name":"hippo")"), trigger);
  wish.finalized = true;
  world_.silent = {"patroni/leader"};
  world_.tell(wish);
  EXPECT_EQ(asked(), (std::vector<std::string>{"patroni/members", "patroni/leader"}));
  const std::string hands_over =
      "pod " + instances_[0] + "-0 to hand over to pod " + instances_[1] + "-0";
  EXPECT_NE(world_.status.find("switchover waits for " + hands_over), std::string::npos)
      << world_.status;

  // Meanwhile Patroni has elected another, of whom the same is wanted next.
  leads(instances_[1]);
  wish.resource.replace(wish.resource.find("\"now\""), 5, R"("then")");
  world_.tell(wish);
  const std::string waits = "switchover waits for an answer of pod " + instances_[0] +
                            "-0, which was asked to hand over to pod " + instances_[1] + "-0";
  EXPECT_NE(world_.status.find(waits), std::string::npos) << world_.status;
}

// What happened is told once for each time, however busy the API server is with the one before.
class RunningClusterThatTells : public RunningCluster {
 protected:
  void ask_for(const std::string& trigger, const std::string& target) {
    SpecObserved wish =
        spec(3, R"(,"patroni":{"switchover":{"enabled":true,"targetInstance":")" + target + "\"}}");
    wish.resource.insert(
        wish.resource.find(R"("name":"hippo")"),
        R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":")" + trigger +
            "\"},");
    wish.finalized = true;
    world_.tell_only(wish);
  }
  // The messages of Events that were asked for since, and not ended.
  std::vector<std::string> telling() const {
    std::vector<std::string> messages;
    for (const Intent& intent : world_.asked()) {
      const auto* event = std::get_if<EmitEvent>(&intent.action);
      if (event != nullptr) messages.push_back(event->message);
    }
    return messages;
  }
};

TEST_F(RunningClusterThatTells, TellsTheSecondAnswerWhenTheFirstIsOnItsWay) {
  ask_for("one", "x");
  ask_for("two", "y");
  ask_for("three", "x");
  ASSERT_EQ(telling().size(), 1U) << "one at a time";
  EXPECT_EQ(world_.state().untold.size(), 3U);
  world_.carry_out();
  EXPECT_EQ(asked(), std::vector<std::string>(3, "event/InvalidSwitchover"));
  EXPECT_TRUE(world_.state().untold.empty());
}

TEST_F(RunningClusterThatTells, TellsAgainWhatCouldNotBeTold) {
  world_.failures["event/InvalidSwitchover"] = "503 Service Unavailable";
  ask_for("one", "x");
  world_.carry_out();
  EXPECT_EQ(world_.state().untold.size(), 1U);
  world_.failures.clear();
  world_.pass(2s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(asked(), std::vector<std::string>(2, "event/InvalidSwitchover"));
  EXPECT_TRUE(world_.state().untold.empty());
}

TEST_F(RunningClusterThatTells, TellsTheSameEventAfterARestart) {
  ask_for("one", "x");
  const std::string digest = world_.state().untold.front().digest;
  EXPECT_EQ(decode_snapshot(encode_snapshot(world_.state())).value().state.untold,
            world_.state().untold);
  world_.take_asked();
  world_.tell_only(OperatorStarted{.identity = "another", .journal_reset = false});
  world_.tell_only(Synced{});
  ASSERT_EQ(telling().size(), 1U);
  EXPECT_EQ(world_.state().untold.front().digest, digest);
}

TEST_F(RunningCluster, StopsReplicasThenTheLeaderAndStartsTheLeaderFirst) {
  change(spec(3, R"(,"shutdown":true)"));
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  ended(instances_[1]);
  // Nothing else may happen for hours: the decision and the write come of the same event.
  const PodObserved last = world_.state().pods.at(instances_[2] + "-0");
  world_.tell_only(PodGone{.name = last.name, .uid = last.uid});
  EXPECT_TRUE(world_.state().stopped.contains(instances_[0]));
  EXPECT_TRUE(std::ranges::any_of(world_.asked(), [&](const Intent& intent) {
    return target_of(intent.action) == "StatefulSet/" + instances_[0];
  }));
  world_.carry_out();
  ended(instances_[0]);
  EXPECT_EQ(world_.state().conditions.at("Ready").reason, "Shutdown");
  change(spec(3));
  EXPECT_EQ(world_.state().stopped, (std::set<std::string>{instances_[1], instances_[2]}));
  runs(instances_[0], "one");
  EXPECT_TRUE(world_.state().stopped.empty());
}

// PostgreSQL reads archived WAL before it leads.
class StoppedCluster : public testing::Test {
 protected:
  void SetUp() override {
    world_.start(spec(false));
    world_.primary_is_ready();
    world_.patroni_stores("anything");
    world_.repository_host_is_ready();
    world_.tell(spec(true));
    for (const char* pod : {"", "hippo-repo-host-0"}) {
      const std::string name = *pod == 0 ? instance() + "-0" : pod;
      world_.tell(PodGone{.name = name, .uid = world_.state().pods.at(name).uid});
    }
    ASSERT_TRUE(world_.state().stopped.contains(instance()));
    world_.tell(spec(false));
  }
  static SpecObserved spec(bool shutdown) {
    SpecObserved spec = World::hippo_with_backups();
    spec.finalized = true;
    if (shutdown) spec.resource.insert(spec.resource.size() - 2, R"(,"shutdown":true)");
    return spec;
  }
  std::string instance() const { return world_.state().instances.at("instance1").front(); }

  World world_;
};

TEST_F(StoppedCluster, StartsItsInstanceWhenTheRepositoryHostIsReady) {
  EXPECT_TRUE(world_.state().stopped.contains(instance()));
  world_.repository_host_is_ready();
  EXPECT_FALSE(world_.state().stopped.contains(instance()));
}

TEST_F(StoppedCluster, DoesNotWaitForARepositoryHostForEver) {
  world_.pass(1min);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_FALSE(world_.state().stopped.contains(instance()));
}

TEST_F(RunningCluster, KeepsAVolumeThatIsToShrinkAndSaysSo) {
  ObjectObserved volume = known(World::ref("PersistentVolumeClaim", instances_[0] + "-pgdata"));
  volume.fields["requested"] = "2Gi";
  world_.answers["PersistentVolumeClaim/" + instances_[0] + "-pgdata"] = volume.fields;
  world_.tell(volume);
  (void)asked();
  world_.tell(TimerFired{});
  const Condition& condition = world_.state().conditions.at("PersistentVolumeResizeError");
  EXPECT_NE(condition.message.find("volumes do not shrink"), std::string::npos);
  EXPECT_EQ(name_of(world_.state().operation), "");
}

TEST_F(RunningCluster, GoesOnWhenAVolumeMayNotGrow) {
  for (const std::string& instance : instances_) {
    world_.failures["PersistentVolumeClaim/" + instance + "-pgdata"] =
        "persistentvolumeclaims is forbidden: the storageclass must support resize";
  }
  SpecObserved larger = spec(3, kImage);
  const std::size_t size = larger.resource.find("1Gi");
  larger.resource.replace(size, 3, "5Gi");
  lags({});
  change(larger);
  for (const std::string& instance : instances_) template_is(instance, "two");
  EXPECT_EQ(name_of(world_.state().operation), "rolling-update");
  EXPECT_TRUE(world_.state().conditions.contains("PersistentVolumeResizeError"));
  EXPECT_EQ(world_.state().refused.size(), 3U);
  (void)asked();
  world_.pass(1min);
  world_.tell(TimerFired{});
  EXPECT_EQ(asked().size(), 3U) << "it may be granted by now";
  EXPECT_TRUE(world_.state().conditions.contains("PersistentVolumeResizeError"));
  world_.failures.clear();
  world_.pass(1min);
  world_.tell(TimerFired{});
  EXPECT_TRUE(world_.state().refused.empty());
  EXPECT_TRUE(world_.state().retries.empty());
  EXPECT_FALSE(world_.state().conditions.contains("PersistentVolumeResizeError"));
}

}  // namespace
}  // namespace annals::fsm

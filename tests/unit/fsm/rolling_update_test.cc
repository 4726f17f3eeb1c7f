// Another template: replicas one by one, then the leader, after it has handed over.
#include "fsm/operations/rolling_update.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "base/concat.h"
#include "fsm/text/sentence.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

class RollingUpdateOf : public RunningCluster {
 protected:
  void SetUp() override {
    RunningCluster::SetUp();
    lags({});
    change(spec(3, kAnotherImage));
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
  EXPECT_NE(sentence(remake->reason).find("spec.image nothing -> postgres:two by kubectl"),
            std::string::npos)
      << sentence(remake->reason);
}

// The same with a repository on a volume, and so with a host for it.
class RollingUpdateWithARepositoryHost : public RunningCluster {
 protected:
  static constexpr const char* kHost = "hippo-repo-host";

  static std::string more(const std::string& image) {
    return image +
           R"(,"backups":{"pgbackrest":{"repos":[{"name":"repo1","volume":{"volumeClaimSpec":)"
           R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}}]}})";
  }
  void SetUp() override {
    RunningCluster::SetUp();
    lags({});
    change(spec(3, more("")));
    all_templates_are("one");
    host_runs("one", true);
    change(spec(3, more(kAnotherImage)));
    world_.take_asked();
  }
  void all_templates_are(const std::string& revision) {
    ObjectObserved runner = known(World::ref("StatefulSet", kHost, "apps/v1"));
    runner.fields = {.stateful_set = {{.revision = revision}}};
    world_.tell(runner);
    for (const std::string& instance : instances_) template_is(instance, revision);
  }
  void host_runs(const std::string& revision, bool ready) {
    PodObserved pod;
    pod.name = concat(kHost, "-0");
    pod.uid = concat("uid-of-host-", revision);
    pod.phase = "Running";
    pod.ready = ready;
    pod.revision = revision;
    world_.tell(pod);
  }
  std::vector<std::string> pods_asked() {
    std::vector<std::string> targets = asked();
    std::erase_if(targets, [](const std::string& target) { return !target.starts_with("Pod/"); });
    return targets;
  }
  void is_made_anew(std::size_t i) {
    ended(instances_[i]);
    runs(instances_[i], "two");
  }
};

TEST_F(RollingUpdateWithARepositoryHost, TheHostComesLastSinceALeaderThatStopsArchives) {
  (void)asked();
  all_templates_are("two");
  EXPECT_EQ(pods_to_update(world_.state()).back(), concat(kHost, "-0"));
  is_made_anew(1);
  is_made_anew(2);
  leads(instances_[1]);
  EXPECT_EQ(pods_asked(), (std::vector<std::string>{pod(1), pod(2), pod(0)}));
  is_made_anew(0);
  EXPECT_EQ(pods_asked(), std::vector<std::string>{concat("Pod/", kHost, "-0")});
  EXPECT_FALSE(world_.has_decided("complete")) << "its pod has not ended";
  world_.tell(PodGone{.name = concat(kHost, "-0"), .uid = "uid-of-host-one"});
  host_runs("two", true);
  EXPECT_EQ(pods_asked(), std::vector<std::string>{});
  EXPECT_TRUE(world_.has_decided("complete"));
}

TEST_F(RollingUpdateWithARepositoryHost, AHostThatIsNotReadyIsMadeAnewFirstAndNobodyWaitsForIt) {
  host_runs("one", false);
  (void)asked();
  all_templates_are("two");
  EXPECT_EQ(pods_asked(), (std::vector<std::string>{concat("Pod/", kHost, "-0"), pod(1)}));
}

}  // namespace
}  // namespace annals::fsm

// Volumes that are to grow, or to shrink.
#include <gtest/gtest.h>

#include <chrono>

#include "fsm/text/sentence.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

TEST_F(RunningCluster, KeepsAVolumeThatIsToShrinkAndSaysSo) {
  ObjectObserved volume = known(World::ref("PersistentVolumeClaim", instances_[0] + "-pgdata"));
  volume.fields.claim.edit().requested = "2Gi";
  world_.answers["PersistentVolumeClaim/" + instances_[0] + "-pgdata"] = volume.fields;
  world_.tell(volume);
  (void)asked();
  world_.tell(TimerFired{});
  const Condition& condition = world_.state().conditions.at("PersistentVolumeResizeError");
  EXPECT_NE(sentence(condition.message).find("volumes cannot shrink"), std::string::npos);
  EXPECT_EQ(name_of(world_.state().operation), "");
}

// Kubernetes 1.20 and 1.37 say the same in different words.
TEST_F(RunningCluster, KnowsARefusedVolumeByCodeAndFieldAndNotByWords) {
  const std::vector<std::pair<std::pair<int, std::string>, bool>> answers{
      {{403, ""}, true},
      {{422, "spec"}, true},
      {{422, "spec.resources.requests.storage"}, true},
      {{422, "metadata.labels"}, false},
      {{500, ""}, false}};
  const std::string target = "PersistentVolumeClaim/" + instances_[0] + "-pgdata";
  int size = 1;
  for (const auto& [answer, refused] : answers) {
    world_.failures[target] = "Forbidden is only a word";
    world_.refusals[target] = answer;
    SpecObserved larger = spec(3);
    larger.resource.replace(larger.resource.find("1Gi"), 3, std::to_string(++size) + "Gi");
    change(larger);
    EXPECT_EQ(world_.state().refused.contains(target), refused)
        << answer.first << " " << answer.second;
    world_.failures.clear();
    change(spec(3));
  }
}

TEST_F(RunningCluster, GoesOnWhenAVolumeMayNotGrow) {
  for (const std::string& instance : instances_) {
    world_.failures["PersistentVolumeClaim/" + instance + "-pgdata"] =
        "persistentvolumeclaims is forbidden: the storageclass must support resize";
  }
  SpecObserved larger = spec(3, kAnotherImage);
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

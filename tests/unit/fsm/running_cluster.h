// A cluster of three instances that runs, for the tests of what is done to it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {

class RunningCluster : public testing::Test {
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
    asked();
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
    runner.fields = {.instance = {{.set = "instance1", .name = instance}},
                     .stateful_set = {{.revision = revision}}};
    world_.tell(runner);
    ObjectObserved volume = known(World::ref("PersistentVolumeClaim", instance + "-pgdata"));
    volume.fields = {.instance = {{.set = "instance1", .name = instance}}};
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
    world_.members.clear();
    for (const std::string& each : instances_) {
      const auto behind = bytes.find(each);
      const int lag = behind == bytes.end() ? 0 : behind->second;
      const bool leads = each == (leader_.empty() ? instances_.front() : leader_);
      world_.members[each + "-0"] =
          leads ? "leader running -" : "replica streaming " + std::to_string(lag);
    }
  }

  std::vector<std::string> asked() { return world_.new_targets(); }
  std::string pod(std::size_t i) const { return "Pod/" + instances_[i] + "-0"; }
  std::string waits_for() const {
    const Blocker* blocker = first_blocker(world_.state());
    return blocker != nullptr ? sentence(blocker->waits_for) : "";
  }

  World world_;
  std::vector<std::string> instances_;  // by name
  std::string leader_;
  std::map<std::string, int> made_;
};

// Of the spec, for another template.
inline constexpr const char* kAnotherImage = R"(,"image":"postgres:two")";

}  // namespace annals::fsm

// In which kind of objects Patroni keeps its state, and that nothing changes it under a pod.
#include "fsm/view/patroni_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fsm/model/behaviour.h"
#include "fsm/text/sentence.h"
#include "fsm/view/rendering.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

constexpr const char* kSystem = "8000000000000000001";

SpecObserved with_store(const std::string& store, SpecObserved spec) {
  if (store.empty()) return spec;
  const std::string metadata = R"("metadata":{)";
  spec.resource.insert(
      spec.resource.find(metadata) + metadata.size(),
      R"("annotations":{"postgres-operator.crunchydata.com/patroni-store":")" + store + R"("},)");
  return spec;
}

std::vector<std::string> names_of(const std::vector<ObjectRef>& stores) {
  std::vector<std::string> names;
  for (const ObjectRef& store : stores) names.push_back(to_string(store));
  return names;
}

class PatroniStore : public RunningCluster {
 protected:
  void SetUp() override {}
  // A cluster of two that is made with this annotation, and runs.
  void make(const std::string& store) {
    world_.start(with_store(store, spec(2)));
    instances_ = world_.state().instances.at("instance1");
    std::ranges::sort(instances_);
    for (const std::string& instance : instances_) template_is(instance, "one");
    for (const std::string& instance : instances_) runs(instance, "one");
    is_stored(store == "configmaps" ? "ConfigMap" : "Endpoints");
    world_.tell(TimerFired{});
    EXPECT_EQ(world_.state().phase, ProvisionPhase::kDone);
    asked();
  }
  // What the operator lists comes in between.
  void begin() {
    world_.tell(OperatorStarted{.identity = "test", .journal_reset = true});
    world_.tell(OperatorConfigured{.version = "test",
                                   .name_space = "operators",
                                   .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"}},
                                   .behaviour = kBehaviour});
  }
  void meet(const SpecObserved& spec) {
    world_.tell(spec);
    world_.tell(Synced{});
  }
  void is_stored(const std::string& kind, const std::string& name = "hippo-ha-config") {
    ObjectObserved store;
    store.ref = World::ref(kind, name);
    store.uid = "uid-of-" + kind + "/" + name;
    store.fields.patroni = {{.initialize = kSystem, .config = "anything", .failsafe = "true"}};
    world_.tell(store);
  }
  void is_gone(const std::string& kind, const std::string& name = "hippo-ha-config") {
    world_.tell(ObjectGone{.ref = World::ref(kind, name), .uid = "uid-of-" + kind + "/" + name});
  }
  // It is the sign that instances have run.
  static ObjectObserved known_volume() {
    ObjectObserved volume;
    volume.ref = World::ref("PersistentVolumeClaim", "hippo-instance1-bcdf-pgdata");
    volume.uid = "uid-of-volume";
    volume.fields.instance = {{.set = "instance1", .name = "hippo-instance1-bcdf"}};
    return volume;
  }
  std::string store() const { return world_.state().patroni_store; }
  bool differs() const { return world_.state().conditions.contains("PatroniStoreDiffers"); }
  // How an object that should exist looks.
  std::string manifest(const std::string& target) {
    ClusterState state = world_.state();
    for (const Wanted& wanted : rendered(state).wanted) {
      const auto* text = std::get_if<std::string>(&wanted.content);
      if (wanted.target == target && text != nullptr) return *text;
    }
    return {};
  }
};

TEST_F(PatroniStore, IsEndpointsWithoutTheAnnotation) {
  make("");
  EXPECT_EQ(store(), "Endpoints");
  EXPECT_FALSE(manifest("Service/hippo-ha").contains("selector"));
  EXPECT_TRUE(manifest("ConfigMap/hippo-config").contains("use_endpoints: true"));
}

TEST_F(PatroniStore, IsConfigMapsWhereANewClusterAsksForThem) {
  make("configmaps");
  EXPECT_EQ(store(), "ConfigMap");
  EXPECT_EQ(own_store(world_.state()).initialize, kSystem);
  EXPECT_TRUE(manifest("Service/hippo-ha").contains("selector"));
  EXPECT_TRUE(manifest("Service/hippo-ha-config").empty()) << "which Endpoints alone need";
  EXPECT_TRUE(manifest("ConfigMap/hippo-config").contains("use_endpoints: false"));
  EXPECT_FALSE(manifest("Role/hippo-instance").contains("endpoints"));
  EXPECT_FALSE(differs());
}

TEST_F(PatroniStore, DoesNotChangeWithTheAnnotationAndTheWayIsTold) {
  make("");
  const std::string before = manifest("Role/hippo-instance");
  change(with_store("configmaps", spec(2)));
  EXPECT_EQ(store(), "Endpoints");
  EXPECT_EQ(manifest("Role/hippo-instance"), before);
  EXPECT_TRUE(asked().empty());
  ASSERT_TRUE(differs());
  const std::string way = sentence(world_.state().conditions.at("PatroniStoreDiffers").message);
  EXPECT_TRUE(way.contains("endpoints hippo-ha hippo-ha-config hippo-ha-failover hippo-ha-sync"))
      << way;
  change(spec(2));
  EXPECT_FALSE(differs());
}

// Who deletes the state of members that run: they write it anew, where they are.
TEST_F(PatroniStore, DoesNotChangeUnderAPodThatRuns) {
  make("");
  change(with_store("configmaps", spec(2)));
  is_gone("Endpoints");
  EXPECT_EQ(store(), "Endpoints");
  is_stored("ConfigMap");  // somebody else's
  EXPECT_EQ(store(), "Endpoints");
  is_stored("Endpoints");
  EXPECT_EQ(store(), "Endpoints");
}

// What a namesake's pod writes late is no state of a cluster that has no database yet.
TEST_F(PatroniStore, IsNotANamesakesWhileItComesUp) {
  world_.start(with_store("configmaps", spec(2)));
  is_stored("Endpoints");
  world_.tell(TimerFired{});
  EXPECT_LT(world_.state().phase, ProvisionPhase::kOpening);
  EXPECT_FALSE(world_.state().instances.empty());
  EXPECT_EQ(store(), "ConfigMap");
}

// A journal that is older than the way over: by whom its pods are led counts more.
TEST_F(PatroniStore, IsWhereALeaderOfItsOwnHasItsLock) {
  make("");
  is_gone("Endpoints");
  is_stored("ConfigMap");
  ObjectObserved lock;
  lock.ref = World::ref("ConfigMap", "hippo-ha-leader");
  lock.uid = "uid-of-lock";
  lock.fields.patroni = {{.leader = "hippo-instance1-0000-0"}};
  world_.tell(lock);
  EXPECT_EQ(store(), "Endpoints") << "a namesake's";
  lock.fields.patroni = {{.leader = instances_[0] + "-0"}};
  world_.tell(lock);
  EXPECT_EQ(store(), "ConfigMap");
}

TEST_F(PatroniStore, IsAnotherAfterAFullStop) {
  make("");
  change(with_store("configmaps", spec(2, R"(,"shutdown":true)")));
  for (const std::string& instance : {instances_[1], instances_[0]}) ended(instance);
  EXPECT_EQ(store(), "Endpoints") << "its state is still there";
  is_gone("Endpoints");
  EXPECT_EQ(store(), "ConfigMap");
  EXPECT_FALSE(differs());
  EXPECT_TRUE(manifest("Service/hippo-ha").contains("selector"));
  change(with_store("configmaps", spec(2)));
  runs(instances_[0], "one");
  EXPECT_EQ(store(), "ConfigMap") << "its first member has written nothing yet";
}

// A journal that was lost knows only what stands in the world.
TEST_F(PatroniStore, IsReadFromTheWorldBehindALostJournal) {
  begin();
  world_.tell_only(known_volume());
  is_stored("ConfigMap");
  world_.tell_only(spec(2));
  world_.tell_only(Synced{});
  EXPECT_EQ(store(), "ConfigMap");
  EXPECT_TRUE(differs());
}

TEST_F(PatroniStore, IsWhatTheSpecAsksForWhereBothAreThere) {
  begin();
  world_.tell_only(known_volume());
  is_stored("ConfigMap");
  is_stored("Endpoints");
  meet(with_store("configmaps", spec(2)));
  EXPECT_EQ(store(), "ConfigMap");
}

TEST_F(PatroniStore, IsLeftAloneByASpecWithAMistake) {
  make("configmaps");
  change(with_store("etcd", spec(2)));
  EXPECT_EQ(store(), "ConfigMap");
  for (const std::string& target : asked()) EXPECT_FALSE(target.starts_with("Role/")) << target;
}

// Of a namesake both kinds go, but for the Endpoints that Kubernetes makes for the leader's
// Service: it would only make them again.
TEST_F(PatroniStore, BeginsWithoutANamesakesStateOfEitherKind) {
  begin();
  is_stored("Endpoints");
  is_stored("ConfigMap", "hippo-ha-leader");
  is_stored("Endpoints", "hippo-ha");
  meet(with_store("configmaps", spec(2)));
  const std::vector<std::string>& all = world_.history();
  const auto was_asked = [&](const char* target) {
    return std::ranges::find(all, target) != all.end();
  };
  EXPECT_TRUE(was_asked("Endpoints/hippo-ha-config"));
  EXPECT_TRUE(was_asked("ConfigMap/hippo-ha-leader"));
  EXPECT_FALSE(was_asked("Endpoints/hippo-ha"));
  EXPECT_FALSE(world_.state().instances.empty());
  EXPECT_TRUE(std::ranges::any_of(
      all, [](const std::string& target) { return target.starts_with("StatefulSet/"); }));
}

TEST_F(PatroniStore, IsForgottenWithItsCluster) {
  make("configmaps");
  is_stored("Endpoints", "hippo-ha");
  is_stored("Endpoints", "hippo-ha-sync");  // from before a way over
  EXPECT_EQ(names_of(stores_to_forget(world_.state())),
            (std::vector<std::string>{"Endpoints/hippo-ha-sync", "ConfigMap/hippo-ha-leader",
                                      "ConfigMap/hippo-ha-config", "ConfigMap/hippo-ha-failover",
                                      "ConfigMap/hippo-ha-sync"}));
}

}  // namespace
}  // namespace annals::fsm

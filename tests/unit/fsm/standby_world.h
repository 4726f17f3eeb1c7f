// Clusters that follow another one, or are asked to, for the tests of these.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "fsm/view/database.h"
#include "fsm/view/rendering.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {

using Targets = std::vector<std::string>;

inline constexpr const char* kOfHost = R"("host":"10.0.0.7","port":5433)";
inline constexpr const char* kPaused = R"(,"patroni":{"dynamicConfiguration":{"pause":true}})";
inline constexpr const char* kWorkMem = R"(,"config":{"parameters":{"work_mem":"9MB"}})";

class OneOfTwo : public testing::Test {
 protected:
  // With a repository of its own; `source` is what spec.standby has, empty for none.
  static SpecObserved spec(const std::string& source, const std::string& more = {}) {
    SpecObserved spec = World::hippo_with_backups();
    const std::string standby = source.empty() ? source : R"(,"standby":{)" + source + "}";
    spec.resource.insert(spec.resource.size() - 2, standby + more);
    spec.finalized = true;
    return spec;
  }
  void change(const std::string& source, const std::string& more = {}) {
    SpecObserved wanted = spec(source, more);
    wanted.generation = ++generation_;
    world_.tell(wanted);
  }
  // The same with the annotation that permits a promotion.
  void change_with_consent(const std::string& source, const std::string& text) {
    SpecObserved wanted = spec(source);
    const std::string metadata = R"("metadata":{)";
    std::string quoted = text;
    for (std::size_t at = 0; (at = quoted.find('"', at)) != quoted.npos; at += 2)
      quoted.insert(at, "\\");
    wanted.resource.insert(
        wanted.resource.find(metadata) + metadata.size(),
        R"("annotations":{"postgres-operator.crunchydata.com/standby-promotion":")" + quoted +
            R"("},)");
    wanted.generation = ++generation_;
    world_.tell(wanted);
  }
  void leads(bool standby_leader, bool ready = true) {
    PodObserved pod;
    pod.instance = world_.state().instances.at("instance1").front();
    pod.name = pod.instance + "-0";
    pod.uid = "uid-of-pod";
    pod.phase = "Running";
    pod.role = "master";
    pod.member = "running";
    pod.ready = ready;
    pod.standby_leader = standby_leader;
    world_.tell(pod);
  }
  // What Patroni has of its members' configuration: what was asked for, or "another".
  void stores(bool standby, const std::string& digest) {
    ObjectObserved store;
    store.ref = World::ref("Endpoints", "hippo-ha-config");
    store.uid = "uid-of-Endpoints/hippo-ha-config";
    store.fields.patroni = {{.initialize = "8000000000000000001", .config = digest}};
    if (standby) store.fields.patroni.edit().standby = "true";
    world_.tell(store);
  }
  std::string asked_for() const {
    ClusterState state = world_.state();
    return rendered(state).patroni_digest;
  }
  // The configuration that Patroni was asked to take last.
  std::string configured() const {
    std::string last;
    for (const Intent& intent : world_.carried_out()) {
      const auto* its = std::get_if<ConfigurePatroni>(&intent.action);
      if (its != nullptr) last = its->configuration;
    }
    return last;
  }
  std::string condition(const std::string& type) const {
    const auto its = world_.state().conditions.find(type);
    if (its == world_.state().conditions.end()) return {};
    return (its->second.status ? "True " : "False ") + its->second.reason;
  }
  std::string words(const std::string& type) const {
    return sentence(world_.state().conditions.at(type).message);
  }
  std::string waits_for() const {
    const Blocker* blocker = first_blocker(world_.state());
    return blocker != nullptr ? sentence(blocker->waits_for) : "";
  }

  World world_;
  std::int64_t generation_ = 1;
};

// It has come up, and follows the source.
class StandbyCluster : public OneOfTwo {
 protected:
  void SetUp() override {
    world_.start(spec(kOfHost));
    leads(true);
    stores(true, asked_for());
    world_.repository_host_is_ready();
    ASSERT_EQ(world_.state().phase, ProvisionPhase::kDone);
  }
};

}  // namespace annals::fsm

// A new cluster, hippo, whose data comes from somewhere else: from the backups of rhino unless told
// otherwise.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/fsm/with_restore_jobs.h"

namespace annals::fsm {

class Clone : public WithRestoreJobs {
 protected:
  Clone() {
    world_.source = {.found = true, .uid = "uid-of-rhino", .resource = rhino("15", "repo1")};
    world_.source_contents = contents();
  }

  struct Wish {
    std::string from = R"("clusterName":"rhino","repoName":"repo1")";
    std::string annotation{};
    std::string more{};
  };
  static SpecObserved hippo(const Wish& wish) {
    SpecObserved spec = World::hippo_with_backups();
    spec.resource.insert(spec.resource.find(R"("name":"instance1",)"), R"("replicas":2,)");
    if (!wish.from.empty())
      spec.resource.insert(spec.resource.size() - 2,
                           concat(R"(,"dataSource":{"postgresCluster":{)", wish.from, "}}"));
    spec.resource.insert(spec.resource.size() - 2, wish.more);
    if (!wish.annotation.empty()) {
      const std::string metadata = R"("metadata":{)";
      spec.resource.insert(
          spec.resource.find(metadata) + metadata.size(),
          concat(R"("annotations":{"postgres-operator.crunchydata.com/pgbackrest-restore":")",
                 wish.annotation, "\"},"));
    }
    spec.finalized = true;
    return spec;
  }
  static std::string rhino(const std::string& version, const std::string& repo,
                           const std::string& consent = {}) {
    return concat(
        R"({"metadata":{"annotations":{"postgres-operator.crunchydata.com/clone-namespaces":")",
        consent, R"("},"name":"rhino","namespace":"zoo"},"spec":{"postgresVersion":)", version,
        R"(,"instances":[{"dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
        R"("resources":{"requests":{"storage":"1Gi"}}}}],"backups":{"pgbackrest":{"repos":[)",
        R"({"name":")", repo, R"(","volume":{"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
        R"("resources":{"requests":{"storage":"1Gi"}}}}}]}}}})");
  }

  void begin(const Wish& wish) {
    world_.start(hippo(wish));
    instance_ = world_.state().instances.at("instance1").front();
  }
  std::string instance_of(std::size_t index) const {
    return world_.state().instances.at("instance1").at(index);
  }
  bool may_run(std::size_t index) const {
    const ApplyObject* runner = last_apply(instance_of(index));
    return runner != nullptr && runner->manifest.contains(R"("replicas":1)");
  }
  void restored() {
    job_succeeds(kRestoreJob,
                 "system 8000000000000000001\ntimeline 2\nfrom 1\nlsn 0/6000000\nstopped -\n");
  }
  void comes_up() {
    world_.primary_is_ready();
    world_.patroni_stores("anything");
    world_.tell(TimerFired{});
    job_pod_ends(kRestoreJob);
    world_.tell(TimerFired{});
  }
  RestorePhase phase() const { return world_.state().restore->phase; }
  std::string waits_for() const {
    const auto found = world_.state().blockers.find("clone");
    return found == world_.state().blockers.end() ? "" : sentence(found->second.waits_for);
  }
  std::string event(const std::string& reason) const {
    std::string text;
    for (const Intent& intent : world_.carried_out()) {
      const auto* told = std::get_if<EmitEvent>(&intent.action);
      if (told != nullptr && told->reason == reason) text = sentence(told->message);
    }
    return text;
  }
  void expect_waits(const std::string& words, const std::string& reason = "InvalidDataSource") {
    EXPECT_THAT(waits_for(), testing::HasSubstr(words));
    EXPECT_FALSE(may_run(0));
    EXPECT_FALSE(is_there(kRestoreJob));
    ASSERT_NE(condition("PGBackRestoreProgressing"), nullptr);
    EXPECT_EQ(condition("PGBackRestoreProgressing")->reason, reason);
    EXPECT_THAT(event(reason), testing::HasSubstr(words));
  }

  std::string instance_;
};

}  // namespace annals::fsm

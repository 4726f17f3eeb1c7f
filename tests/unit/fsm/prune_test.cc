#include <gtest/gtest.h>

#include <algorithm>

#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "fsm/view/leftovers.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

// A cluster at work, with backups, schedules and a disruption budget; then its spec is changed.
class ChangedCluster : public testing::Test {
 protected:
  void SetUp() override {
    SpecObserved spec = World::hippo_with_backups();
    replace(spec, R"("name":"instance1",)", R"("name":"instance1","minAvailable":1,)");
    world_.start(spec);
    world_.primary_is_ready();
    world_.patroni_stores("anything");
    world_.repository_host_is_ready();
    world_.job_ends("complete");
    world_.job_ends("complete");
    ASSERT_TRUE(exists("CronJob", "hippo-repo1-full"));
    ASSERT_TRUE(exists("PodDisruptionBudget", "hippo-set-instance1"));
    ASSERT_TRUE(exists("ConfigMap", "hippo-pgbackrest-config"));
    ASSERT_EQ(first_leftover(state()), nullptr);
    seen_ = world_.decisions().size();
  }

  static void replace(SpecObserved& spec, const std::string& from, const std::string& to) {
    const std::size_t at = spec.resource.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    spec.resource.replace(at, from.size(), to);
  }
  void change(const std::string& from, const std::string& to) {
    SpecObserved spec = *world_.state().spec;
    spec.generation += 1;
    replace(spec, from, to);
    world_.tell(spec);
  }
  // Everything from "backups" to the end.
  void drop_backups() {
    const std::string& resource = world_.state().spec->resource;
    change(resource.substr(resource.find(R"(,"backups")")), "}}");
  }
  bool exists(const std::string& kind, const std::string& name) const {
    return std::ranges::any_of(world_.state().objects, [&](const auto& entry) {
      return entry.first.kind == kind && entry.first.name == name;
    });
  }
  // What was pruned since the cluster was at work, and why.
  std::vector<std::string> reasons() {
    std::vector<std::string> all;
    for (; seen_ < world_.decisions().size(); ++seen_) {
      const Decision& decision = world_.decisions()[seen_];
      if (decision.machine == "prune" && !decision.intents.empty())
        all.push_back(sentence(decision.reason));
    }
    std::ranges::sort(all);
    return all;
  }
  ClusterState& state() {
    copy_ = world_.state();
    return copy_;
  }

  World world_;
  ClusterState copy_;
  std::size_t seen_ = 0;
};

TEST_F(ChangedCluster, ABudgetGoesWithTheFieldThatAskedForIt) {
  change(R"("minAvailable":1)", R"("minAvailable":0)");
  EXPECT_EQ(reasons(),
            std::vector<std::string>{"removing PodDisruptionBudget/hippo-set-instance1: no longer "
                                     "requested by spec.instances[].minAvailable"});
  EXPECT_FALSE(exists("PodDisruptionBudget", "hippo-set-instance1"));
  EXPECT_TRUE(reasons().empty()) << "once is enough";
}

TEST_F(ChangedCluster, AScheduleGoesAndTheRepositoryStays) {
  change(R"("schedules":{"full":"0 1 * * 0"},)", "");
  EXPECT_EQ(reasons(),
            std::vector<std::string>{"removing CronJob/hippo-repo1-full: no longer requested by "
                                     "spec.backups.pgbackrest.repos[].schedules"});
  EXPECT_TRUE(exists("PersistentVolumeClaim", "hippo-repo1"));
  EXPECT_TRUE(exists("StatefulSet", "hippo-repo-host"));
}

TEST_F(ChangedCluster, BackupsEndOnlyWhenAPersonAllowsIt) {
  const std::size_t before = world_.history().size();
  drop_backups();
  EXPECT_TRUE(reasons().empty());
  EXPECT_TRUE(exists("StatefulSet", "hippo-repo-host"));
  ASSERT_NE(first_blocker(world_.state()), nullptr);
  EXPECT_EQ(first_blocker(world_.state())->transition, "backup-removal-allowed");
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "Paused");
  for (std::size_t i = before; i < world_.history().size(); ++i)
    EXPECT_TRUE(world_.history()[i].ends_with("/status")) << world_.history()[i];
  change(
      R"("namespace":"ns")",
      R"("namespace":"ns","annotations":{"postgres-operator.crunchydata.com/authorizeBackupRemoval":"true"})");
  EXPECT_EQ(reasons().size(), 7U) << "CronJob, ConfigMap, StatefulSet, two ServiceAccounts, Role "
                                     "and RoleBinding";
  EXPECT_EQ(first_blocker(world_.state()), nullptr);
  EXPECT_FALSE(exists("StatefulSet", "hippo-repo-host"));
  EXPECT_FALSE(exists("ConfigMap", "hippo-pgbackrest-config"));
}

TEST_F(ChangedCluster, BackupsThatCameBackNeedNoPermission) {
  const std::string whole = world_.state().spec->resource;
  drop_backups();
  ASSERT_NE(first_blocker(world_.state()), nullptr);
  change(world_.state().spec->resource, whole);
  EXPECT_TRUE(reasons().empty());
  EXPECT_EQ(first_blocker(world_.state()), nullptr);
}

TEST_F(ChangedCluster, WhatCannotBeMadeAgainIsNeverPruned) {
  drop_backups();
  change(
      R"("namespace":"ns")",
      R"("namespace":"ns","annotations":{"postgres-operator.crunchydata.com/authorizeBackupRemoval":"true"})");
  EXPECT_TRUE(exists("PersistentVolumeClaim", "hippo-repo1"));
  EXPECT_TRUE(exists("Secret", "hippo-pgbackrest"));
  EXPECT_TRUE(exists("Secret", "hippo-pguser-hippo"));
}

TEST_F(ChangedCluster, WhatSomebodyElseMadeIsLeftAlone) {
  ObjectObserved theirs;
  theirs.ref = World::ref("PodDisruptionBudget", "their-own", "policy/v1");
  theirs.uid = "uid-of-theirs";
  world_.tell(theirs);
  EXPECT_TRUE(reasons().empty()) << "no field of it is ours";
}

TEST_F(ChangedCluster, NothingIsPrunedByASpecWithMistakes) {
  change(R"("postgresVersion":15)", R"("postgresVersion":3)");
  EXPECT_TRUE(reasons().empty());
  EXPECT_TRUE(exists("PodDisruptionBudget", "hippo-set-instance1"));
}

}  // namespace
}  // namespace annals::fsm

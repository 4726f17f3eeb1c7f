// Whole desired sets, compared with files that people read. ANNALS_REWRITE_GOLDEN=1 writes them
// anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/concat.h"
#include "fsm/codec/json.h"
#include "manifests/instance/patroni.h"
#include "manifests/pgbackrest/drill_job.h"
#include "manifests/pgbackrest/restore_jobs.h"
#include "manifests/yaml.h"
#include "tests/unit/manifests/clusters.h"
#include "tests/unit/manifests/render.h"

namespace annals::manifests {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(ANNALS_GOLDEN_DIR) + "/" + name + ".yaml";
  if (std::getenv("ANNALS_REWRITE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream(path) << text;
    return;
  }
  EXPECT_EQ(text, content_of(path)) << "if this is meant, run with ANNALS_REWRITE_GOLDEN=1";
}

TEST(Golden, TheSmallestClusterBeforeItIsBootstrapped) {
  Observed observed = observed_hippo();
  observed.bootstrap_state.leader_cluster_ip.clear();
  observed.bootstrap_state.bootstrapped = false;
  expect_golden("hippo-new", rendered(desired_objects(hippo(), observed)));
}

TEST(Golden, TheSmallestClusterAtWork) {
  expect_golden("hippo", rendered(desired_objects(hippo(), observed_hippo())));
}

// Its state, its account's rights and the Service of its leader differ, and nothing else.
TEST(Golden, PatroniInConfigMaps) {
  Observed observed = observed_hippo();
  observed.config_maps = true;
  expect_golden("config-maps", rendered(desired_objects(hippo(), observed)));
}

TEST(Golden, TwoSetsWithReplicas) {
  expect_golden("two-sets", rendered(desired_objects(two_sets(), observed_two_sets())));
}

TEST(Golden, EverythingCustom) {
  expect_golden("custom", rendered(desired_objects(custom(), observed_custom())));
}

// It is made from the second repository, and streams from the other cluster's primary.
TEST(Golden, AStandbyBeforeItIsBootstrapped) {
  Observed observed = observed_hippo();
  observed.bootstrap_state.bootstrapped = false;
  expect_golden("standby", rendered(desired_objects(standby(), observed)));
}

TEST(Golden, ARestore) {
  Observed observed = observed_two_sets();
  observed.bootstrap_state.bootstrapped = false;
  observed.bootstrap_state.restored = true;
  RestoreJob restore{.id = "one", .instance = "zebra-01-lmnp", .repo = "repo1"};
  restore.options.set = "20260131-080500F";
  restore.options.timeline = "1";
  restore.archive = "17-1";
  const ArchiveJob archive{.id = "one", .instance = "zebra-01-lmnp", .repo = "repo1"};
  expect_golden("restore", concat(to_yaml(archive_job(two_sets(), observed, archive)), "---\n",
                                  to_yaml(restore_job(two_sets(), observed, restore)), "---\n",
                                  to_yaml(cluster_config_map(two_sets(), observed))));
}

TEST(Golden, ADrill) {
  const DrillJob drill{.id = "one",
                       .repo = "repo1",
                       .set = "20260131-080500F",
                       .timeline = "1",
                       .archive = "17-1",
                       .database = "zebra",
                       .query = "SELECT count(*) FROM zoo"};
  expect_golden("drill", concat(to_yaml(drill_claim(two_sets(), observed_two_sets(), "")), "---\n",
                                to_yaml(drill_job(two_sets(), observed_two_sets(), drill))));
}

TEST(Golden, EveryRecipeSurvivesTheJournal) {
  for (const Desired& one : desired_objects(custom(), observed_custom())) {
    const auto* recipe = std::get_if<SecretRecipe>(&one.content);
    if (recipe == nullptr) continue;
    const auto read = fsm::read_json<SecretRecipe>(fsm::write_json(*recipe));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, *recipe);
  }
}

Errc error_of(const Json& recipe) {
  const auto read = fsm::read_json<SecretRecipe>(recipe.dump());
  EXPECT_FALSE(read);
  return read ? Errc() : read.error().code;
}

TEST(Golden, ARecipeOfAnUnknownKindIsCorrupt) {
  Json other = Json::parse(fsm::write_json(SecretRecipe(root_authority(hippo()))));
  other["kind"] = "Poem";
  EXPECT_EQ(error_of(other), Errc::kCorrupt);
  EXPECT_EQ(error_of(Json::object()), Errc::kCorrupt);
}

// What a number is not must not become one on the way.
TEST(Golden, ARecipesPortThatIsNoWholeNumberIsCorrupt) {
  UserSecret user;
  user.user = "hippo";
  user.address = {"hippo-primary.ns.svc", 5432};
  const SecretRecipe recipe(user);
  Json json = Json::parse(fsm::write_json(recipe));
  for (const Json& port : {Json(5432.5), Json(5e92), Json(std::int64_t{1} << 40), Json(true)}) {
    json["address"]["port"] = port;
    EXPECT_EQ(error_of(json), Errc::kCorrupt) << port.dump();
  }
}

}  // namespace
}  // namespace annals::manifests

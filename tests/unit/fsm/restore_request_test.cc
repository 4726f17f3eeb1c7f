// What asks for a restore, and what is wrong with it before anything else is looked at.
#include "fsm/view/restore_request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

using nlohmann::json;

class RestoreRequestTest : public testing::Test {
 protected:
  spec::PostgresCluster cluster() const {
    return spec::read_postgres_cluster(resource_.dump()).cluster;
  }
  json& restore() { return resource_["spec"]["backups"]["pgbackrest"]["restore"]; }
  void annotate(const char* value) {
    resource_["metadata"]["annotations"]["postgres-operator.crunchydata.com/pgbackrest-restore"] =
        value;
  }
  std::string mistake() const { return sentence(mistake_in_restore(cluster()).text); }

  json resource_ = json::parse(R"({
    "metadata": {"name": "hippo", "namespace": "zoo"},
    "spec": {"postgresVersion": 15, "backups": {"pgbackrest": {
      "repos": [{"name": "repo1", "gcs": {"bucket": "a"}}, {"name": "repo3", "gcs": {"bucket": "b"}}],
      "restore": {"enabled": true, "repoName": "repo1", "options": ["--type=immediate"]}}}}})");
};

TEST_F(RestoreRequestTest, IsTheAnnotationWhereItIsEnabled) {
  EXPECT_EQ(restore_request(cluster()).id, "");
  annotate("2026-01-31");
  EXPECT_EQ(restore_request(cluster()).id, "2026-01-31");
  EXPECT_FALSE(restore_request(cluster()).undo);
  restore()["enabled"] = false;
  EXPECT_EQ(restore_request(cluster()).id, "");
}

TEST_F(RestoreRequestTest, AnUndoNeedsNoDescription) {
  resource_["spec"]["backups"]["pgbackrest"].erase("restore");
  for (const char* id : {"undo", "undo-2"}) {
    annotate(id);
    EXPECT_EQ(restore_request(cluster()).id, id);
    EXPECT_TRUE(restore_request(cluster()).undo);
  }
  annotate("undone");
  EXPECT_EQ(restore_request(cluster()).id, "");
}

TEST_F(RestoreRequestTest, IsWrongInWaysThatTheResourceTells) {
  EXPECT_EQ(mistake(), "");
  restore()["options"] = {"--type=standby", "--repo=2"};
  EXPECT_EQ(mistake(),
            "the restore cannot have these options: spec.backups.pgbackrest.restore.options[1] is "
            "\"--repo\": remove it: repoName names the repository");
  restore()["repoName"] = "repo2";
  EXPECT_EQ(mistake(),
            "spec.backups.pgbackrest.restore.repoName is repo2, which is no repository of this "
            "cluster: choose from repo1, repo3");
  restore()["clusterName"] = "hippo";
  restore()["clusterNamespace"] = "farm";
  EXPECT_EQ(
      mistake(),
      "spec.backups.pgbackrest.restore names the cluster farm/hippo: a restore in place takes "
      "the cluster's own backups; remove clusterName and clusterNamespace");
  resource_["spec"]["standby"] = {{"host", "x"}};
  EXPECT_EQ(
      mistake(),
      "this is a standby cluster, which follows its source: set spec.standby.enabled to false "
      "before it is restored");
  resource_["spec"]["backups"]["pgbackrest"].erase("restore");
  EXPECT_EQ(mistake(),
            "spec.backups.pgbackrest.restore is missing: name the repository in its repoName and "
            "set its enabled to true");
  resource_["spec"].erase("backups");
  EXPECT_EQ(mistake(),
            "this cluster has no repository to restore from: describe one in "
            "spec.backups.pgbackrest.repos");
}

TEST_F(RestoreRequestTest, ItsOwnNamesAreNoOtherCluster) {
  restore()["clusterName"] = "hippo";
  restore()["clusterNamespace"] = "zoo";
  EXPECT_EQ(mistake(), "");
}

TEST_F(RestoreRequestTest, AnotherRepositoryOrOptionIsAnotherRestore) {
  const std::string before = restore_described(cluster());
  restore()["priorityClassName"] = "high";
  EXPECT_EQ(restore_described(cluster()), before);
  restore()["options"] = {"--type=default"};
  EXPECT_NE(restore_described(cluster()), before);
  restore()["options"] = {"--type=immediate"};
  restore()["repoName"] = "repo3";
  EXPECT_NE(restore_described(cluster()), before);
  EXPECT_EQ(options_of_restore(cluster()).target.type, spec::TargetType::kImmediate);
}

}  // namespace
}  // namespace annals::fsm

#include "manifests/pgbackrest/drill_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "manifests/labels.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

DrillJob drill_request() {
  return {.id = "monday",
          .repo = "repo1",
          .set = "20260131-080500F",
          .timeline = "3",
          .archive = "17-1",
          .database = "zoo",
          .query = "SELECT '$HOME'",
          .age_query = "SELECT max(at) FROM t"};
}
Json job_of(const DrillJob& job) { return drill_job(two_sets(), observed_two_sets(), job); }
Json pod_of_drill(const Json& job) { return job["spec"]["template"]["spec"]; }

std::string drill_variable(const Json& job, const std::string& name) {
  const Json variables = pod_of_drill(job)["containers"][0]["env"];
  for (const Json& variable : variables) {
    if (variable["name"] == name) return variable["value"].text();
  }
  return "(none)";
}

TEST(DrillJob, IsToldEverythingThatItCouldChoose) {
  const Json job = job_of(drill_request());
  EXPECT_EQ(job["metadata"]["name"], "zebra-restore-drill");
  EXPECT_EQ(job["metadata"]["annotations"][annotation::kRestoreDrill], "monday");
  EXPECT_EQ(job["metadata"]["annotations"][annotation::kPgBackRestHash], hash_of(drill_request()));
  EXPECT_EQ(drill_variable(job, "backup"), "20260131-080500F");
  EXPECT_EQ(drill_variable(job, "timeline"), "3");
  EXPECT_EQ(drill_variable(job, "archive"), "17-1");
  EXPECT_EQ(drill_variable(job, "type"), "default");
  EXPECT_EQ(drill_variable(job, "data"), "/pgdata/pg17");
  EXPECT_EQ(drill_variable(job, "wal"), "/pgdata/pg17_wal") << "all on one volume";
  EXPECT_EQ(drill_variable(job, "query"), "SELECT '$$HOME'") << "Kubernetes leaves it as it is";
  EXPECT_EQ(drill_variable(job, "age_query"), "SELECT max(at) FROM t");
}

TEST(DrillJob, HasAVolumeOfItsOwnAndNothingOfAnInstance) {
  const Json job = job_of(drill_request());
  EXPECT_EQ(job["spec"]["backoffLimit"], 0);
  EXPECT_EQ(pod_of_drill(job)["automountServiceAccountToken"], false);
  const std::string text = job.dump();
  EXPECT_THAT(text, AllOf(HasSubstr(R"("claimName":"zebra-restore-drill")"),
                          Not(HasSubstr("zebra-01-lmnp")), Not(HasSubstr("restore-permit")),
                          Not(HasSubstr(label::kPgBackRestRestore))));
}

TEST(DrillJob, IsAnotherOneWithEachOfItsSettings) {
  std::vector<DrillJob> jobs(9, drill_request());
  jobs[1].id = "tuesday";
  jobs[2].repo = "repo2";
  jobs[3].set = "20260130-080500F";
  jobs[4].timeline = "2";
  jobs[5].archive = "17-2";
  jobs[6].database = "postgres";
  jobs[7].query = "SELECT 1";
  jobs[8].age_query = "";
  std::set<std::string> hashes;
  for (const DrillJob& job : jobs) hashes.insert(hash_of(job));
  EXPECT_EQ(hashes.size(), jobs.size());
}

spec::PostgresCluster with_claim(const std::string& claim) {
  spec::PostgresCluster cluster = two_sets();
  spec::InstanceSet& first = cluster.spec.instances.front();
  first.data_volume_claim_spec.json.json = claim;
  first.wal_volume_claim_spec.reset();
  first.tablespace_volumes.clear();
  return cluster;
}
constexpr const char* kClaim =
    R"({"accessModes":["ReadWriteOnce"],"storageClassName":"fast","volumeName":"old",)"
    R"("selector":{"matchLabels":{"a":"b"}},"resources":{"requests":{"storage":"2Gi"}}})";

TEST(DrillClaim, IsAsTheDataVolumeAndEmpty) {
  const Json claim = drill_claim(with_claim(kClaim), observed_two_sets(), "");
  EXPECT_EQ(claim["metadata"]["name"], "zebra-restore-drill");
  EXPECT_EQ(claim["spec"]["storageClassName"], "fast");
  EXPECT_EQ(claim["spec"]["resources"]["requests"]["storage"], "2Gi");
  EXPECT_FALSE(claim["spec"].contains("volumeName"));
  EXPECT_FALSE(claim["spec"].contains("selector"));
  EXPECT_FALSE(claim["metadata"]["labels"].contains(label::kInstance));
}

TEST(DrillClaim, HasRoomForWalAndTablespacesToo) {
  spec::PostgresCluster cluster = with_claim(kClaim);
  spec::VolumeClaim wal;
  wal.json.json = R"({"resources":{"requests":{"storage":"1Gi"}}})";
  cluster.spec.instances.front().wal_volume_claim_spec = wal;
  const Json claim = drill_claim(cluster, observed_two_sets(), "slow");
  EXPECT_EQ(claim["spec"]["resources"]["requests"]["storage"], "3221225472");
  EXPECT_EQ(claim["spec"]["storageClassName"], "slow");
}

}  // namespace
}  // namespace annals::manifests

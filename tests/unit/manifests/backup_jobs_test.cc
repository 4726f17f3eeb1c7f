#include "manifests/pgbackrest/backup_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "manifests/labels.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kBackedUp = R"json({
  "postgresVersion": 15,
  "instances": [{"name": "a", "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}}}],
  "standby": {"enabled": false},
  "backups": {"pgbackrest": {
    "jobs": {"ttlSecondsAfterFinished": 90, "priorityClassName": "low"},
    "repos": [
      {"name": "repo1", "schedules": {"full": "0 1 * * 0", "incremental": "0 2 * * *"},
       "volume": {"volumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                                      "resources": {"requests": {"storage": "1Gi"}}}}},
      {"name": "repo4", "azure": {"container": "c"}, "schedules": {"differential": "0 3 * * *"}}]}}
})json";

Json container_of(const Json& job) { return job["spec"]["template"]["spec"]["containers"][0]; }

std::string value_in(const Json& container, const std::string& name) {
  for (const Json& variable : container["env"]) {
    if (variable["name"] == name) return variable["value"].get<std::string>();
  }
  return "(none)";
}

TEST(BackupJob, OfAVolumeRunsInTheRepositoryHost) {
  const BackupJob backup{
      "lion-backup-bcdf", BackupPurpose::kManual, "repo1", {"--type=full"}, "now"};
  const Json job = backup_job(cluster_of("lion", kBackedUp), observed_hippo(), backup);
  EXPECT_EQ(job["metadata"]["name"], "lion-backup-bcdf");
  EXPECT_EQ(job["metadata"]["labels"][label::kPgBackRestBackup], "manual");
  EXPECT_EQ(job["metadata"]["annotations"][annotation::kPgBackRestBackup], "now");
  EXPECT_EQ(job["spec"]["ttlSecondsAfterFinished"], 90);
  EXPECT_EQ(job["spec"]["template"]["spec"]["restartPolicy"], "Never");
  EXPECT_EQ(job["spec"]["template"]["spec"]["priorityClassName"], "low");
  const Json container = container_of(job);
  EXPECT_EQ(container["command"], Json::array({"/opt/crunchy/bin/pgbackrest"}));
  EXPECT_THAT(value_in(container, "COMMAND_OPTS"),
              StartsWith("--stanza=db --repo=1 --type=full --no-expire-auto & wait $! && {"));
  EXPECT_EQ(value_in(container, "SELECTOR"),
            "postgres-operator.crunchydata.com/cluster=lion,"
            "postgres-operator.crunchydata.com/pgbackrest=,"
            "postgres-operator.crunchydata.com/pgbackrest-dedicated=");
}

TEST(BackupJob, ExpiresOneSetAndStaysForADay) {
  const BackupJob expiry{
      "lion-expire-bcdf", BackupPurpose::kExpire, "repo1", {"--set=20260131-080500F"}, "repo1/x"};
  Json job = backup_job(cluster_of("lion", kBackedUp), observed_hippo(), expiry);
  EXPECT_EQ(job["metadata"]["labels"][label::kPgBackRestBackup], "expire");
  EXPECT_EQ(job["metadata"]["annotations"][annotation::kPgBackRestExpire], "repo1/x");
  EXPECT_FALSE(job["metadata"]["annotations"].contains(annotation::kPgBackRestBackup));
  EXPECT_EQ(value_in(container_of(job), "COMMAND"), "expire");
  EXPECT_EQ(value_in(container_of(job), "COMMAND_OPTS"),
            "--stanza=db --repo=1 --set=20260131-080500F");
  EXPECT_EQ(job["spec"]["ttlSecondsAfterFinished"], 90) << "as jobs have it";
}

TEST(BackupJob, ForMissingWalIsTriedAgainByTheOperator) {
  const BackupJob backup{
      "lion-backup-bcdf", BackupPurpose::kMissingWal, "repo1", {"--type=incr", "--start-fast"}, ""};
  Json job = backup_job(cluster_of("lion", kBackedUp), observed_hippo(), backup);
  EXPECT_EQ(job["metadata"]["labels"][label::kPgBackRestBackup], "missing-wal");
  EXPECT_FALSE(job["metadata"]["annotations"].contains(annotation::kPgBackRestBackup));
  EXPECT_THAT(value_in(container_of(job), "COMMAND_OPTS"),
              StartsWith("--stanza=db --repo=1 --type=incr --start-fast --no-expire-auto"));
  EXPECT_EQ(job["spec"]["backoffLimit"], 0);
  EXPECT_TRUE(job["spec"].contains("ttlSecondsAfterFinished"));
}

TEST(BackupJob, OfAnObjectStoreRunsInTheJobItself) {
  const BackupJob backup{"lion-backup-bcdf", BackupPurpose::kReplicaCreate, "repo4", {}, ""};
  const Json job = backup_job(cluster_of("lion", kBackedUp), observed_hippo(), backup);
  EXPECT_EQ(job["metadata"]["annotations"][annotation::kPgBackRestConfig], "database");
  EXPECT_THAT(container_of(job)["command"].dump(),
              HasSubstr("exec pgbackrest backup --stanza=db --repo=4"));
}

TEST(BackupCronJobs, ThereIsOneForEachScheduleAndTheyNeverOverlap) {
  const auto jobs = backup_cron_jobs(cluster_of("lion", kBackedUp), observed_hippo());
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_EQ(jobs[0]["metadata"]["name"], "lion-repo1-full");
  EXPECT_EQ(jobs[1]["metadata"]["name"], "lion-repo1-incr");
  EXPECT_EQ(jobs[2]["metadata"]["name"], "lion-repo4-diff");
  for (const Json& job : jobs) {
    EXPECT_EQ(job["spec"]["concurrencyPolicy"], "Forbid");
    EXPECT_EQ(job["spec"]["suspend"], false);
  }
}

// Whatever makes the pod, and whatever it writes to: the scheduler places one at a time.
TEST(BackupJobs, ExcludeEachOtherWhateverTheyAre) {
  const spec::PostgresCluster cluster = cluster_of("lion", kBackedUp);
  std::vector<Json> pods;
  for (const Json& job : backup_cron_jobs(cluster, observed_hippo()))
    pods.push_back(job["spec"]["jobTemplate"]["spec"]["template"]);
  for (const BackupPurpose purpose : {BackupPurpose::kStanza, BackupPurpose::kReplicaCreate,
                                      BackupPurpose::kManual, BackupPurpose::kMissingWal}) {
    for (const char* repo : {"repo1", "repo4"})
      pods.push_back(backup_job(cluster, observed_hippo(),
                                {"lion-x", purpose, repo, {}, "now"})["spec"]["template"]);
  }
  ASSERT_EQ(pods.size(), 11U);
  for (const Json& pod : pods) {
    const Json& affinity = pod["spec"]["affinity"];
    EXPECT_EQ(affinity["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"],
              Json::array({Json::parse(R"json({"topologyKey": "kubernetes.io/os", "labelSelector": {
                "matchLabels": {"postgres-operator.crunchydata.com/cluster": "lion"},
                "matchExpressions": [{"operator": "Exists",
                  "key": "postgres-operator.crunchydata.com/pgbackrest-backup"}]}})json")}));
    EXPECT_EQ(pod["spec"]["nodeSelector"]["kubernetes.io/os"], "linux") << "of one domain";
    EXPECT_EQ(pod["metadata"]["labels"][label::kCluster], "lion");
    EXPECT_TRUE(pod["metadata"]["labels"].contains(label::kPgBackRestBackup));
  }
}

TEST(BackupJobs, ExcludeEachOtherByAnotherLabelOfAllNodesOrNotAtAll) {
  Observed observed = observed_hippo();
  const auto pod = [&](const char* key) {
    observed.backup_topology_key = key;
    return backup_job(
        cluster_of("lion", kBackedUp), observed,
        {"lion-x", BackupPurpose::kManual, "repo4", {}, "now"})["spec"]["template"]["spec"];
  };
  const Json by_region = pod("topology.kubernetes.io/region");
  EXPECT_EQ(by_region["affinity"]["podAntiAffinity"]
                     ["requiredDuringSchedulingIgnoredDuringExecution"][0]["topologyKey"],
            "topology.kubernetes.io/region");
  EXPECT_FALSE(by_region.contains("nodeSelector"));
  const Json free = pod(kNoTopology);
  EXPECT_FALSE(free.contains("affinity"));
  EXPECT_FALSE(free.contains("nodeSelector"));
}

TEST(BackupJobs, KeepTheAffinityThatTheUserChose) {
  spec::PostgresCluster cluster = cluster_of("lion", kBackedUp);
  const auto affinity_with = [&](const std::string& given) {
    cluster.spec.backups->pgbackrest->jobs.scheduling.affinity.json = given;
    const Json job = backup_job(cluster, observed_hippo(),
                                {"lion-x", BackupPurpose::kManual, "repo4", {}, "now"});
    return job["spec"]["template"]["spec"]["affinity"];
  };
  const std::string ours = affinity_with("").dump();
  EXPECT_EQ(affinity_with(R"({"podAntiAffinity":null})").dump(), ours);
  const Json both = affinity_with(
      R"({"nodeAffinity":{"a":1},"podAntiAffinity":{
          "preferredDuringSchedulingIgnoredDuringExecution":[2],
          "requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone"}]}})");
  EXPECT_EQ(both["nodeAffinity"]["a"], 1);
  const Json& anti = both["podAntiAffinity"];
  EXPECT_EQ(anti["preferredDuringSchedulingIgnoredDuringExecution"][0], 2);
  const Json& required = anti["requiredDuringSchedulingIgnoredDuringExecution"];
  ASSERT_EQ(required.size(), 2U);
  EXPECT_EQ(required[0]["topologyKey"], "zone");
  EXPECT_EQ(required[1]["topologyKey"], "kubernetes.io/os");
}

TEST(BackupCronJobs, AreSuspendedWhileSchedulesRest) {
  Observed observed = observed_hippo();
  observed.schedules_rest = true;
  EXPECT_EQ(backup_cron_jobs(cluster_of("lion", kBackedUp), observed)[0]["spec"]["suspend"], true);
}

TEST(BackupCronJobs, AreSuspendedWithoutAPrimaryOfOurOwn) {
  spec::PostgresCluster cluster = cluster_of("lion", kBackedUp);
  cluster.spec.shutdown = true;
  EXPECT_EQ(backup_cron_jobs(cluster, observed_hippo())[0]["spec"]["suspend"], true);
  cluster.spec.shutdown = false;
  cluster.spec.standby->enabled = true;
  EXPECT_EQ(backup_cron_jobs(cluster, observed_hippo())[0]["spec"]["suspend"], true);
}

}  // namespace
}  // namespace annals::manifests

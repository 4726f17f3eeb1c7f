#include "manifests/pgbackrest/restore_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "manifests/cluster/desired.h"
#include "manifests/instance/patroni.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::HasSubstr;
using testing::Not;

RestoreJob request() {
  RestoreJob job{.id = "2026-02-01", .instance = "zebra-01-lmnp", .repo = "repo1"};
  job.options.set = "20260131-080500F";
  job.options.timeline = "3";
  job.options.target = {.type = spec::TargetType::kTime, .text = "2026-01-31 08:05:00+00"};
  job.options.db_include = {"zoo"};
  job.options.others = {"--process-max=4"};
  job.archive = "17-1";
  job.least_lsn = 0x500000028;
  return job;
}

Json job_of(const RestoreJob& job) { return restore_job(two_sets(), observed_two_sets(), job); }
Json pod_of(const Json& job) { return job["spec"]["template"]["spec"]; }
Json program_of(const Json& job) { return pod_of(job)["containers"][0]; }

std::string variable_of(const Json& job, const std::string& name) {
  const Json variables = program_of(job)["env"];
  for (const Json& variable : variables) {
    if (variable["name"] == name) return variable["value"].get<std::string>();
  }
  return "(none)";
}

TEST(RestoreJob, IsToldEverythingThatItCouldChoose) {
  const Json job = job_of(request());
  EXPECT_EQ(job["metadata"]["name"], "zebra-pgbackrest-restore");
  EXPECT_EQ(job["metadata"]["labels"][label::kStartupInstance], "zebra-01-lmnp");
  EXPECT_EQ(job["metadata"]["annotations"][annotation::kPgBackRestRestore], "2026-02-01");
  EXPECT_EQ(variable_of(job, "repo"), "1");
  EXPECT_EQ(variable_of(job, "backup"), "20260131-080500F");
  EXPECT_EQ(variable_of(job, "timeline"), "3");
  EXPECT_EQ(variable_of(job, "archive"), "17-1");
  EXPECT_EQ(variable_of(job, "type"), "time");
  EXPECT_EQ(variable_of(job, "target"), "2026-01-31 08:05:00+00");
  EXPECT_EQ(variable_of(job, "inclusive"), "on");
  EXPECT_EQ(variable_of(job, "least"), "5/28");
  EXPECT_EQ(variable_of(job, "data"), "/pgdata/pg17");
  EXPECT_EQ(variable_of(job, "restored"), "/pgdata/pg17_bootstrap");
  EXPECT_EQ(variable_of(job, "wal"), "/pgwal/pg17_wal");
  const Json command = program_of(job)["command"];
  ASSERT_EQ(command.size(), 8U);
  EXPECT_EQ(command[6], "--db-include=zoo");
  EXPECT_EQ(command[7], "--process-max=4");
}

TEST(RestoreJob, HasOnePodWithTheInstancesVolumesAndNoToken) {
  const Json job = job_of(request());
  EXPECT_EQ(job["spec"]["backoffLimit"], 0);
  EXPECT_EQ(pod_of(job)["restartPolicy"], "Never");
  EXPECT_EQ(pod_of(job)["automountServiceAccountToken"], false);
  EXPECT_EQ(program_of(job)["image"], "localhost/annals/postgres:17");
  const std::string volumes = pod_of(job)["volumes"].dump();
  EXPECT_THAT(volumes, HasSubstr(R"("claimName":"zebra-01-lmnp-pgdata")"));
  EXPECT_THAT(volumes, HasSubstr(R"("claimName":"zebra-01-lmnp-pgwal")"));
  EXPECT_THAT(volumes, HasSubstr("pgbackrest_instance.conf"));
}

// Kubernetes would take $(data) for its variable.
TEST(RestoreJob, LeavesTheUsersTextAsItIs) {
  RestoreJob job = request();
  job.options.target = {.type = spec::TargetType::kName, .text = "before $(data) $HOME"};
  job.options.db_include = {"$(repo)"};
  EXPECT_EQ(variable_of(job_of(job), "target"), "before $$(data) $$HOME");
  EXPECT_EQ(program_of(job_of(job))["command"][6], "--db-include=$$(repo)");
}

TEST(RestoreJob, IsAnotherOneWithEachOfItsSettings) {
  std::vector<RestoreJob> jobs(11, request());
  jobs[1].id = "again";
  jobs[2].instance = "zebra-big-bcdf";
  jobs[3].options.set = "20260130-080500F";
  jobs[4].options.timeline = "2";
  jobs[5].options.target.text = "2026-01-31 08:05:01+00";
  jobs[6].options.target.exclusive = true;
  jobs[7].options.others.clear();
  jobs[8].least_lsn = 1;
  jobs[9].attempt = 1;
  jobs[10].least_wal = "000000030000000500000000";
  std::set<std::string> hashes;
  for (const RestoreJob& job : jobs) hashes.insert(hash_of(job));
  EXPECT_EQ(hashes.size(), jobs.size());
  EXPECT_EQ(job_of(request())["metadata"]["annotations"][annotation::kPgBackRestHash],
            hash_of(request()));
}

TEST(RestoreJob, RunsWhereTheSpecificationOfTheRestoreOrElseTheInstanceAllows) {
  spec::PostgresCluster cluster = two_sets();
  spec::InstanceSet& set = cluster.spec.instances[1];
  set.scheduling.tolerations.json = R"([{"key":"database"}])";
  set.scheduling.priority_class_name = "high";
  const auto pod = [&] { return pod_of(restore_job(cluster, observed_two_sets(), request())); };
  EXPECT_EQ(pod()["tolerations"][0]["key"], "database");
  EXPECT_EQ(pod()["priorityClassName"], "high");
  spec::RestoreSource& restore = cluster.spec.backups->pgbackrest->restore.emplace().source;
  restore.scheduling.tolerations.json = R"([{"key":"restore"}])";
  restore.resources.json.json = R"({"limits":{"cpu":"1"}})";
  EXPECT_EQ(pod()["tolerations"][0]["key"], "restore");
  EXPECT_EQ(pod()["priorityClassName"], "high");
  EXPECT_EQ(pod()["containers"][0]["resources"]["limits"]["cpu"], "1");
}

TEST(ArchiveJob, IsOfTheSameInstanceAndItsOwnName) {
  const ArchiveJob request{.id = "now", .instance = "zebra-big-bcdf", .repo = "repo1"};
  const Json job = archive_job(two_sets(), observed_two_sets(), request);
  EXPECT_EQ(job["metadata"]["name"], "zebra-pgbackrest-archive");
  EXPECT_EQ(job["metadata"]["annotations"][annotation::kPgBackRestHash], hash_of(request));
  EXPECT_EQ(variable_of(job, "wal"), "/pgdata/pg17_wal");
  EXPECT_THAT(pod_of(job)["volumes"].dump(), HasSubstr("zebra-big-bcdf-pgdata"));
}

std::string patroni_of(const Observed& observed) {
  return cluster_config_map(two_sets(), observed)["data"]["patroni.yaml"].get<std::string>();
}

TEST(RestoredData, IsWhatTheBootstrapBeginsWith) {
  Observed observed = observed_two_sets();
  observed.bootstrap_state.bootstrapped = false;
  EXPECT_THAT(patroni_of(observed), Not(HasSubstr("existing")));
  observed.bootstrap_state.restored = true;
  EXPECT_THAT(patroni_of(observed), HasSubstr("mv --no-target-directory /pgdata/pg17_bootstrap "));
  observed.bootstrap_state.bootstrapped = true;
  EXPECT_THAT(patroni_of(observed), Not(HasSubstr("existing")));
}

TEST(RestoredData, ChangesOneInput) {
  BootstrapState restored;
  restored.restored = true;
  EXPECT_EQ(inputs_between({}, restored), std::vector{BootstrapInput::kBootstrapped});
}

}  // namespace
}  // namespace annals::manifests

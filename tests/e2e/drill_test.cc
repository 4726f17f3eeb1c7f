// Restore drills on real pods: a good one, a query that fails, a damaged backup, and an operator
// that is killed in the middle. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <iostream>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kMarmot = "marmot";
constexpr const char* kCondition = "RestoreDrillSucceeded";
constexpr const char* kProof = ".status.pgbackrest.repos[0].lastVerifiedBackup.";

class Drill : public Operator {
 protected:
  static void SetUpTestSuite() {
    make_like_hippo(kMarmot, "s/replicas: 2/replicas: 1/");
    await_settled(kMarmot);
    psql(kMarmot, "create schema marmot");
    psql(kMarmot, "create table marmot.burrows (id int primary key, at timestamptz default now())");
    psql(kMarmot, "insert into marmot.burrows select n from generate_series(1, 5000) n");
    const std::string segment = superuser(kMarmot, "select pg_walfile_name(pg_switch_wal())");
    await(
        "whether segment " + segment + " is archived", 90s,
        [&] {
          return superuser(
              kMarmot,
              "select count(*) from pg_ls_archive_statusdir() where name = '" + segment + ".done'");
        },
        "1");
  }
  static void TearDownTestSuite() { remove(kMarmot); }

  // As one change: the request and what is asked of the restored database.
  static void ask(const std::string& id, const std::string& query) {
    const std::string prefix = R"("postgres-operator.crunchydata.com/restore-drill)";
    patch(kMarmot, R"({"metadata":{"annotations":{)" + prefix + R"(":")" + id + R"(",)" + prefix +
                       R"(-query":")" + query + R"(",)" + prefix +
                       R"(-age-query":"select max(at) from marmot.burrows"}}})");
  }
  static std::string drill(const std::string& path) {
    return field(kMarmot, ".status.pgbackrest.restoreDrill." + path);
  }
  static std::string trouble() {
    return conditions(kMarmot) + "\n" +
           must_kubectl(
               "get jobs,pods,pvc -o wide -l postgres-operator.crunchydata.com/cluster=marmot") +
           "\n" + events(kMarmot) + "\n" + kubectl("logs job/marmot-restore-drill --tail=40").out;
  }
  static void await_end(const std::string& id) {
    await("the end of drill " + id, 420s, [] { return drill("id") + " " + drill("finished"); },
          id + " true", {.details = trouble});
  }
  static std::string objects_of_drills() {
    return named("jobs,pods,pvc", kMarmot, ",postgres-operator.crunchydata.com/restore-drill");
  }
  static void expect_removed() {
    await("that nothing of the drill is left", 120s, objects_of_drills, "", {.details = trouble});
  }
};

TEST_F(Drill, ProvesTheNewestBackupAndLeavesNothingBehind) {
  const std::string pods = pods_and_templates(kMarmot);
  ask("monday", "select count(*) from marmot.burrows");
  await_end("monday");
  EXPECT_EQ(condition(kMarmot, kCondition, "status"), "True") << trouble();
  EXPECT_EQ(field(kMarmot, std::string(kProof) + "label"),
            field(kMarmot, ".status.pgbackrest.repos[0].contents.backups[-1:].label"));
  EXPECT_EQ(field(kMarmot, std::string(kProof) + "answer"), "5000");
  EXPECT_THAT(field(kMarmot, std::string(kProof) + "checks"),
              testing::StartsWith("wal,amcheck,rows,query,age"));
  EXPECT_NE(field(kMarmot, std::string(kProof) + "newestRowAgeSeconds"), "");
  EXPECT_NE(field(kMarmot, std::string(kProof) + "verifiedAt"), "");
  expect_removed();
  EXPECT_EQ(pods_and_templates(kMarmot), pods);
  EXPECT_THAT(events(kMarmot), testing::HasSubstr("RestoreDrillSucceeded"));
  std::cout << field(kMarmot, ".status.pgbackrest.repos[0].lastVerifiedBackup") << "\n";
}

TEST_F(Drill, AQueryThatFailsIsAConditionAndTheLastProofStays) {
  const std::string label = field(kMarmot, std::string(kProof) + "label");
  ask("tuesday", "select count(*) from burroughs");
  await_end("tuesday");
  EXPECT_EQ(condition(kMarmot, kCondition, "status"), "False");
  EXPECT_EQ(condition(kMarmot, kCondition, "reason"), "QueryFailed");
  EXPECT_THAT(condition(kMarmot, kCondition, "message"), testing::HasSubstr("burroughs"));
  EXPECT_EQ(field(kMarmot, std::string(kProof) + "label"), label);
  expect_removed();
}

TEST_F(Drill, AFileThatIsMissingInTheBackupIsFound) {
  const std::string host = "exec marmot-repo-host-0 -c pgbackrest -- bash -c ";
  const std::string label =
      must_kubectl(host + "'cd /pgbackrest/repo1/backup/db && ls -d *F | tail -n 1'");
  const std::string file = "/pgbackrest/repo1/backup/db/" + label + "/pg_data/global/pg_control.gz";
  must_kubectl(host + "'mv " + file + " " + file + ".away'");
  ask("wednesday", "select 1");
  await_end("wednesday");
  must_kubectl(host + "'mv " + file + ".away " + file + "'");
  EXPECT_EQ(condition(kMarmot, kCondition, "reason"), "RestoreFailed");
  EXPECT_THAT(condition(kMarmot, kCondition, "message"),
              testing::HasSubstr("pgbackrest restore: exit status"));
  expect_removed();
}

TEST_F(Drill, AWrongScheduleIsToldWithItsRemedy) {
  annotate(kMarmot, "restore-drill-schedule=weekly");
  await("the condition", 60s, [] { return condition(kMarmot, kCondition, "reason"); },
        "InvalidRestoreDrill", {.details = trouble});
  EXPECT_THAT(condition(kMarmot, kCondition, "message"), testing::HasSubstr("such as 24h or 7d"));
  must_kubectl(
      "annotate postgrescluster marmot "
      "postgres-operator.crunchydata.com/restore-drill-schedule-");
}

TEST_F(Drill, EndsAsUndisturbedWhereTheOperatorIsKilledInTheMiddle) {
  ask("thursday", "select count(*) from marmot.burrows");
  await("the Job", 120s, objects_of_drills, testing::HasSubstr("job.batch/marmot-restore-drill"),
        {.details = trouble});
  kill_the_operator();
  await_end("thursday");
  EXPECT_EQ(condition(kMarmot, kCondition, "status"), "True") << trouble();
  expect_removed();
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

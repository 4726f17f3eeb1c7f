// The operator on the cluster of script/cluster, as script/demo has installed it: hippo answers,
// heals, and every write has a cause that annals-replay can tell. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <random>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

TEST_F(Operator, HippoAnswersOverVerifiedTls) {
  await_ready("hippo");
  EXPECT_EQ(psql("hippo", "select current_user || ' ' || current_database()"), "hippo hippo");
  EXPECT_EQ(psql("hippo", "select ssl from pg_stat_ssl where pid = pg_backend_pid()"), "t");
  EXPECT_EQ(psql("hippo", "show server_version_num").substr(0, 2), "15");
}

TEST_F(Operator, HippoHasAReplicaThatStreams) {
  await_ready("hippo");
  await_streaming("hippo", 1);
}

TEST_F(Operator, HippoIsBackedUpAndArchivesItsWal) {
  await_backup("hippo");
  const std::string backups =
      must_kubectl("exec hippo-repo-host-0 -c pgbackrest -- pgbackrest info --output json");
  EXPECT_NE(backups.find("\"type\":\"full\""), std::string::npos) << backups;
  EXPECT_EQ(named("cronjobs", "hippo"),
            "cronjob.batch/hippo-repo1-diff\ncronjob.batch/hippo-repo1-full");
  const std::string before = superuser("hippo", "select archived_count from pg_stat_archiver");
  superuser("hippo", "select pg_logical_emit_message(true, 'e2e', 'something to archive')");
  superuser("hippo", "select pg_switch_wal()");
  await(
      "how many files are archived", 90s,
      [] { return superuser("hippo", "select archived_count from pg_stat_archiver"); },
      testing::Ne(before));
}

TEST_F(Operator, AParameterInTheSpecReachesPostgresWithoutARestart) {
  await_ready("hippo");
  const std::string started = superuser("hippo", "select pg_postmaster_start_time()");
  patch("hippo", R"({"spec":{"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":)"
                 R"({"work_mem":"7MB"}}}}}})");
  await("work_mem", 60s, [] { return superuser("hippo", "show work_mem"); }, "7MB");
  EXPECT_EQ(superuser("hippo", "select pg_postmaster_start_time()"), started);
  EXPECT_NE(replay("why patroni").find("asked for differently"), std::string::npos);
}

TEST_F(Operator, ADeletedServiceIsBackAndItsCauseIsNamed) {
  await_ready("hippo");
  expect_back("service/hippo-primary");
  const std::string why = replay("why Service/hippo-primary");
  EXPECT_NE(why.find("Service/hippo-primary is missing: somebody has deleted it"),
            std::string::npos)
      << why;
  EXPECT_NE(why.find("fact  Service/hippo-primary is gone"), std::string::npos) << why;
}

TEST_F(Operator, ADeletedConfigMapIsBackAndItsCauseIsNamed) {
  await_ready("hippo");
  expect_back("configmap/hippo-config");
  EXPECT_NE(replay("why ConfigMap/hippo-config").find("fact  ConfigMap/hippo-config is gone"),
            std::string::npos);
}

TEST_F(Operator, ADeletedStatefulSetIsBackWithItsDataAndItsCauseIsNamed) {
  await_ready("hippo");
  psql("hippo",
       "create schema if not exists hippo; create table if not exists hippo.kept as "
       "select 7 as answer");
  const std::string name = must_kubectl(
      "get statefulsets -l postgres-operator.crunchydata.com/cluster=hippo -o "
      "jsonpath={.items[0].metadata.name}");
  expect_back("statefulset/" + name);
  await("what was kept", 180s, [] { return psql("hippo", "select answer from hippo.kept"); }, "7");
  EXPECT_NE(replay("why StatefulSet/" + name).find("fact  StatefulSet/" + name + " is gone"),
            std::string::npos);
}

TEST_F(Operator, ItsJournalVerifies) {
  const std::string verdict = replay("verify");
  EXPECT_NE(verdict.find("the chain verifies"), std::string::npos) << verdict;
  EXPECT_NE(verdict.find("\n0 differences"), std::string::npos) << verdict;
}

// Killed without notice ten times (thirty with --long) while a cluster is provisioned, and a few
// times while it is deleted; what is there in the end is what an undisturbed run leaves, once each,
// and then nothing.
TEST_F(Operator, KilledAgainAndAgainItEndsInTheSameObjectsAndThenInNone) {
  await_ready("hippo");
  remove("rhino");
  apply_like_hippo("rhino");
  std::mt19937 random(20);  // NOLINT: the same moments in each run
  std::uniform_int_distribution<int> lines(1, 25);
  for (int kill = 0; kill < kills(10, 30); ++kill) {
    SCOPED_TRACE(kill);
    await_decisions(lines(random), 8s);
    restart_the_operator();
  }
  await_ready("rhino");
  for (const char* cluster : {"hippo", "rhino"}) await_backup(cluster);
  EXPECT_EQ(psql("rhino", "select current_user"), "rhino");
  EXPECT_EQ(objects_of("rhino"), objects_of("hippo"));
  expect_verified();
  must_kubectl("delete postgrescluster rhino --wait=false");
  std::uniform_int_distribution<int> few(1, 4);
  for (int kill = 0; kill < kills(3, 10) && uid("postgrescluster/rhino") != ""; ++kill) {
    SCOPED_TRACE(kill);
    await_decisions(few(random), 8s);
    restart_the_operator();
  }
  remove("rhino");
}

// The primary goes last, so nobody is promoted while a cluster goes; then nothing is left.
TEST_F(Operator, ADeletedClusterStopsItsReplicaFirstAndLeavesNothing) {
  remove("lion");
  apply_like_hippo("lion");
  await_ready("lion");
  await(
      "lion's ready pods", 120s, [] { return field("lion", ".status.instances[0].readyReplicas"); },
      "2");
  remove("lion");
  const std::string story = replay("timeline --cluster postgres-operator/lion");
  const std::size_t first = story.find("it is the turn of StatefulSet/lion");
  const std::size_t patroni = story.find("no instance runs any more");
  EXPECT_NE(first, std::string::npos) << story;
  EXPECT_NE(story.find("it is the turn of StatefulSet/lion", first + 1), std::string::npos)
      << story;
  EXPECT_GT(patroni, first) << story;
}

}  // namespace
}  // namespace annals::e2e

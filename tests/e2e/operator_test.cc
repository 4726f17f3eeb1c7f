// The operator on the cluster of script/cluster, as script/demo has installed it: hippo answers,
// heals, and every write has a cause that annals-replay can tell. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;

TEST_F(Operator, HippoAnswersOverVerifiedTls) {
  await_ready("hippo");
  EXPECT_EQ(psql("hippo", "select current_user || ' ' || current_database()").out, "hippo hippo");
  EXPECT_EQ(psql("hippo", "select ssl from pg_stat_ssl where pid = pg_backend_pid()").out, "t");
  EXPECT_EQ(psql("hippo", "show server_version_num").out.substr(0, 2), "15");
}

TEST_F(Operator, HippoHasAReplicaThatStreams) {
  await_ready("hippo");
  EXPECT_TRUE(eventually(120s, [] {
    return superuser("hippo",
                     "select count(*) from pg_stat_replication where state = 'streaming'") == "1";
  }));
}

TEST_F(Operator, HippoIsBackedUpAndArchivesItsWal) {
  must_kubectl("wait --for condition=PGBackRestReplicaCreate postgrescluster/hippo --timeout 180s",
               190s);
  const std::string backups =
      must_kubectl("exec hippo-repo-host-0 -c pgbackrest -- pgbackrest info --output json");
  EXPECT_NE(backups.find("\"type\":\"full\""), std::string::npos) << backups;
  EXPECT_EQ(
      must_kubectl("get cronjobs -o name -l postgres-operator.crunchydata.com/cluster=hippo | "
                   "sort"),
      "cronjob.batch/hippo-repo1-diff\ncronjob.batch/hippo-repo1-full");
  const std::string before = superuser("hippo", "select archived_count from pg_stat_archiver");
  superuser("hippo", "select pg_logical_emit_message(true, 'e2e', 'something to archive')");
  superuser("hippo", "select pg_switch_wal()");
  EXPECT_TRUE(eventually(90s, [&] {
    return superuser("hippo", "select archived_count > " + before + " from pg_stat_archiver") ==
           "t";
  }));
}

TEST_F(Operator, AParameterInTheSpecReachesPostgresWithoutARestart) {
  await_ready("hippo");
  const std::string started = superuser("hippo", "select pg_postmaster_start_time()");
  must_kubectl(
      "patch postgrescluster hippo --type merge -p "
      "'{\"spec\":{\"patroni\":{\"dynamicConfiguration\":{\"postgresql\":{\"parameters\":{\"work_"
      "mem\":"
      "\"7MB\"}}}}}}'");
  EXPECT_TRUE(eventually(60s, [] { return superuser("hippo", "show work_mem") == "7MB"; }));
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
  EXPECT_EQ(psql("hippo",
                 "create schema if not exists hippo; create table if not exists hippo.kept as "
                 "select 7 as answer")
                .status,
            0);
  const std::string name = must_kubectl(
      "get statefulsets -l postgres-operator.crunchydata.com/cluster=hippo -o "
      "jsonpath={.items[0].metadata.name}");
  expect_back("statefulset/" + name);
  EXPECT_TRUE(
      eventually(180s, [&] { return psql("hippo", "select answer from hippo.kept").out == "7"; }));
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
  must_kubectl("delete postgrescluster rhino --ignore-not-found --wait", 180s);
  must(
      "sed 's/name: hippo/name: rhino/' examples/hippo.yaml | script/cluster kubectl -n "
      "postgres-operator apply -f -");
  std::mt19937 random(20);  // NOLINT: the same moments in each run
  std::uniform_int_distribution<int> lines(1, 25);
  for (int kill = 0; kill < kills(10, 30); ++kill) {
    SCOPED_TRACE(kill);
    await_decisions(lines(random), 8s);
    ASSERT_NO_FATAL_FAILURE(restart_the_operator());
  }
  await_ready("rhino");
  for (const char* cluster : {"hippo", "rhino"}) {
    must_kubectl(std::string("wait --for condition=PGBackRestReplicaCreate postgrescluster/") +
                     cluster + " --timeout 180s",
                 190s);
  }
  EXPECT_EQ(psql("rhino", "select current_user").out, "rhino");
  EXPECT_EQ(objects_of("rhino"), objects_of("hippo"));
  const std::string verdict = replay("verify");
  EXPECT_NE(verdict.find("\n0 differences"), std::string::npos) << verdict;
  must_kubectl("delete postgrescluster rhino --wait=false");
  std::uniform_int_distribution<int> few(1, 4);
  for (int kill = 0; kill < kills(3, 10) && uid("postgrescluster/rhino") != ""; ++kill) {
    SCOPED_TRACE(kill);
    await_decisions(few(random), 8s);
    ASSERT_NO_FATAL_FAILURE(restart_the_operator());
  }
  EXPECT_TRUE(eventually(kCollected, [] { return objects_of("rhino").empty(); }))
      << objects_of("rhino");
  EXPECT_EQ(uid("postgrescluster/rhino"), "");
}

// The primary goes last, so nobody is promoted while a cluster goes; then nothing is left.
TEST_F(Operator, ADeletedClusterStopsItsReplicaFirstAndLeavesNothing) {
  must(
      "sed 's/name: hippo/name: lion/' examples/hippo.yaml | script/cluster kubectl -n "
      "postgres-operator apply -f -");
  await_ready("lion");
  ASSERT_TRUE(eventually(120s, [] {
    return must_kubectl(
               "get postgrescluster lion -o jsonpath={.status.instances[0].readyReplicas}") == "2";
  }));
  must_kubectl("delete postgrescluster lion --wait", 180s);
  EXPECT_TRUE(eventually(kCollected, [] { return objects_of("lion").empty(); }))
      << objects_of("lion");
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

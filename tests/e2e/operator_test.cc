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
  EXPECT_NE(replay("why patroni").find("has a new desired state"), std::string::npos);
}

TEST_F(Operator, ADeletedServiceIsBackAndItsCauseIsNamed) {
  await_ready("hippo");
  expect_back("service/hippo-primary");
  const std::string why = replay("why Service/hippo-primary");
  EXPECT_NE(why.find("Service/hippo-primary is missing: it was deleted by someone else"),
            std::string::npos)
      << why;
  EXPECT_NE(why.find("fact  Service/hippo-primary deleted"), std::string::npos) << why;
}

TEST_F(Operator, ADeletedConfigMapIsBackAndItsCauseIsNamed) {
  await_ready("hippo");
  expect_back("configmap/hippo-config");
  EXPECT_NE(replay("why ConfigMap/hippo-config").find("fact  ConfigMap/hippo-config deleted"),
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
  EXPECT_NE(replay("why StatefulSet/" + name).find("fact  StatefulSet/" + name + " deleted"),
            std::string::npos);
}

TEST_F(Operator, ItsJournalVerifies) {
  const std::string verdict = replay("verify");
  EXPECT_NE(verdict.find("hash chain intact"), std::string::npos) << verdict;
  EXPECT_NE(verdict.find("\n0 differences"), std::string::npos) << verdict;
}

// A life of rhino in which the operator is killed without notice again and again, more often with
// --long.
class KilledAgainAndAgain : public Operator {
 protected:
  static constexpr const char* kRhino = "rhino";

  void kill_after_some_decisions(int most) {
    std::uniform_int_distribution<int> lines(1, most);
    await_decisions(lines(random_), 8s);
    restart_the_operator();
  }
  void kill_during(int rounds, int most) {
    for (int kill = 0; kill < rounds; ++kill) {
      SCOPED_TRACE(kill);
      kill_after_some_decisions(most);
    }
  }

 private:
  std::mt19937 random_{20};  // NOLINT: the same moments in each run
};

// What is there in the end is what an undisturbed run leaves, once each.
TEST_F(KilledAgainAndAgain, ItEndsInTheSameObjects) {
  await_ready("hippo");
  remove(kRhino);
  apply_like_hippo(kRhino);
  kill_during(kills(10, 30), 25);
  await_ready(kRhino);
  for (const char* cluster : {"hippo", kRhino}) await_backup(cluster);
  EXPECT_EQ(psql(kRhino, "select current_user"), kRhino);
  EXPECT_EQ(objects_of(kRhino), objects_of("hippo"));
  expect_verified();
}

// One pod after the other, each once.
TEST_F(KilledAgainAndAgain, ItGoesOnWithARollingUpdate) {
  await_settled(kRhino);
  patch(kRhino, R"({"spec":{"metadata":{"annotations":{"purpose":"kills"}}}})");
  kill_during(kills(6, 20), 12);
  await("annotation purpose of each pod", 300s,
        [] { return of_instances(kRhino, ".metadata.annotations.purpose"); }, "kills,kills,",
        {.details = [] { return conditions(kRhino); }});
  await_settled(kRhino);
  expect_verified();
}

TEST_F(KilledAgainAndAgain, ItMakesOneBackupForOneRequest) {
  patch(kRhino, R"({"spec":{"backups":{"pgbackrest":{"manual":{"repoName":"repo1",
                    "options":["--type=incr"]}}}}})");
  annotate(kRhino, "pgbackrest-backup=killed");
  await(
      "the backup's id", 60s, [] { return field(kRhino, ".status.pgbackrest.manualBackup.id"); },
      "killed");
  restart_the_operator();
  await_condition(kRhino, "PGBackRestManualBackupSuccessful", 180s);
  EXPECT_EQ(field(kRhino, ".status.pgbackrest.manualBackup.succeeded"), "1");
  EXPECT_EQ(count("jobs", kRhino, ",postgres-operator.crunchydata.com/pgbackrest-backup=manual"),
            "1");
}

TEST_F(KilledAgainAndAgain, ItLeavesNothingOfADeletedCluster) {
  must_kubectl("delete postgrescluster rhino --wait=false");
  for (int kill = 0; kill < kills(3, 10) && uid("postgrescluster/rhino") != ""; ++kill) {
    SCOPED_TRACE(kill);
    kill_after_some_decisions(4);
  }
  remove(kRhino);
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
  const std::size_t first = story.find("stopping StatefulSet/lion");
  const std::size_t patroni = story.find("no instance is running");
  EXPECT_NE(first, std::string::npos) << story;
  EXPECT_NE(story.find("stopping StatefulSet/lion", first + 1), std::string::npos) << story;
  EXPECT_GT(patroni, first) << story;
}

}  // namespace
}  // namespace annals::e2e

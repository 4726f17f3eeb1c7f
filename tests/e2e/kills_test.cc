// kill -9 of the operator at random moments of each operation, on real pods: it ends as it does
// undisturbed, each thing done once. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <random>
#include <sstream>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kMoose = "moose";
constexpr const char* kFoal = "foal";

class Killed : public Operator {
 protected:
  static void SetUpTestSuite() {
    make_like_hippo(kMoose);
    patch(kMoose, R"({"spec":{"patroni":{"switchover":{"enabled":true}}}})");
    await_settled(kMoose);
    superuser(kMoose, "create table if not exists kept as select 7 as answer");
  }
  static void TearDownTestSuite() { remove(kMoose); }
  void SetUp() override {
    await_settled(kMoose);
    objects_ = objects();
  }
  void TearDown() override {
    EXPECT_EQ(superuser(kMoose, "select answer from kept"), "7");
    // A replica takes some seconds until it asks a leader again that was restarted.
    await_streaming(kMoose, 1, 60s);
    expect_verified();
  }

  // But for what Patroni keeps from its first switchover on.
  static std::string objects() {
    std::istringstream all(objects_of(kMoose));
    std::string ours;
    for (std::string object; all >> object;) {
      if (object != "endpoints/CLUSTER-ha-failover") ours += object + "\n";
    }
    return ours;
  }
  // Each restore makes a first backup anew.
  static std::string without_backups(std::string objects) {
    const std::string job = "job.batch/CLUSTER-backup-XXXX\n";
    for (std::size_t at = 0; (at = objects.find(job)) != std::string::npos;)
      objects.erase(at, job.size());
    return objects;
  }
  static std::string pods(const std::string& what) { return of_instances(kMoose, what); }
  static std::string ready_pods() { return field(kMoose, ".status.instances[0].readyReplicas"); }
  // How often this has been decided for the cluster as it is known by this part of a reason.
  static long decided(const std::string& words) {
    return std::stol(
        replay("timeline --cluster postgres-operator/moose --kind decision | { grep -cF '" + words +
               "' || true; }"));
  }
  static long events(const std::string& words) {
    const std::string all = Operator::events(kMoose);
    long count = 0;
    for (std::size_t at = 0; (at = all.find(words, at)) != std::string::npos; ++at) ++count;
    return count;
  }
  // Of each operation twenty in all with --long.
  static int rounds() { return kills(1, 4); }
  void kill_again_and_again() {
    for (int kill = 0; kill < kills(2, 5); ++kill) {
      SCOPED_TRACE(kill);
      await_decisions(moment_(random_), 6s);
      restart_the_operator();
    }
  }

  // Begins it and kills the operator again and again; at the end it is awaited that `look` sees
  // what is wanted.
  void disturb(const std::function<void()>& begin, const std::function<std::string()>& look,
               const Wanted& wanted) {
    begin();
    kill_again_and_again();
    await("the end of what was begun", 400s, look, wanted,
          {.details = [] { return conditions(kMoose); }});
    await_settled(kMoose);
  }

  std::mt19937 random_{11};  // NOLINT: the same moments in each run
  std::uniform_int_distribution<int> moment_{1, 12};
  std::string objects_;
};

TEST_F(Killed, DuringSwitchovers) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string request = "kills-" + std::to_string(round);
    const std::string before = primary(kMoose);
    const std::string uids = pods(".metadata.uid");
    disturb([&] { annotate(kMoose, "trigger-switchover=" + request); },
            [] { return primary(kMoose); },
            testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(before)));
    EXPECT_EQ(pods(".metadata.uid"), uids) << "no pod was made anew";
    EXPECT_EQ(events("is the primary, as requested by " + request), 1)
        << "it happened, and was told, once";
  }
  EXPECT_EQ(objects(), objects_);
}

TEST_F(Killed, DuringRestarts) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string connections = std::to_string(130 + 10 * round);
    const std::string uids = pods(".metadata.uid");
    disturb(
        [&] {
          patch(kMoose, R"({"spec":{"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":)"
                        R"({"max_connections":)" +
                            connections + "}}}}}}");
        },
        [] {
          return superuser(kMoose, "show max_connections") + pods(".metadata.annotations.status");
        },
        testing::AllOf(testing::StartsWith(connections),
                       testing::Not(testing::HasSubstr("pending_restart"))));
    EXPECT_EQ(pods(".metadata.uid"), uids) << "no pod was made anew";
  }
  EXPECT_EQ(objects(), objects_);
}

TEST_F(Killed, DuringRollingUpdates) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string purpose = "kills-" + std::to_string(round);
    disturb(
        [&] {
          patch(kMoose, R"({"spec":{"metadata":{"annotations":{"purpose":")" + purpose + "\"}}}}");
        },
        [] { return pods(".metadata.annotations.purpose"); }, purpose + "," + purpose + ",");
    // Asked again where an answer was lost; but no pod of the new template was taken away.
    EXPECT_EQ(pods(".status.containerStatuses[0].restartCount"), "0,0,");
  }
  EXPECT_EQ(objects(), objects_);
}

TEST_F(Killed, WhileInstancesComeAndGo) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string leader = primary(kMoose);
    disturb([] { scale(kMoose, 3); }, ready_pods, "3");
    await_streaming(kMoose, 2, 60s);
    const std::string three = objects();
    disturb([] { scale(kMoose, 2); }, ready_pods, "2");
    EXPECT_EQ(primary(kMoose), leader) << "the leader stays";
    EXPECT_EQ(decided("remove-volume"), 0) << "volumes are kept";
    // All that is left of the third is its volume.
    EXPECT_NE(three, objects_);
    EXPECT_EQ(count("statefulsets", kMoose, ",postgres-operator.crunchydata.com/instance-set"),
              "2");
    EXPECT_EQ(count("pvc", kMoose, ",postgres-operator.crunchydata.com/role=pgdata"), "3");
  }
}

TEST_F(Killed, DuringRestores) {
  for (int round = 0; round < rounds(); ++round) {
    // Events of a run before are still there.
    const std::string request =
        "kills-" + std::to_string(round) + "-" + uid("postgrescluster/moose").substr(0, 8);
    disturb(
        [&] {
          patch(kMoose, R"({"metadata":{"annotations":{"postgres-operator.crunchydata.com/)"
                        R"(pgbackrest-restore":")" +
                            request +
                            R"("}},"spec":{"backups":{"pgbackrest":{"restore":{"enabled":true,)"
                            R"("repoName":"repo1"}}}}})");
        },
        [] {
          const std::string restore = ".status.pgbackrest.restore.";
          return field(kMoose, restore + "id") + " " + field(kMoose, restore + "succeeded");
        },
        request + " 1");
    EXPECT_EQ(events("requested by the annotation "
                     "postgres-operator.crunchydata.com/pgbackrest-restore=" +
                     request),
              2)
        << "its begin and its end were told once each";
    await_backup(kMoose);
  }
  EXPECT_EQ(without_backups(objects()), without_backups(objects_));
}

TEST_F(Killed, DuringClones) {
  for (int round = 0; round < rounds(); ++round) {
    remove(kFoal);
    disturb(
        [] {
          apply_like_hippo(kFoal,
                           "s/^spec:/spec:\\n  dataSource:\\n    postgresCluster: "
                           "{clusterName: moose, repoName: repo1}/");
        },
        [] { return condition(kFoal, "PGBackRestReplicaCreate", "status"); }, "True");
    EXPECT_EQ(superuser(kFoal, "select answer from kept"), "7");
    await_streaming(kFoal, 1, 60s);
  }
  remove(kFoal);
  EXPECT_EQ(objects(), objects_);
}

TEST_F(Killed, DuringShutdownsAndStarts) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string leader = primary(kMoose);
    patch(kMoose, R"({"spec":{"shutdown":true}})");
    kill_again_and_again();
    await("pods of moose", 240s, [] { return pods(".metadata.uid"); }, testing::IsEmpty());
    await("Ready's reason", 60s, [] { return condition(kMoose, "Ready", "reason"); }, "Shutdown");
    disturb([] { patch(kMoose, R"({"spec":{"shutdown":false}})"); },
            [] { return condition(kMoose, "Ready", "status"); }, "True");
    EXPECT_EQ(primary(kMoose), leader) << "who led before leads again";
  }
  EXPECT_EQ(objects(), objects_);
}

}  // namespace
}  // namespace annals::e2e

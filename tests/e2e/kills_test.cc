// kill -9 of the operator at random moments of each operation, on real pods: it ends as it does
// undisturbed, each thing done once. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <sstream>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kMoose = "moose";

class Killed : public Operator {
 protected:
  static void SetUpTestSuite() {
    make_like_hippo(kMoose);
    patch(R"({"spec":{"patroni":{"switchover":{"enabled":true}}}})");
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
    expect_streaming("1");
    const std::string verdict = replay("verify");
    EXPECT_NE(verdict.find("\n0 differences"), std::string::npos) << verdict;
  }

  static void patch(const std::string& change) {
    must_kubectl("patch postgrescluster moose --type merge --patch '" + change + "'");
  }
  // A replica takes some seconds until it asks a leader again that was restarted.
  static void expect_streaming(const std::string& replicas) {
    EXPECT_TRUE(eventually(60s, [&] {
      return superuser(kMoose,
                       "select count(*) from pg_stat_replication where state='streaming'") ==
             replicas;
    })) << superuser(kMoose, "select application_name, state from pg_stat_replication");
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
  static void scale_to(int replicas) {
    must_kubectl(R"(patch postgrescluster moose --type json --patch '[{"op":"replace",)"
                 R"("path":"/spec/instances/0/replicas","value":)" +
                 std::to_string(replicas) + "}]'");
  }
  static std::string pods(const std::string& what) {
    return must_kubectl(
        "get pods -l postgres-operator.crunchydata.com/cluster=moose,"
        "postgres-operator.crunchydata.com/instance-set --sort-by=.metadata.name -o "
        "jsonpath='{range .items[*]}{" +
        what + "},{end}'");
  }
  // How often this has been decided for the cluster as it is known by this part of a reason.
  static long decided(const std::string& words) {
    return std::stol(
        must("script/cluster kubectl -n postgres-operator exec deploy/annals -- "
             "annals-replay timeline --cluster postgres-operator/moose --kind "
             "decision | grep -cF '" +
             words + "' || true"));
  }
  static long events(const std::string& words) {
    return std::stol(
        must("script/cluster kubectl -n postgres-operator get events.events.k8s.io -o "
             "jsonpath='{range .items[?(@.regarding.name==\"moose\")]}{.reason} "
             "{.note}{\"\\n\"}{end}' | grep -cF '" +
             words + "' || true"));
  }
  // Of each operation twenty in all with --long.
  static int rounds() { return kills(1, 4); }
  void kill_again_and_again() {
    for (int kill = 0; kill < kills(2, 5); ++kill) {
      SCOPED_TRACE(kill);
      await_decisions(moment_(random_), 6s);
      ASSERT_NO_FATAL_FAILURE(restart_the_operator());
    }
  }

  // Begins it and kills the operator again and again; `is_done` is awaited at the end.
  void disturb(const std::function<void()>& begin, const std::function<bool()>& is_done) {
    begin();
    ASSERT_NO_FATAL_FAILURE(kill_again_and_again());
    EXPECT_TRUE(eventually(400s, is_done)) << must_kubectl("get postgrescluster moose -o yaml");
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
    disturb(
        [&] {
          must_kubectl(
              "annotate --overwrite postgrescluster moose "
              "postgres-operator.crunchydata.com/trigger-switchover=" +
              request);
        },
        [&] {
          const std::string now = primary(kMoose);
          return !now.empty() && now != before;
        });
    EXPECT_EQ(pods(".metadata.uid"), uids) << "no pod was made anew";
    EXPECT_EQ(events("leads, as asked for by " + request), 1) << "it happened, and was told, once";
  }
  EXPECT_EQ(objects(), objects_);
}

TEST_F(Killed, DuringRestarts) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string connections = std::to_string(130 + 10 * round);
    const std::string uids = pods(".metadata.uid");
    disturb(
        [&] {
          patch(R"({"spec":{"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":)"
                R"({"max_connections":)" +
                connections + "}}}}}}");
        },
        [&] {
          return superuser(kMoose, "show max_connections") == connections &&
                 pods(".metadata.annotations.status").find("pending_restart") == std::string::npos;
        });
    EXPECT_EQ(pods(".metadata.uid"), uids) << "no pod was made anew";
  }
  EXPECT_EQ(objects(), objects_);
}

TEST_F(Killed, DuringRollingUpdates) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string purpose = "kills-" + std::to_string(round);
    disturb(
        [&] { patch(R"({"spec":{"metadata":{"annotations":{"purpose":")" + purpose + "\"}}}}"); },
        [&] { return pods(".metadata.annotations.purpose") == purpose + "," + purpose + ","; });
    // Asked again where an answer was lost; but no pod of the new template was taken away.
    EXPECT_EQ(pods(".status.containerStatuses[0].restartCount"), "0,0,");
  }
  EXPECT_EQ(objects(), objects_);
}

TEST_F(Killed, WhileInstancesComeAndGo) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string leader = primary(kMoose);
    disturb([] { scale_to(3); },
            [] { return field(kMoose, ".status.instances[0].readyReplicas") == "3"; });
    expect_streaming("2");
    const std::string three = objects();
    disturb([] { scale_to(2); },
            [] { return field(kMoose, ".status.instances[0].readyReplicas") == "2"; });
    EXPECT_EQ(primary(kMoose), leader) << "the leader stays";
    EXPECT_EQ(decided("remove-volume"), 0) << "volumes are kept";
    // All that is left of the third is its volume.
    EXPECT_NE(three, objects_);
    EXPECT_EQ(must_kubectl("get statefulsets -o name -l "
                           "postgres-operator.crunchydata.com/cluster=moose,"
                           "postgres-operator.crunchydata.com/instance-set | wc -l"),
              "2");
    EXPECT_EQ(must_kubectl("get pvc -o name -l postgres-operator.crunchydata.com/cluster=moose,"
                           "postgres-operator.crunchydata.com/role=pgdata | wc -l"),
              "3");
  }
}

TEST_F(Killed, DuringShutdownsAndStarts) {
  for (int round = 0; round < rounds(); ++round) {
    const std::string leader = primary(kMoose);
    patch(R"({"spec":{"shutdown":true}})");
    ASSERT_NO_FATAL_FAILURE(kill_again_and_again());
    EXPECT_TRUE(eventually(240s, [] { return pods(".metadata.uid").empty(); }));
    EXPECT_TRUE(eventually(60s, [] { return condition(kMoose, "Ready", "reason") == "Shutdown"; }));
    disturb([] { patch(R"({"spec":{"shutdown":false}})"); },
            [] { return condition(kMoose, "Ready", "status") == "True"; });
    EXPECT_EQ(primary(kMoose), leader) << "who led before leads again";
  }
  EXPECT_EQ(objects(), objects_);
}

}  // namespace
}  // namespace annals::e2e

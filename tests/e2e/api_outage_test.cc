// Clusters whose Patroni has failsafe_mode go on taking writes while the API server is away for ten
// minutes, and while it is there for a third of the time: with one instance and with three, without
// an error for who writes and without another primary. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <string>

#include "support/operator_fixture.h"
#include "support/writer.h"

namespace annals::e2e {
namespace {

// An instance alone, and a primary with two replicas.
constexpr std::array<const char*, 2> kClusters{"sole", "trio"};
constexpr auto kOutage = 600s;
// A writer has ten milliseconds between two rows; the machine is shared.
constexpr long kRowsAtLeast = 600L * 10;

class ApiOutage : public Operator {
 protected:
  static void SetUpTestSuite() {
    make_like_hippo("sole", "s/replicas: 2/replicas: 1/");
    make_like_hippo("trio", "s/replicas: 2/replicas: 3/");
    await_streaming("trio", 2);
  }
  static void TearDownTestSuite() {
    for (const char* cluster : kClusters) remove(cluster);
  }

  static std::string api_server() {
    return must(
        "script/cluster status | awk '$1 == \"control-plane\" && $2 == \"kube-apiserver\" "
        "{ print $3 }'");
  }
  // Who leads, and on which timeline: another one tells of a promotion.
  static std::string leadership(const char* cluster) {
    return primary(cluster) + " on timeline " +
           superuser(cluster, "select timeline_id from pg_control_checkpoint()");
  }
  // Runs `fault`, whose end is its own affair, and looks how writing went meanwhile.
  static void expect_writes_go_on_during(const std::string& fault) {
    const Writer of_sole("sole", "node1");
    const Writer of_trio("trio", "node1");
    const std::string sole = leadership("sole");
    const std::string trio = leadership("trio");
    const long before_sole = of_sole.acknowledged();
    const long before_trio = of_trio.acknowledged();
    must(fault, kOutage + 120s);
    await_rolled_out("deployment/annals", 300s);
    for (const char* cluster : kClusters) await_ready(cluster);
    EXPECT_EQ(of_sole.errors(), 0);
    EXPECT_EQ(of_trio.errors(), 0);
    EXPECT_GT(of_sole.acknowledged() - before_sole, kRowsAtLeast);
    EXPECT_GT(of_trio.acknowledged() - before_trio, kRowsAtLeast);
    EXPECT_EQ(leadership("sole"), sole);
    EXPECT_EQ(leadership("trio"), trio);
  }
};

// In a session of its own, so that the server goes on also when this test is ended.
TEST_F(ApiOutage, OfTenMinutesStopsNoWrites) {
  expect_writes_go_on_during("server=" + api_server() +
                             "; setsid --wait bash -c \"kill -STOP $server; sleep " +
                             std::to_string(kOutage.count()) + "; kill -CONT $server\"");
}

TEST_F(ApiOutage, ForTwoThirdsOfTheTimeStopsNoWrites) {
  expect_writes_go_on_during(
      "server=" + api_server() + "; setsid --wait bash -c \"while ((SECONDS < " +
      std::to_string(kOutage.count()) +
      ")); do kill -STOP $server; sleep 2; kill -CONT $server; sleep 1; done\"");
}

}  // namespace
}  // namespace annals::e2e

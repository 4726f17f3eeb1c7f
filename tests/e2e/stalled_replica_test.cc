// A replica that cannot reach its leader lives by the archive; it does not get nearer, and its pod
// is made anew. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kHeron = "heron";

class StalledReplica : public Operator {
 protected:
  static void SetUpTestSuite() { make_like_hippo(kHeron); }
  static void TearDownTestSuite() { remove(kHeron); }

  static std::string replica() {
    return named("pods", kHeron, ",postgres-operator.crunchydata.com/role=replica");
  }
  // From the replica's pod nobody can connect to a PostgreSQL any more; the next pod can.
  static void cut_off_from_the_leader() {
    const std::string receiver = must("pgrep -f '^postgres: heron-ha: walreceiver'");
    must("nsenter -t " + receiver +
         " -n iptables -A OUTPUT -p tcp --dport 5432 -j REJECT --reject-with tcp-reset");
  }
  static std::string told() {
    return must_kubectl(
        "get events --field-selector reason=ReplicaNotStreaming,involvedObject.name=heron "
        "-o jsonpath='{.items[*].message}'");
  }
};

TEST_F(StalledReplica, IsMadeAnewAndStreams) {
  await_settled(kHeron);
  await_streaming(kHeron, 1, 60s);
  const std::string pod = replica();
  const std::string before = uid(pod);
  cut_off_from_the_leader();
  superuser(kHeron, "create table of_the_leader as select generate_series(1, 100000)");
  await_streaming(kHeron, 0, 90s);
  await("the UID of another " + pod, 600s, [&] { return uid(pod); },
        testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(before)), {.details = told});
  await_streaming(kHeron, 1, 240s);
  EXPECT_NE(told().find("its lag does not decrease"), std::string::npos) << told();
  EXPECT_NE(replay("why P" + pod.substr(1)).find("stalled-replicas"), std::string::npos);
  await_settled(kHeron);
}

}  // namespace
}  // namespace annals::e2e

// Who is followed: hosts that are the cluster's own, and what asks for a standby at all.
#include "spec/standby.h"

#include <gtest/gtest.h>

#include <string>

#include "base/concat.h"
#include "spec/postgres_cluster.h"

namespace annals::spec {
namespace {

TEST(Standby, HostsOfTheClusterItselfAreKnownByAnyOfTheirNames) {
  for (const char* const own :
       {"hippo-primary", "hippo-replicas", "hippo-ha", "hippo-pods", "Hippo-Primary.ns",
        "hippo-ha.ns.svc", "hippo-primary.ns.svc.cluster.local", "hippo-a-0.hippo-pods",
        "hippo-a-0.hippo-pods.ns.svc.cluster.local."})
    EXPECT_TRUE(is_host_of(own, "hippo", "ns")) << own;
  for (const char* const other :
       {"rhino-primary", "hippo-primary.elsewhere", "hippo-primary.example.com", "10.0.0.7",
        "hippo", "", "hippo-a-0.rhino-pods.ns.svc", "hippo-primary-x.ns"})
    EXPECT_FALSE(is_host_of(other, "hippo", "ns")) << other;
}

PostgresCluster cluster_with(const std::string& more) {
  return read_postgres_cluster(
             concat(R"({"metadata":{"name":"hippo","namespace":"ns"},"spec":{)", more, "}}"))
      .cluster;
}

TEST(Standby, IsAskedForByItsBlockOrByPatronisConfiguration) {
  EXPECT_TRUE(asks_for_standby(cluster_with(R"("standby":{"host":"h"})")));
  EXPECT_TRUE(asks_for_standby(
      cluster_with(R"("patroni":{"dynamicConfiguration":{"standby_cluster":{"host":"h"}}})")));
  EXPECT_FALSE(asks_for_standby(cluster_with(R"("standby":{"enabled":false,"host":"h"})")));
  EXPECT_FALSE(asks_for_standby(
      cluster_with(R"("patroni":{"dynamicConfiguration":{"standby_cluster":null}})")));
  EXPECT_FALSE(asks_for_standby(cluster_with("")));
}

TEST(Standby, OfAVolumeOfItsOwnIsInDoubt) {
  const Reading reading = read_postgres_cluster(
      R"({"metadata":{"name":"hippo","namespace":"ns"},"spec":{"postgresVersion":15,"instances":[{"name":"a",
          "dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}],
          "standby":{"repoName":"repo1"},"backups":{"pgbackrest":{"repos":[{"name":"repo1","volume":
          {"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}}]}}}})");
  EXPECT_TRUE(reading.findings.mistakes.empty());
  ASSERT_EQ(reading.findings.doubts.size(), 1U);
  EXPECT_EQ(reading.findings.doubts.front().field, "spec.standby.repoName");
  EXPECT_TRUE(reading.findings.unused.empty());
}

}  // namespace
}  // namespace annals::spec

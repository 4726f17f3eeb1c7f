// Who is followed: hosts that are the cluster's own, and what asks for a standby at all.
#include "spec/standby.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/concat.h"
#include "spec/postgres_cluster.h"
#include "tests/unit/spec/resource.h"

namespace annals::spec {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

std::vector<std::string> mistakes_of_login(const std::string& secret, const nlohmann::json& block) {
  nlohmann::json resource = good_resource();
  resource["metadata"]["annotations"][kStandbyLogin] = secret;
  if (!block.is_null()) resource["spec"]["standby"] = block;
  return mistakes_in(resource);
}

TEST(Standby, LogsInAtItsSourceWithASecretOfItsNamespace) {
  const nlohmann::json host{{"host", "db.example.com"}};
  EXPECT_THAT(mistakes_of_login("old.server-1", host), IsEmpty());
  EXPECT_THAT(mistakes_of_login("", host), IsEmpty());
  EXPECT_THAT(mistakes_of_login("old server", host), ElementsAre(HasSubstr("name of a Secret")));
  EXPECT_THAT(mistakes_of_login("a..b", host), ElementsAre(HasSubstr("key password")));
}

// It stays after the promotion, and says nothing of a repository.
TEST(Standby, WithALoginNeedsAHostWhileItFollows) {
  EXPECT_THAT(mistakes_of_login("old-server", {{"enabled", false}}), IsEmpty());
  EXPECT_THAT(mistakes_of_login("old-server", nullptr), IsEmpty());
  EXPECT_THAT(mistakes_of_login("old-server", {{"repoName", "repo1"}}),
              Contains(HasSubstr("spec.standby.host")));
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

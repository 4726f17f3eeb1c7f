// A standby of a server that no operator runs.
#include "manifests/instance/source_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "manifests/cluster/desired.h"
#include "manifests/instance/copy_from_source.h"
#include "manifests/instance/patroni.h"
#include "manifests/names.h"
#include "tests/unit/manifests/clusters.h"
#include "tests/unit/manifests/render.h"

namespace annals::manifests {
namespace {

using testing::HasSubstr;
using testing::Not;

spec::PostgresCluster follower(const std::string& secret) {
  spec::PostgresCluster cluster = standby();
  cluster.spec.standby->host = "db.example.com";
  if (!secret.empty()) cluster.annotations[spec::kStandbyLogin] = secret;
  return cluster;
}

Observed before_bootstrap() {
  Observed observed = observed_hippo();
  observed.bootstrap_state.bootstrapped = false;
  return observed;
}

std::string all_of(const spec::PostgresCluster& cluster) {
  return rendered(desired_objects(cluster, before_bootstrap()));
}

TEST(SourceLogin, IsMountedInPodsThatFollowAServerWhichNoOperatorRuns) {
  const std::string text = all_of(follower("old-server-login"));
  EXPECT_THAT(text, HasSubstr("name: old-server-login"));
  EXPECT_THAT(text, HasSubstr("mountPath: /pgconf/source"));
  EXPECT_THAT(text, HasSubstr("name: PGPASSFILE"));
  EXPECT_THAT(text, HasSubstr("pgpass: /tmp/replication/pgpass"));
  EXPECT_THAT(text, HasSubstr("path: \"~postgres-operator/copy-from-source\""));
  EXPECT_THAT(text, HasSubstr("command: \"bash /etc/patroni/~postgres-operator/copy-from-source 15 "
                              "/pgdata/pg15_wal old-server-login "
                              "postgres-operator.crunchydata.com/standby-source-lacks\""));
}

TEST(SourceLogin, ChangesNothingOfOtherClusters) {
  const std::string text = all_of(follower(""));
  for (const char* its : {"/pgconf/source", "PGPASSFILE", "copy-from-source", "copy_source"})
    EXPECT_THAT(text, Not(HasSubstr(its)));
}

// Nobody knows how the repository of such a server was written.
TEST(SourceLogin, MakesTheFirstCopyByItself) {
  const Json dynamic = dynamic_configuration(follower("old-server-login"), before_bootstrap());
  EXPECT_EQ(dynamic["standby_cluster"]["create_replica_methods"],
            Json::array({kCopyFromSourceMethod}));
  EXPECT_EQ(dynamic["standby_cluster"]["host"], "db.example.com");
}

// Patroni reads the command as a shell would.
TEST(SourceLogin, IsNamedInTheCommandAsOneWord) {
  EXPECT_EQ(copy_from_source_command(follower("a.b-c"), "/pgwal/pg15_wal"),
            "bash /etc/patroni/~postgres-operator/copy-from-source 15 /pgwal/pg15_wal a.b-c "
            "postgres-operator.crunchydata.com/standby-source-lacks");
}

}  // namespace
}  // namespace annals::manifests

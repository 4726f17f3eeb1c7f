// A cluster with much of what a spec offers (manifests/zebra.yaml), made for real: each field is
// asked for where it has to arrive. Wants script/demo to have run. SPDX-License-Identifier:
// Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kZebra = "zebra";

class Provisioning : public Operator {
 protected:
  static void SetUpTestSuite() {
    remove(kZebra);
    must_kubectl("apply -f tests/e2e/manifests/zebra.yaml");
    await_ready(kZebra);
    await_backup(kZebra);
  }
  static void TearDownTestSuite() {
    remove(kZebra);
    must_kubectl("delete configmap zebra-files --ignore-not-found --timeout 60s");
  }
  static std::string secret(const std::string& user, const std::string& key) {
    return Operator::secret(kZebra, user, key);
  }
  // As that user by the uri of its Secret, from the primary's pod.
  static Output as(const std::string& user, const std::string& sql) {
    return psql_as(kZebra, user, sql);
  }
  static std::string pod_of(const std::string& set) {
    const std::string all =
        labelled("pods", "postgres-operator.crunchydata.com/instance-set=" + set);
    return all.substr(0, all.find('\n'));
  }
  static std::string in_database(const std::string& pod, const std::string& command) {
    return must_kubectl("exec " + pod + " -c database -- " + command);
  }
  static std::string labelled(const std::string& kind, const std::string& labels) {
    return named(kind, kZebra, "," + labels);
  }
};

TEST_F(Provisioning, UsersHaveTheirDatabasesAndOptions) {
  EXPECT_EQ(secret("rhino", "port"), "5433");
  EXPECT_EQ(secret("rhino", "dbname"), "zoo");
  EXPECT_EQ(as("rhino", "select current_user, current_database()").out, "rhino|zoo");
  EXPECT_EQ(superuser(kZebra, "select rolcreaterole from pg_roles where rolname = 'rhino'"), "t");
  EXPECT_EQ(superuser(kZebra,
                      "select string_agg(datname, ' ' order by datname) from pg_database where "
                      "has_database_privilege('rhino', datname, 'CREATE')"),
            "safari zoo");
  EXPECT_EQ(
      secret("reader", "password")
          .find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
      std::string::npos);
}

TEST_F(Provisioning, ARuleOfAuthenticationComesBeforeTheOperatorsOwn) {
  const Output refused = as("reader", "select 1");
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.err.find("pg_hba.conf rejects connection"), std::string::npos) << refused.err;
}

TEST_F(Provisioning, ParametersAndFilesArrive) {
  EXPECT_EQ(superuser(kZebra, "show work_mem"), "6MB");
  EXPECT_EQ(superuser(kZebra, "show max_connections"), "60");
  EXPECT_EQ(superuser(kZebra, "show port"), "5433");
  EXPECT_EQ(in_database(primary(kZebra), "cat /etc/postgres/stripes.conf"), "black and white");
}

TEST_F(Provisioning, EachSetHasItsVolumesAndAllFollowOnePrimary) {
  EXPECT_EQ(in_database(pod_of("wal"), "readlink -f /pgdata/pg15/pg_wal"), "/pgwal/pg15_wal");
  EXPECT_EQ(in_database(pod_of("big"), "readlink -f /pgdata/pg15/pg_wal"), "/pgdata/pg15_wal");
  await_streaming(kZebra, 2);
  EXPECT_EQ(superuser(kZebra, "select count(*) from pg_stat_replication where sync_state = 'sync'"),
            "1");
}

TEST_F(Provisioning, LabelsAndPoliciesAreOfTheSpec) {
  EXPECT_NE(labelled("pods", "team=zoo,tier=gold"), "");
  EXPECT_NE(labelled("persistentvolumeclaims", "team=zoo"), "");
  EXPECT_EQ(labelled("services", "exposed=inside"), "service/zebra-ha");
  EXPECT_EQ(must_kubectl("get poddisruptionbudget zebra-set-big -o jsonpath={.spec.minAvailable}"),
            "1");
  EXPECT_NE(must_kubectl("get " + pod_of("big") + " -o jsonpath={.spec.tolerations[*].key}")
                .find("stripes"),
            std::string::npos);
}

TEST_F(Provisioning, BothRepositoriesHaveWhatArchivingAndTheFirstBackupGaveThem) {
  const std::string info =
      in_database(primary(kZebra), "pgbackrest info --stanza=db --repo=1 --output=json");
  EXPECT_NE(info.find("\"type\":\"full\""), std::string::npos) << info;
  superuser(kZebra, "select pg_switch_wal()");
  EXPECT_EQ(in_database(primary(kZebra), "pgbackrest check --stanza=db"), "");
  const std::string second =
      in_database(primary(kZebra), "pgbackrest info --stanza=db --repo=2 --output=json");
  EXPECT_NE(second.find("\"archive\":[{"), std::string::npos) << second;
}

}  // namespace
}  // namespace annals::e2e

// A script of the user's that is run once: it waits for its ConfigMap, a mistake in it is told with
// its place, and neither the operator's end nor its restart runs it twice. Wants script/demo to
// have run. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kNewt = "newt";

class InitSql : public Operator {
 protected:
  static void SetUpTestSuite() {
    must_kubectl("delete postgrescluster newt --ignore-not-found --wait", 300s);
    must_kubectl("delete configmap newt-sql --ignore-not-found");
    must(
        "sed 's/name: hippo/name: newt/; s/replicas: 2/replicas: 1/; /^spec:/a \\  "
        "databaseInitSQL: {name: newt-sql, key: init.sql}' examples/hippo.yaml | "
        "script/cluster kubectl -n postgres-operator apply -f -");
    await_ready(kNewt);
  }
  static void TearDownTestSuite() {
    must_kubectl("delete postgrescluster newt --wait", 300s);
    must_kubectl("delete configmap newt-sql --ignore-not-found");
    EXPECT_TRUE(eventually(kCollected, [] { return objects_of(kNewt).empty(); }))
        << objects_of(kNewt);
  }

  static void bring(const std::string& script) {
    must(
        "script/cluster kubectl -n postgres-operator create configmap newt-sql --from-literal "
        "init.sql=\"" +
        script +
        "\" --dry-run=client -o yaml | script/cluster kubectl -n postgres-operator apply -f -");
  }
  static std::string condition(const std::string& field) {
    return kubectl(
               "get postgrescluster newt -o "
               "jsonpath='{.status.conditions[?(@.type==\"DatabaseInitSQL\")]." +
               field + "}'")
        .out;
  }
  static void expect_told(const std::string& word) {
    EXPECT_TRUE(
        eventually(90s, [&] { return condition("message").find(word) != std::string::npos; }))
        << word << " is not in " << condition("message");
  }
  static std::string status() {
    return kubectl("get postgrescluster newt -o jsonpath={.status.databaseInitSQL}").out;
  }
};

// In this order on one cluster.
TEST_F(InitSql, WaitsForItsConfigMapAndIsToldWhatIsWrong) {
  expect_told("ConfigMap/newt-sql does not exist");
  bring("select 1;\ncreat table mistaken;");
  expect_told("line 2: SQLSTATE 42601");
  EXPECT_EQ(status(), "");
  EXPECT_EQ(psql(kNewt, "select 'open'").out, "open");
}

TEST_F(InitSql, IsRunOnceThoughTheOperatorIsKilledMeanwhile) {
  bring(
      "\\c newt\ncreate table if not exists runs (at timestamptz);\n"
      "select pg_sleep(20);\ninsert into runs values (now());");
  EXPECT_TRUE(eventually(90s, [] {
    return superuser(kNewt,
                     "select count(*) from pg_stat_activity where query like "
                     "'select pg_sleep(20)%'") == "1";
  }));
  restart_the_operator();
  EXPECT_TRUE(eventually(120s, [] { return status() == "newt-sql"; })) << condition("message");
  EXPECT_EQ(kubectl("exec " + primary(kNewt) +
                    " -c database -- psql -XAtd newt -c 'select count(*) from runs'")
                .out,
            "1");
  EXPECT_EQ(condition("status"), "True");
}

TEST_F(InitSql, LeavesTheStatusWithTheField) {
  must_kubectl(
      R"(patch postgrescluster newt --type json --patch '[{"op":"remove","path":"/spec/databaseInitSQL"}]')");
  EXPECT_TRUE(eventually(60s, [] { return status().empty() && condition("status").empty(); }));
}

}  // namespace
}  // namespace annals::e2e

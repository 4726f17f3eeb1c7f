// A script of the user's that is run once: it waits for its ConfigMap, a mistake in it is told with
// its place, and neither the operator's end nor its restart runs it twice. Wants script/demo to
// have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kNewt = "newt";

class InitSql : public Operator {
 protected:
  static void SetUpTestSuite() {
    remove(kNewt);
    must_kubectl("delete configmap newt-sql --ignore-not-found --timeout 60s");
    apply_like_hippo(kNewt,
                     "s/replicas: 2/replicas: 1/; /^spec:/a \\  databaseInitSQL: "
                     "{name: newt-sql, key: init.sql}");
    await_ready(kNewt);
  }
  static void TearDownTestSuite() {
    remove(kNewt);
    must_kubectl("delete configmap newt-sql --ignore-not-found --timeout 60s");
  }

  static void bring(const std::string& script) {
    apply("$KUBECTL -n postgres-operator create configmap newt-sql --from-literal init.sql=\"" +
          script + "\" --dry-run=client -o yaml");
  }
  static std::string condition(const std::string& what) {
    return Operator::condition(kNewt, "DatabaseInitSQL", what);
  }
  static void await_told(const std::string& word) {
    await(
        "DatabaseInitSQL's message", 90s, [] { return condition("message"); },
        testing::HasSubstr(word));
  }
  static std::string status() { return field(kNewt, ".status.databaseInitSQL"); }
};

// In this order on one cluster.
TEST_F(InitSql, WaitsForItsConfigMapAndIsToldWhatIsWrong) {
  await_told("ConfigMap/newt-sql does not exist");
  bring("select 1;\ncreat table mistaken;");
  await_told("line 2: SQLSTATE 42601");
  EXPECT_EQ(status(), "");
  EXPECT_EQ(psql(kNewt, "select 'open'"), "open");
}

TEST_F(InitSql, IsRunOnceThoughTheOperatorIsKilledMeanwhile) {
  bring(
      "\\c newt\ncreate table if not exists runs (at timestamptz);\n"
      "select pg_sleep(20);\ninsert into runs values (now());");
  await("how many run the script", 90s,
        [] {
          return superuser(kNewt,
                           "select count(*) from pg_stat_activity where query like "
                           "'select pg_sleep(20)%'");
        },
        "1", {.details = [] { return condition("message"); }});
  restart_the_operator();
  await("which script has been run", 120s, status, "newt-sql",
        {.details = [] { return condition("message"); }});
  EXPECT_EQ(must_kubectl("exec " + primary(kNewt) +
                         " -c database -- psql -XAtd newt -c 'select count(*) from runs'"),
            "1");
  EXPECT_EQ(condition("status"), "True");
}

TEST_F(InitSql, LeavesTheStatusWithTheField) {
  change(kNewt, R"({"op":"remove","path":"/spec/databaseInitSQL"})");
  await(
      "the script and its condition in the status", 60s,
      [] { return status() + condition("status"); }, testing::IsEmpty());
}

}  // namespace
}  // namespace annals::e2e

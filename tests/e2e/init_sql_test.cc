// A script of the user's that is run once: it waits for its ConfigMap, a mistake in it is told with
// its place, and neither the operator's end nor its restart runs it twice. Also what is told of
// collations that differ. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
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

// As if the image had another library by now. A user's index, and template1, without which there is
// no new database.
TEST_F(InitSql, CollationsThatDifferAreToldWithTheIndexesUntilTheyAreRebuilt) {
  const auto in_newt = [](const std::string& sql) {
    return must_kubectl("exec " + primary(kNewt) + " -c database -- psql -XAtqd newt -c \"" + sql +
                        "\"");
  };
  const auto mismatch = [](const std::string& what) {
    return Operator::condition(kNewt, "CollationVersionMismatch", what);
  };
  EXPECT_EQ(mismatch("status"), "");
  in_newt("create table notes (note text); create index notes_note on notes (note)");
  superuser(kNewt,
            "update pg_database set datcollversion = '2.19' where datname in ('newt', "
            "'template1')");
  annotate(kNewt, "check-collations=first");
  await(
      "a condition about collations", 90s, [&] { return mismatch("message"); },
      testing::AllOf(testing::HasSubstr("public.notes_note"),
                     testing::HasSubstr("ALTER DATABASE newt REFRESH COLLATION VERSION"),
                     testing::HasSubstr("ALTER DATABASE template1 REFRESH COLLATION VERSION")));
  EXPECT_EQ(mismatch("reason"), "IndexesToRebuild");
  EXPECT_EQ(condition("status"), "True") << "nothing else is disturbed";
  in_newt("reindex index public.notes_note");
  in_newt("alter database newt refresh collation version");
  in_newt("alter database template1 refresh collation version");
  annotate(kNewt, "check-collations=second");
  await(
      "no condition about collations", 90s, [&] { return mismatch("status"); }, testing::IsEmpty());
  expect_verified();
}

TEST_F(InitSql, LeavesTheStatusWithTheField) {
  change(kNewt, R"({"op":"remove","path":"/spec/databaseInitSQL"})");
  await(
      "the script and its condition in the status", 60s,
      [] { return status() + condition("status"); }, testing::IsEmpty());
}

}  // namespace
}  // namespace annals::e2e

// What leaves a pod of a script's failure, and what is read of its ConfigMap.
#include <gtest/gtest.h>

#include "actions/run_init_sql.h"

namespace annals::actions {
namespace {

TEST(InitSql, TheScriptIsOneKeyOfItsConfigMap) {
  constexpr const char* kObject = R"({"data":{"a/b~c":"select 1","n":7},"metadata":{}})";
  EXPECT_EQ(script_in(kObject, "a/b~c").value(), "select 1");
  for (const char* key : {"absent", "n", "metadata"})
    EXPECT_EQ(script_in(kObject, key).error().detail,
              std::string("has no key ") + key + " in its data: add it");
  for (const char* object : {"", "[]", R"({"data":null})", R"({"data":"canary")"})
    EXPECT_FALSE(script_in(object, "key")) << object;
}

TEST(InitSql, WasRunBeforeWhereTheStatusOfThisClusterSaysSo) {
  const ClusterUid uid("u-1");
  EXPECT_TRUE(
      was_run_before(R"({"metadata":{"uid":"u-1"},"status":{"databaseInitSQL":"script"}})", uid));
  for (const char* resource :
       {R"({"metadata":{"uid":"u-2"},"status":{"databaseInitSQL":"script"}})",
        R"({"metadata":{"uid":"u-1"},"status":{"databaseInitSQL":null}})",
        R"({"metadata":{"uid":"u-1"},"status":{}})", R"({"metadata":{"uid":"u-1"}})", "{}", ""})
    EXPECT_FALSE(was_run_before(resource, uid)) << resource;
}

TEST(InitSql, OfAFailureOnlyLineAndSqlstateAreTold) {
  EXPECT_EQ(init_sql_trouble(3, "line 12: SQLSTATE 42P01\n"),
            "psql ended with exit status 3 at line 12: SQLSTATE 42P01; see PostgreSQL's log in "
            "the pod");
  for (const char* output : {"", "canary", "line 12: SQLSTATE canary", "line x: SQLSTATE 42P01",
                             "line 1: SQLSTATE 42P01\ncanary", "line : SQLSTATE 42P01",
                             "line 1234567890: SQLSTATE 42P01"})
    EXPECT_EQ(init_sql_trouble(3, output),
              "psql ended with exit status 3; see PostgreSQL's log in the pod")
        << output;
  EXPECT_EQ(init_sql_trouble(90, ""), "the script was not transferred completely");
  EXPECT_EQ(init_sql_trouble(91, ""), "an earlier run is still in progress");
}

}  // namespace
}  // namespace annals::actions

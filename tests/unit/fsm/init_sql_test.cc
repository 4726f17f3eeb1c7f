#include "fsm/machines/init_sql.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fsm/text/sentence.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

SpecObserved hippo_with(const std::string& name) {
  SpecObserved spec = World::hippo();
  spec.resource.pop_back();
  spec.resource.pop_back();
  spec.resource += R"(,"databaseInitSQL":{"name":")" + name + R"(","key":"init.sql"}}})";
  return spec;
}

class InitSql : public testing::Test {
 protected:
  std::ptrdiff_t times() const { return std::ranges::count(world_.history(), kInitSqlTarget); }
  const Condition* condition() const {
    const auto found = world_.state().conditions.find("DatabaseInitSQL");
    return found == world_.state().conditions.end() ? nullptr : &found->second;
  }

  World world_;
};

TEST_F(InitSql, IsRunOnceAfterUsersAndDatabases) {
  world_.start(hippo_with("zoo-sql"));
  EXPECT_EQ(times(), 0);
  ASSERT_NE(condition(), nullptr);
  EXPECT_EQ(condition()->reason, "NotYet");
  world_.primary_is_ready();
  EXPECT_EQ(times(), 1);
  const auto sql = std::ranges::find(world_.history(), kSqlTarget);
  const auto script = std::ranges::find(world_.history(), kInitSqlTarget);
  EXPECT_LT(sql - world_.history().begin(), script - world_.history().begin());
  EXPECT_EQ(world_.state().init_sql_ran, "zoo-sql");
  EXPECT_TRUE(condition()->status);
  world_.tell(hippo_with("another"));
  EXPECT_EQ(times(), 1) << "another name is no reason to run anything again";
}

TEST_F(InitSql, IsRunAgainOnlyAfterItHasLeftTheSpec) {
  world_.start(hippo_with("zoo-sql"));
  world_.primary_is_ready();
  world_.tell(World::hippo());
  EXPECT_EQ(times(), 2) << "the mark in the database is taken away";
  EXPECT_FALSE(world_.state().init_sql_ran);
  EXPECT_EQ(condition(), nullptr);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(times(), 2);
  world_.tell(hippo_with("zoo-sql"));
  EXPECT_EQ(times(), 3);
  EXPECT_EQ(world_.state().init_sql_ran, "zoo-sql");
}

TEST_F(InitSql, AFailureIsToldAndTriedAgain) {
  world_.failures[kInitSqlTarget] = "psql ended with exit status 3 at line 2: SQLSTATE 42601";
  world_.start(hippo_with("zoo-sql"));
  world_.primary_is_ready();
  EXPECT_EQ(times(), 1);
  EXPECT_EQ(condition()->reason, "ScriptFailed");
  for (const char* word : {"ConfigMap/zoo-sql", "init.sql", "line 2", "42601"}) {
    EXPECT_NE(sentence(condition()->message).find(word), std::string::npos)
        << sentence(condition()->message);
    EXPECT_NE(sentence(world_.state().reported_events.at("DatabaseInitSQLFailed")).find(word),
              std::string::npos);
  }
  EXPECT_TRUE(world_.state().conditions.at("Ready").status) << "the database is open all the same";
  world_.failures.clear();
  world_.pass(2s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(times(), 2);
  EXPECT_TRUE(condition()->status);
  EXPECT_FALSE(world_.state().reported_events.contains("DatabaseInitSQLFailed"));
}

TEST_F(InitSql, WhatWasUnderWayWhenTheOperatorEndedIsAskedForAgain) {
  world_.start(hippo_with("zoo-sql"));
  world_.failures[kInitSqlTarget] = "nobody heard";
  world_.primary_is_ready();
  world_.failures.clear();
  world_.tell(OperatorStarted{.identity = "next", .journal_reset = false});
  EXPECT_FALSE(world_.state().init_sql_ran);
  EXPECT_EQ(times(), 1) << "nothing before all is listed";
}

}  // namespace
}  // namespace annals::fsm

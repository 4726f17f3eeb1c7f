// When the versions of collations are looked at, and what is told of them.
#include "fsm/machines/collations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ranges>

#include "tests/unit/fsm/restored_cluster.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMismatch = "CollationVersionMismatch";
constexpr const char* kCheckFailed = "CollationCheckFailed";

DifferingCollations some_differ() {
  DifferingDatabase zoo{.name = "zoo", .recorded = "2.19", .actual = "2.36"};
  zoo.collations = {{.name = "public.german", .recorded = "1.1", .actual = "153.120"}};
  zoo.collation_count = 1;
  zoo.indexes = {"public.names", "public.\"Notes\""};
  zoo.index_count = 7;
  const DifferingDatabase empty{.name = "template1", .recorded = "2.19", .actual = "2.36"};
  return {.databases = {empty, zoo}, .database_count = 2};
}

std::ptrdiff_t looks_in(const World& world) {
  return std::ranges::count(world.history(), kCollationsTarget);
}

class Collations : public RunningCluster {
 protected:
  std::ptrdiff_t looks() const { return looks_in(world_); }
  void ask_for_a_look(const std::string& value) {
    SpecObserved asking = spec(3);
    const std::string metadata = R"("metadata":{)";
    asking.resource.insert(
        asking.resource.find(metadata) + metadata.size(),
        R"("annotations":{"postgres-operator.crunchydata.com/check-collations":")" + value +
            R"("},)");
    change(asking);
  }
  const Condition* mismatch() const {
    const auto found = world_.state().conditions.find(kMismatch);
    return found == world_.state().conditions.end() ? nullptr : &found->second;
  }
  std::string reason() const {
    for (const Decision& each : world_.decisions() | std::views::reverse)
      if (each.machine == "collations") return sentence(each.reason);
    return {};
  }
  void later(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
};

TEST_F(Collations, AreLookedAtOnceTheDatabaseIsOpen) {
  EXPECT_EQ(looks(), 1);
  const auto& order = world_.history();
  EXPECT_LT(std::ranges::find(order, kSqlTarget), std::ranges::find(order, kCollationsTarget));
  later(24h);
  EXPECT_EQ(looks(), 1) << "nothing differs, so nothing is looked at regularly";
  EXPECT_EQ(mismatch(), nullptr);
}

TEST_F(Collations, AreLookedAtForEachNewPrimary) {
  leads(instances_[1]);
  EXPECT_EQ(looks(), 2);
  EXPECT_EQ(reason(), "reading the versions of collations: pod " + instances_[1] +
                          "-0 leads since the last look");
  ended(instances_[2]);
  runs(instances_[2], "one");
  EXPECT_EQ(looks(), 2) << "a replica is no news";
  ended(instances_[1]);
  runs(instances_[1], "one");
  EXPECT_EQ(looks(), 3) << "its pod was made anew, and may have another image";
}

TEST_F(Collations, AreLookedAtAfterUsersAndDatabasesWereWritten) {
  change(spec(3, R"(,"users":[{"name":"hippo"},{"name":"rhino","databases":["zoo"]}])"));
  EXPECT_EQ(looks(), 2);
  EXPECT_EQ(reason(),
            "reading the versions of collations: users and databases were written since the last "
            "look");
}

TEST_F(Collations, AreLookedAtWhenAPersonAsks) {
  ask_for_a_look("one");
  EXPECT_EQ(looks(), 2);
  ask_for_a_look("one");
  EXPECT_EQ(looks(), 2);
  ask_for_a_look("two");
  EXPECT_EQ(looks(), 3);
}

TEST_F(Collations, ThatDifferAreAConditionWithTheIndexesAndTheRemedy) {
  world_.collations = some_differ();
  ask_for_a_look("one");
  ASSERT_NE(mismatch(), nullptr);
  EXPECT_TRUE(mismatch()->status);
  EXPECT_EQ(mismatch()->reason, "IndexesToRebuild");
  EXPECT_EQ(
      sentence(mismatch()->message),
      "the library that compares texts is not the one by which indexes were ordered; until they "
      "are rebuilt, queries may miss rows and unique indexes may take duplicates: in database "
      "template1 the database's collation is recorded with version 2.19 and has 2.36; then run "
      "ALTER DATABASE template1 REFRESH COLLATION VERSION; in database zoo the database's "
      "collation is recorded with version 2.19 and has 2.36; collation public.german is recorded "
      "with version 1.1 and has 153.120; indexes to rebuild with REINDEX INDEX (7): public.names, "
      "public.\"Notes\" and 5 more; then run ALTER COLLATION public.german REFRESH VERSION, ALTER "
      "DATABASE zoo REFRESH COLLATION VERSION. It is looked at again every hour, and when the "
      "annotation postgres-operator.crunchydata.com/check-collations is set to another value");
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
  EXPECT_FALSE(world_.state().conditions.at("Progressing").status);
  EXPECT_NE(world_.status.find(kMismatch), std::string::npos);
}

TEST_F(Collations, ThatDifferAreLookedAtEveryHourUntilTheyAgree) {
  world_.collations = some_differ();
  ask_for_a_look("one");
  later(59min);
  EXPECT_EQ(looks(), 2);
  later(2min);
  EXPECT_EQ(looks(), 3);
  EXPECT_NE(mismatch(), nullptr);
  world_.collations.databases.front().indexes.clear();
  world_.collations.databases.pop_back();
  later(1h);
  EXPECT_EQ(mismatch()->reason, "VersionsToRefresh") << "no index is left that would be wrong";
  world_.collations = {};
  later(1h);
  EXPECT_EQ(looks(), 5);
  EXPECT_EQ(mismatch(), nullptr);
  later(24h);
  EXPECT_EQ(looks(), 5);
}

TEST_F(Collations, ThatCannotBeReadHoldNothingUpAndAreReadAgain) {
  world_.failures[kCollationsTarget] = "connect to hippo-primary: refused";
  ask_for_a_look("one");
  later(2s);
  EXPECT_EQ(looks(), 3);
  EXPECT_FALSE(world_.state().reported_events.contains(kCheckFailed)) << "once or twice is usual";
  later(4s);
  EXPECT_EQ(looks(), 4);
  EXPECT_EQ(sentence(world_.state().reported_events.at(kCheckFailed)),
            "versions of collations are not known: connect to hippo-primary: refused");
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "Settled");
  world_.failures.clear();
  later(1min);
  EXPECT_EQ(looks(), 5);
  EXPECT_FALSE(world_.state().reported_events.contains(kCheckFailed));
}

TEST_F(Collations, OfADatabaseThatRefusesAreToldAsUnknown) {
  world_.collations.unseen["barn"] = "login is refused";
  ask_for_a_look("one");
  EXPECT_EQ(sentence(world_.state().reported_events.at(kCheckFailed)),
            "versions of collations are not known: database barn: login is refused");
  EXPECT_EQ(mismatch(), nullptr);
}

TEST_F(Collations, OfADatabaseWhoseIndexesAreUnknownAreNoReasonToRefreshOnly) {
  world_.collations = {.databases = {{.name = "barn", .recorded = "2.19", .actual = "2.36"}},
                       .database_count = 3};
  world_.collations.unseen["barn"] = "login is refused";
  ask_for_a_look("one");
  ASSERT_NE(mismatch(), nullptr);
  EXPECT_EQ(mismatch()->reason, "IndexesToRebuild");
  for (const char* words :
       {"has 2.36; its indexes could not be read: rebuild all that order text; then run",
        "and 2 more databases"})
    EXPECT_NE(sentence(mismatch()->message).find(words), std::string::npos)
        << sentence(mismatch()->message);
}

TEST_F(Collations, AreAskedForAgainWhenTheOperatorEndsMeanwhile) {
  world_.silent.insert(kCollationsTarget);
  ask_for_a_look("one");
  EXPECT_EQ(looks(), 2);
  world_.silent.clear();
  world_.tell(OperatorStarted{.identity = "next", .state_carried_over = true});
  world_.tell(Synced{});
  EXPECT_EQ(looks(), 3);
}

class RestoredCollations : public RestoredCluster {};

TEST_F(RestoredCollations, AreThoseOfTheRestoredDatabase) {
  const std::ptrdiff_t before = looks_in(world_);
  restore_until_stopped({.id = "monday"});
  EXPECT_EQ(looks_in(world_), before);
}

TEST_F(RestoredCollations, AreLookedAtWhenItsPrimaryIsUp) {
  const std::ptrdiff_t before = looks_in(world_);
  world_.collations = some_differ();
  restore({.id = "monday"}, 2);
  EXPECT_EQ(looks_in(world_), before + 1);
  EXPECT_TRUE(world_.state().conditions.at(kMismatch).status);
}

}  // namespace
}  // namespace annals::fsm

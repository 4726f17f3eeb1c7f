// A new cluster goes on with a database that was on one of its volumes, and says so.
#include "fsm/view/found_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/concat.h"
#include "fsm/text/sentence.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kFound = "DatabaseFound";

// As PostgreSQL chooses one.
std::string identifier_of(Timestamp made) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(made.time_since_epoch());
  return concat((static_cast<std::uint64_t>(seconds.count()) << 32) | 0x12345);
}

class NewCluster : public testing::Test {
 protected:
  void begin(const std::string& more = {}) {
    SpecObserved spec = World::hippo();
    spec.resource.insert(spec.resource.size() - 2, more);
    world_.start(spec);
  }
  // Its database was made that long after the cluster.
  void comes_up(Duration after) {
    world_.primary_is_ready();
    system_is(identifier_of(began_ + after));
  }
  void system_is(const std::string& identifier) {
    ObjectObserved store;
    store.ref = World::ref("Endpoints", "hippo-ha-config");
    store.uid = "uid-of-Endpoints/hippo-ha-config";
    store.fields.patroni = {{.initialize = identifier, .config = "anything"}};
    world_.tell(store);
    world_.tell(TimerFired{});
  }
  std::vector<std::string> told() const {
    std::vector<std::string> told;
    for (const Intent& intent : world_.carried_out()) {
      const auto* event = std::get_if<EmitEvent>(&intent.action);
      if (event == nullptr || event->reason != kFound) continue;
      EXPECT_TRUE(event->warning);
      told.push_back(sentence(event->message));
    }
    return told;
  }
  bool has_condition() const { return world_.state().conditions.contains(kFound); }

  World world_;
  const Timestamp began_ = Timestamp(std::chrono::sys_days{2026y / 1 / 2});
};

TEST_F(NewCluster, TellsOfADatabaseThatIsOlderWithTheRemedy) {
  begin();
  comes_up(-48h);
  ASSERT_THAT(told(), ElementsAre(AllOf(HasSubstr("made at 2025-12-31T00:00:00"),
                                        HasSubstr("at 2026-01-02T00:00:00"),
                                        HasSubstr("pgDataVolume"), HasSubstr("Retain"))));
  EXPECT_TRUE(world_.has_decided("tell"));
  const Condition& condition = world_.state().conditions.at(kFound);
  EXPECT_TRUE(condition.status);
  EXPECT_EQ(condition.reason, "OlderThanCluster");
  EXPECT_EQ(sentence(condition.message), told().front());
  EXPECT_EQ(world_.state().phase, ProvisionPhase::kDone) << "it goes on all the same";
  world_.pass(24h);
  world_.tell(OperatorStarted{.identity = "next", .journal_reset = false});
  system_is(identifier_of(began_ - 48h));
  world_.tell(Synced{});
  EXPECT_EQ(told().size(), 1U) << "told once, by however many processes";
  EXPECT_TRUE(has_condition());
}

TEST_F(NewCluster, SaysNothingOfItsOwnDatabaseAlsoWhereClocksDiffer) {
  for (const Duration after : {Duration(3s), Duration(24h), Duration(-30s)}) {
    world_ = World();
    begin();
    comes_up(after);
    EXPECT_THAT(told(), IsEmpty()) << after;
    EXPECT_FALSE(has_condition()) << after;
    EXPECT_FALSE(world_.state().begun_at) << "it is not asked again";
    system_is(identifier_of(began_ - 48h));
    EXPECT_THAT(told(), IsEmpty()) << "as after a restore by hand";
  }
}

TEST_F(NewCluster, WaitsUntilPatroniHasNamedTheDatabase) {
  begin();
  world_.primary_is_ready();
  system_is("");
  EXPECT_TRUE(world_.state().begun_at);
  system_is(identifier_of(began_ - 1h));
  EXPECT_EQ(told().size(), 1U);
}

TEST_F(NewCluster, SaysNothingOfAnIdentifierThatSaysNoTime) {
  begin();
  world_.primary_is_ready();
  system_is("of a database");
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_FALSE(has_condition());
}

TEST_F(NewCluster, SaysNothingOfTheDataOfItsSource) {
  begin(R"(,"standby":{"enabled":true,"host":"10.0.0.7"})");
  comes_up(-48h);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_FALSE(world_.state().begun_at);
}

TEST_F(NewCluster, SaysNoMoreOnceTheClaimIsNamed) {
  begin();
  comes_up(-48h);
  ASSERT_TRUE(has_condition());
  const std::vector<std::string> before = world_.new_targets();
  SpecObserved wanted = World::hippo();
  wanted.finalized = true;
  wanted.generation = 2;
  wanted.resource.insert(wanted.resource.size() - 2,
                         R"(,"dataSource":{"volumes":{"pgDataVolume":{"pvcName":"claim"}}})");
  world_.tell(wanted);
  EXPECT_FALSE(has_condition());
  EXPECT_THAT(world_.new_targets(), IsEmpty()) << "nothing else changes";
  world_.tell(World::hippo());
  EXPECT_FALSE(has_condition());
  EXPECT_EQ(told().size(), 1U);
}

// Another version, or a lost journal: who knows what was there when it began.
TEST_F(NewCluster, SaysNothingOfAClusterThatItHasNotSeenBegin) {
  ObjectObserved runner;
  runner.ref = World::ref("StatefulSet", "hippo-instance1-abcd", "apps/v1");
  runner.uid = "uid-of-runner";
  runner.fields.instance = {{.set = "instance1", .name = "hippo-instance1-abcd"}};
  world_.found = {runner};
  begin();
  comes_up(-48h);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_FALSE(has_condition());
}

TEST(TimeOfInitdb, IsInTheIdentifier) {
  const Timestamp made = std::chrono::sys_days{2026y / 11 / 29} + 22h;
  EXPECT_EQ(time_of_initdb(identifier_of(made)), made);
  EXPECT_EQ(time_of_initdb(""), std::nullopt);
  EXPECT_EQ(time_of_initdb("7x"), std::nullopt);
  EXPECT_EQ(time_of_initdb("99999999999999999999999"), std::nullopt);
}

}  // namespace
}  // namespace annals::fsm

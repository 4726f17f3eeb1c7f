#include "fsm/machines/patroni_config.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fsm/text/sentence.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

class PatroniConfig : public testing::Test {
 protected:
  void SetUp() override {
    world_.start();
    world_.primary_is_ready();
  }
  std::ptrdiff_t times_configured() const {
    return std::ranges::count(world_.history(), kPatroniTarget);
  }

  World world_;
};

TEST_F(PatroniConfig, BelongsToTheBootstrapUntilThereIsADatabase) {
  EXPECT_EQ(times_configured(), 0);
  EXPECT_FALSE(is_bootstrapped(world_.state()));
}

TEST_F(PatroniConfig, IsWrittenOnceWhenPatroniHasAnother) {
  world_.patroni_stores("another");
  EXPECT_EQ(times_configured(), 1);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(times_configured(), 1);
}

TEST_F(PatroniConfig, IsLeftAloneWhenItIsAsAskedFor) {
  world_.patroni_stores("another");
  ASSERT_TRUE(world_.state().written.contains(kPatroniTarget));
  const std::string asked = world_.state().written.at(kPatroniTarget).asked;
  World other;
  other.start();
  other.primary_is_ready();
  other.patroni_stores(asked);
  EXPECT_EQ(std::ranges::count(other.history(), kPatroniTarget), 0);
}

TEST_F(PatroniConfig, AChangeBySomebodyElseIsUndoneThriceThenTold) {
  world_.patroni_stores("another");
  for (int i = 0; i < 5; ++i) world_.patroni_stores("a vandal's, number " + std::to_string(i));
  EXPECT_EQ(times_configured(), 1 + 3);
  EXPECT_TRUE(world_.has_decided("oscillation"));
}

// Else a later change back to the older one would find it in place.
TEST_F(PatroniConfig, AnAnswerThatIsOlderThanWhatWasObservedIsNoNews) {
  world_.silent = {kPatroniTarget};
  world_.patroni_stores("another");
  ASSERT_TRUE(std::holds_alternative<ConfigurePatroni>(world_.carried_out().back().action));
  const Intent asked = world_.carried_out().back();
  ObjectObserved store;
  store.ref = World::ref("Endpoints", "hippo-ha-config");
  store.uid = "uid-of-Endpoints/hippo-ha-config";
  store.version = 9;
  store.fields.patroni = {{.initialize = "8000000000000000001", .config = "newer"}};
  world_.tell(store);
  const auto stored = [this] {
    return *world_.state()
                .objects.at(World::ref("Endpoints", "hippo-ha-config"))
                .fields.patroni->config;
  };
  Outcome outcome;
  outcome.intent = asked.id;
  outcome.digest = "older";
  outcome.version = 8;
  world_.tell(outcome);
  EXPECT_EQ(stored(), "newer");
}

// What Patroni is asked to have.
std::string asked_for(ClusterState state) { return rendered(state).patroni; }

TEST_F(PatroniConfig, OfANewClusterHasFailsafeModeAndKeepsIt) {
  ObjectObserved store;
  store.ref = World::ref("Endpoints", "hippo-ha-config");
  store.uid = "uid-of-Endpoints/hippo-ha-config";
  store.fields.patroni = {{.initialize = "7", .config = "another", .failsafe = "true"}};
  world_.tell(store);
  EXPECT_EQ(times_configured(), 1);
  EXPECT_TRUE(asked_for(world_.state()).contains(R"("failsafe_mode":true)"));
}

TEST_F(PatroniConfig, OfAnOlderClusterStaysWithoutFailsafeMode) {
  world_.patroni_stores("another");
  ASSERT_EQ(times_configured(), 1);
  EXPECT_FALSE(asked_for(world_.state()).contains("failsafe_mode"));
}

class PatroniThatRefuses : public PatroniConfig {
 protected:
  void SetUp() override {
    PatroniConfig::SetUp();
    world_.failures[kPatroniTarget] = "409: it is not the moment";
    world_.patroni_stores("another");
  }
  void try_again() {
    world_.pass(std::chrono::minutes(5));
    world_.tell(TimerFired{.name = "due"});
  }
  const Condition& progressing() const { return world_.state().conditions.at("Progressing"); }
  bool is_told() const {
    return world_.state().reported_events.contains("PatroniConfigurationNotTaken");
  }
};

TEST_F(PatroniThatRefuses, IsNamedByTheConditionWithItsWords) {
  EXPECT_TRUE(progressing().status);
  EXPECT_EQ(progressing().reason, "Writing");
  EXPECT_EQ(sentence(progressing().message),
            "writing Patroni's shared configuration, retrying after an error: 409: it is not the "
            "moment");
}

TEST_F(PatroniThatRefuses, IsToldByAnEventWhenItStaysSo) {
  EXPECT_FALSE(is_told()) << "once happens while Patroni starts anew";
  try_again();
  try_again();
  EXPECT_TRUE(is_told());
  world_.failures.clear();
  try_again();
  EXPECT_FALSE(is_told());
  EXPECT_FALSE(sentence(progressing().message).contains("Patroni"))
      << sentence(progressing().message);
}

}  // namespace
}  // namespace annals::fsm

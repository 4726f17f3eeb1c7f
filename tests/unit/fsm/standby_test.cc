// Clusters that follow another one: how they come up, what waits in them, their promotion, and what
// becomes of the wish where there is a primary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "fsm/view/database.h"
#include "fsm/view/rendering.h"
#include "tests/unit/fsm/standby_world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST_F(StandbyCluster, IsReadyAndRestsFromAllThatNeedsAPrimary) {
  for (int i = 0; i < 3; ++i) world_.tell(TimerFired{});
  EXPECT_EQ(condition("Ready"), "True StandbyLeaderReady");
  EXPECT_EQ(condition("Progressing"), "False Settled");
  EXPECT_EQ(condition("UnsupportedFields"), "False None");
  EXPECT_EQ(condition("Standby"), "True Following");
  EXPECT_THAT(words("Standby"), HasSubstr("follows another one: 10.0.0.7:5433. It takes no"));
  EXPECT_THAT(world_.history(), Not(Contains(std::string(kSqlTarget))));
  EXPECT_THAT(world_.history(), Not(Contains(StartsWith("Job/"))));
  EXPECT_EQ(primary(world_.state()), nullptr);
}

TEST_F(StandbyCluster, NamesEachSource) {
  change(R"("repoName":"repo1")");
  EXPECT_THAT(words("Standby"), HasSubstr("follows another one: repository repo1. It"));
  change(R"("host":"10.0.0.7","port":5433,"repoName":"repo1")");
  EXPECT_THAT(words("Standby"), HasSubstr("one: 10.0.0.7:5433 and repository repo1. It"));
}

TEST_F(StandbyCluster, TakesAnotherSourceWithoutARestart) {
  world_.new_targets();
  change(R"("host":"10.0.0.8")");
  EXPECT_EQ(world_.new_targets(), Targets{kPatroniTarget});
  EXPECT_THAT(configured(), HasSubstr(R"("host":"10.0.0.8"})"));
}

TEST_F(StandbyCluster, IsPromotedAndGetsUsersStanzaAndBackup) {
  world_.new_targets();
  change(R"("enabled":false,"host":"10.0.0.7")");
  EXPECT_EQ(world_.new_targets(), Targets{kPatroniTarget});
  EXPECT_THAT(configured(), Not(HasSubstr("standby_cluster")));
  EXPECT_EQ(condition("Ready"), "False Promotion");
  EXPECT_EQ(waits_for(), "pod " + leader(world_.state())->name + " to be promoted and take writes");
  stores(false, asked_for());
  EXPECT_THAT(world_.new_targets(), IsEmpty()) << "it may be in recovery still";

  leads(false);
  const Targets asked = world_.new_targets();
  EXPECT_THAT(asked, AllOf(Contains(std::string(kSqlTarget)), Contains(StartsWith("Job/")),
                           Contains("event/StandbyPromoted")));
  EXPECT_EQ(condition("Ready"), "True PrimaryReady");
  EXPECT_EQ(condition("Standby"), "");
  world_.job_ends("complete");
  world_.job_ends("complete");
  EXPECT_EQ(condition("PGBackRestReplicaCreate"), "True RepoBackupComplete");
}

TEST_F(StandbyCluster, IsPromotedWhenTheBlockIsRemoved) {
  world_.new_targets();
  change("");
  EXPECT_EQ(world_.new_targets(), Targets{kPatroniTarget});
  EXPECT_EQ(name_of(world_.state().operation), kPromotionName);
}

TEST_F(StandbyCluster, IsNotPromotedBeforeSomebodyLeads) {
  leads(true, false);
  world_.new_targets();
  change("");
  EXPECT_THAT(world_.new_targets(), IsEmpty());
  EXPECT_EQ(condition("Standby"), "True Promoting");
  EXPECT_EQ(name_of(world_.state().operation), kPromotionName);
  EXPECT_THAT(words("Progressing"), HasSubstr("a leader of the standby cluster that is ready"));
  leads(true);
  EXPECT_EQ(world_.new_targets(), Targets{kPatroniTarget});
}

TEST_F(StandbyCluster, IsNotPromotedInPatronisPauseMode) {
  world_.new_targets();
  change("", kPaused);
  EXPECT_THAT(world_.new_targets(), Not(Contains(std::string(kPatroniTarget))));
  EXPECT_THAT(words("Progressing"), HasSubstr("Patroni's pause mode to end"));
}

TEST_F(StandbyCluster, StaysOneWhenThePromotionIsWithdrawnInTime) {
  leads(true, false);
  change("");
  ASSERT_EQ(name_of(world_.state().operation), kPromotionName);
  world_.new_targets();
  change(kOfHost);
  EXPECT_EQ(name_of(world_.state().operation), "");
  leads(true);
  EXPECT_THAT(world_.new_targets(), IsEmpty());
  EXPECT_EQ(condition("Standby"), "True Following");
}

// The answer is here and no watch has told of it; or not even the answer.
TEST_F(StandbyCluster, IsMadeNoneAgainOnceItWasAskedToPromote) {
  for (const bool is_answered : {true, false}) {
    if (!is_answered) world_.silent = {kPatroniTarget};
    change("", is_answered ? "" : kWorkMem);
    change(kOfHost);
    leads(false);
    EXPECT_THAT(configured(), Not(HasSubstr("standby_cluster"))) << is_answered;
    stores(true, asked_for());
    leads(true);
    world_.silent.clear();
  }
}

TEST_F(StandbyCluster, AnotherProcessGoesOnWithItsPromotion) {
  world_.silent = {kPatroniTarget};
  change("");
  world_.silent.clear();
  world_.tell(OperatorStarted{.identity = "next", .journal_reset = false});
  world_.new_targets();
  leads(true);
  stores(true, "as before");
  EXPECT_THAT(world_.new_targets(), IsEmpty()) << "nothing is decided before all is listed";
  world_.tell(Synced{});
  EXPECT_THAT(world_.history(), Contains(std::string(kPatroniTarget)));
  EXPECT_THAT(configured(), Not(HasSubstr("standby_cluster")));
}

TEST_F(StandbyCluster, APersonWhoPromotesItByHandIsNotUndone) {
  world_.new_targets();
  stores(false, "by hand");
  leads(false);
  EXPECT_THAT(configured(), Not(HasSubstr("standby_cluster")));
  EXPECT_EQ(condition("Standby"), "False NotTakenUp");
}

// It has a primary, and runs.
class ClusterWithPrimary : public OneOfTwo {
 protected:
  void SetUp() override {
    world_.start(spec(""));
    leads(false);
    stores(false, asked_for());
    world_.repository_host_is_ready();
    ASSERT_EQ(condition("Ready"), "True PrimaryReady");
    world_.job_ends("complete");
    world_.job_ends("complete");
    world_.new_targets();
  }
};

TEST_F(ClusterWithPrimary, IsMadeNoStandbyAndSaysSo) {
  change(kOfHost);
  EXPECT_EQ(world_.new_targets(), (Targets{"event/StandbyNotTakenUp", kPatroniTarget}));
  EXPECT_THAT(configured(), AllOf(HasSubstr("pre_promote"), Not(HasSubstr("standby_cluster"))));
  EXPECT_EQ(condition("Ready"), "True PrimaryReady");
  EXPECT_EQ(condition("Standby"), "False NotTakenUp");
  EXPECT_THAT(words("Standby"), HasSubstr("Set spec.standby.enabled to false"));
  change("");
  EXPECT_EQ(world_.new_targets(), Targets{kPatroniTarget});
  EXPECT_EQ(condition("Standby"), "");
}

TEST_F(ClusterWithPrimary, TakesWhatElseIsAskedForWithAStandby) {
  change(R"("repoName":"repo1")", kWorkMem);
  EXPECT_THAT(world_.new_targets(), Contains(std::string(kPatroniTarget)));
  EXPECT_THAT(configured(), AllOf(HasSubstr("9MB"), Not(HasSubstr("standby_cluster")),
                                  Not(HasSubstr("--repo="))));
}

TEST_F(ClusterWithPrimary, IsMadeNoStandbyByPatronisConfigurationEither) {
  change("", R"(,"patroni":{"dynamicConfiguration":{"standby_cluster":{"host":"10.0.0.7"}}})");
  EXPECT_EQ(world_.new_targets(), Targets{"event/StandbyNotTakenUp"});
}

}  // namespace
}  // namespace annals::fsm

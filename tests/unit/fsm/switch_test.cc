// A primary whose cluster is to follow another one that goes on where it is: nothing is thrown
// away, so nobody has to give anything up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ranges>
#include <string>

#include "fsm/view/demotion.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "tests/unit/fsm/shut_down_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kOwn = 3;
constexpr const char* kByHost = R"(,"standby":{"host":"10.0.0.7"})";
constexpr const char* kOfRepository = R"(,"standby":{"repoName":"repo1"})";
constexpr const char* kInStore =
    R"(,"backups":{"pgbackrest":{"repos":[)"
    R"({"name":"repo1","s3":{"bucket":"a","endpoint":"e","region":"r"}}]}})";
constexpr const char* kRewinds = R"("use_pg_rewind":true)";
constexpr const char* kRewindsNot = R"("use_pg_rewind":false)";

class PlannedSwitch : public ShutDownCluster {
 protected:
  void SetUp() override {
    RunningCluster::SetUp();
    for (const std::string& instance : instances_) {
      PodObserved pod = world_.state().pods.at(instance + "-0");
      pod.timeline = kOwn;
      world_.tell(pod);
    }
    world_.standby.in_recovery = false;
    world_.standby.receiver.reset();
    other_is(SourceState::kFollowsUs, kOwn);
  }
  void other_is(SourceState state, std::int64_t timeline = 0) {
    world_.standby.source = {.state = state, .host = "10.0.0.7:5432", .timeline = timeline};
  }
  void ask(const std::string& standby = kByHost, const std::string& given_up = {}) {
    SpecObserved wanted = spec(3, standby);
    if (!given_up.empty())
      wanted.resource.insert(
          wanted.resource.find(R"("name":"hippo")"),
          concat(R"("annotations":{"postgres-operator.crunchydata.com/give-up-timeline":")",
                 given_up, R"("},)"));
    wanted.generation = ++generation_;
    change(wanted);
  }
  void all_end() {
    for (const std::string& instance : {instances_[1], instances_[2], instances_[0]})
      ended(instance);
  }
  // It has become a standby, and its leader follows.
  void follow() {
    ask();
    all_end();
    job_succeeds();
    runs(instances_[0], "one");
    PodObserved pod = world_.state().pods.at(instances_[0] + "-0");
    pod.standby_leader = true;
    world_.standby.in_recovery = true;
    world_.standby.timeline = kOwn;
    world_.tell(pod);
  }
  void later(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  bool is_begun() const { return name_of(world_.state().operation) == kDemotionName; }
  bool is_primary_stopped() const { return world_.state().stopped.contains(instances_[0]); }
  std::string reason() const { return world_.state().conditions.at("Standby").reason; }
  std::string words() const { return sentence(world_.state().conditions.at("Standby").message); }
  std::string written() const {
    for (const Intent& intent : world_.carried_out() | std::views::reverse) {
      const auto* its = std::get_if<WriteConfiguration>(&intent.action);
      if (its != nullptr) return its->configuration;
    }
    return {};
  }
  std::int64_t kept() const {
    ClusterState state = world_.state();
    return kept_timeline(state, rendered(state).cluster);
  }
  std::string configured() const {
    for (const Intent& intent : world_.carried_out() | std::views::reverse) {
      const auto* its = std::get_if<ConfigurePatroni>(&intent.action);
      if (its != nullptr) return its->configuration;
    }
    return {};
  }
  std::ptrdiff_t questions() const {
    return std::ranges::count(world_.history(), std::string(kStandbyTarget));
  }

  std::int64_t generation_ = 1;
};

TEST_F(PlannedSwitch, NeedsNoConsentWhereTheOtherClusterIsAStandbyOnTheSameTimeline) {
  for (const SourceState state :
       {SourceState::kFollowsUs, SourceState::kFollows, SourceState::kRecovers}) {
    SCOPED_TRACE(static_cast<int>(state));
    other_is(state, kOwn);
    ask();
    EXPECT_TRUE(is_begun());
    EXPECT_EQ(reason(), "Demoting");
    ask("");
    EXPECT_FALSE(is_begun());
  }
}

TEST_F(PlannedSwitch, AsksItInThePrimarysPodAsPatroniLogsInThere) {
  ask();
  const auto& all = world_.carried_out();
  const auto asked = std::ranges::find_if(
      all, [](const Intent& intent) { return std::holds_alternative<ReadStandby>(intent.action); });
  ASSERT_NE(asked, all.end());
  const auto& question = std::get<ReadStandby>(asked->action);
  EXPECT_EQ(question.pod, instances_[0] + "-0");
  EXPECT_EQ(question.source.host, "10.0.0.7");
  EXPECT_EQ(question.source.port, 5432);
  EXPECT_EQ(question.source.user, "_crunchyrepl");
  EXPECT_EQ(question.source.members.size(), 3U);
  EXPECT_TRUE(question.repos.empty());
}

TEST_F(PlannedSwitch, EndsCleanlyWithItsReceiptAndRewindsNothing) {
  ask();
  all_end();
  EXPECT_EQ(written(), "") << "there is no receipt yet";
  job_succeeds();
  EXPECT_THAT(written(), AllOf(HasSubstr(R"("standby_cluster":)"), HasSubstr(kRewindsNot)));
  EXPECT_EQ(kept(), kOwn);
}

TEST_F(PlannedSwitch, WithConsentPatroniMayRewind) {
  other_is(SourceState::kWrites, 4);
  ask(kByHost, "3");
  all_end();
  job_succeeds();
  EXPECT_THAT(written(), HasSubstr(kRewinds));
  EXPECT_EQ(questions(), 0);
}

TEST_F(PlannedSwitch, SaysWhyItNeedsConsent) {
  struct Case {
    SourceState state;
    std::int64_t timeline;
    const char* words;
  };
  for (const Case& each :
       {Case{SourceState::kWrites, 4, "10.0.0.7:5432 takes writes, on timeline 4"},
        Case{SourceState::kFollows, 2, "is in recovery on timeline 2"},
        Case{SourceState::kSilent, 0, "does not answer"},
        Case{SourceState::kLocksOut, 0, "does not let this cluster in"},
        Case{SourceState::kStranger, kOwn, "another database answers"},
        Case{SourceState::kOneOfOurs, kOwn, "leads to this cluster itself"}}) {
    SCOPED_TRACE(each.words);
    other_is(each.state, each.timeline);
    ask();
    EXPECT_FALSE(is_begun());
    EXPECT_EQ(reason(), "NotTakenUp");
    EXPECT_THAT(words(), AllOf(HasSubstr(each.words), HasSubstr("give-up-timeline")));
    EXPECT_THAT(told("StandbyNotTakenUp"), HasSubstr(each.words));
    ask("");
  }
}

// Whoever it is to follow is restored, or made anew as its standby.
TEST_F(PlannedSwitch, GoesOnByItselfWhenTheOtherOneFollows) {
  other_is(SourceState::kSilent);
  ask();
  EXPECT_EQ(reason(), "NotTakenUp");
  later(1h);
  EXPECT_FALSE(is_begun());
  other_is(SourceState::kFollowsUs, kOwn);
  later(11s);
  EXPECT_TRUE(is_begun());
}

TEST_F(PlannedSwitch, AsksAnewBeforeItStopsThePrimary) {
  ask();
  ended(instances_[1]);
  world_.pass(1min);
  const std::ptrdiff_t before = questions();
  ended(instances_[2]);
  EXPECT_GT(questions(), before);
  EXPECT_TRUE(is_primary_stopped());
}

TEST_F(PlannedSwitch, IsTakenBackWhenTheOtherOneHasPartedMeanwhile) {
  ask();
  ended(instances_[1]);
  other_is(SourceState::kWrites, 4);
  world_.pass(1min);
  ended(instances_[2]);
  EXPECT_FALSE(is_begun());
  EXPECT_FALSE(is_primary_stopped());
  EXPECT_EQ(reason(), "NotTakenUp");
  runs(instances_[1], "one");
  runs(instances_[2], "one");
  EXPECT_TRUE(world_.state().stopped.empty());
  EXPECT_EQ(written(), "");
}

TEST_F(PlannedSwitch, WaitsForAnAnswerBeforeItStopsThePrimary) {
  ask();
  ended(instances_[1]);
  other_is(SourceState::kSilent);
  world_.pass(1min);
  ended(instances_[2]);
  EXPECT_TRUE(is_begun());
  EXPECT_FALSE(is_primary_stopped());
  EXPECT_THAT(waits_for(),
              AllOf(HasSubstr("to say that it follows"), HasSubstr("does not answer")));
  const std::ptrdiff_t asked = questions();
  for (int i = 0; i < 10; ++i) later(11s);
  EXPECT_LE(questions(), asked + 11) << "it is asked without a pause";
  EXPECT_GE(questions(), asked + 5);
  other_is(SourceState::kFollowsUs, kOwn);
  later(11s);
  EXPECT_TRUE(is_primary_stopped());
}

// What was told to a primary is of no use without one: all would stop, and nobody could be asked.
TEST_F(PlannedSwitch, DoesNotBeginWithoutAPrimary) {
  other_is(SourceState::kSilent);
  ask();
  PodObserved pod = world_.state().pods.at(instances_[0] + "-0");
  other_is(SourceState::kFollowsUs, kOwn);
  world_.pass(11s);
  pod.role = "replica";
  world_.tell(pod);
  EXPECT_FALSE(is_begun());
  ClusterState state = world_.state();
  EXPECT_FALSE(is_demotion_permitted(state));
}

// Its server finds that the other one has parted, and does not start: nobody leads.
TEST_F(PlannedSwitch, GivingUpReachesPatroniThoughNobodyLeads) {
  follow();
  EXPECT_THAT(written(), HasSubstr(kRewindsNot));
  PodObserved pod = world_.state().pods.at(instances_[0] + "-0");
  pod.role = "replica";
  pod.standby_leader = false;
  pod.ready = false;
  world_.tell(pod);
  ask(kByHost, "3");
  EXPECT_THAT(configured(), HasSubstr(kRewinds));
}

// What a process was told is old by the time another one reads it.
TEST_F(PlannedSwitch, AnotherProcessAsksAnew) {
  ask();
  other_is(SourceState::kWrites, 4);
  world_.tell(
      OperatorStarted{.identity = "next", .journal_reset = false, .state_carried_over = true});
  world_.tell(Synced{});
  EXPECT_FALSE(is_begun());
  EXPECT_EQ(reason(), "NotTakenUp");
}

// It was promoted by its receipt, or by force: in either case nothing is rewound.
TEST_F(PlannedSwitch, OnceItHasEndedItGoesOnWhateverTheOtherOneDoes) {
  ask();
  all_end();
  other_is(SourceState::kWrites, 4);
  world_.tell(
      OperatorStarted{.identity = "next", .journal_reset = false, .state_carried_over = true});
  world_.tell(Synced{});
  job_succeeds();
  EXPECT_THAT(written(), HasSubstr(kRewindsNot));
}

TEST_F(PlannedSwitch, MayBeRewoundAgainWhenItHasPassedTheForkOfTheOtherOne) {
  follow();
  EXPECT_EQ(kept(), kOwn);
  EXPECT_THAT(configured(), Not(HasSubstr("standby_cluster")));
  world_.standby.timeline = kOwn + 1;
  later(11s);
  EXPECT_EQ(kept(), 0);
  EXPECT_THAT(configured(), AllOf(HasSubstr("standby_cluster"), HasSubstr(kRewinds)));
}

// By an older journal it was no standby yet: Patroni's configuration says it.
TEST_F(PlannedSwitch, IsRememberedByPatronisConfiguration) {
  follow();
  world_.tell(OperatorStarted{.identity = "next", .journal_reset = true});
  for (const std::string kind : {"Endpoints"}) {
    ObjectObserved store;
    store.ref = World::ref(kind, "hippo-ha-config");
    store.uid = "uid-of-store";
    store.fields.patroni = {{.initialize = "8000000000000000001", .config = "c"}};
    store.fields.patroni.edit().standby = "true";
    store.fields.patroni.edit().kept = "3";
    world_.tell(store);
  }
  EXPECT_EQ(kept(), kOwn);
}

TEST_F(PlannedSwitch, IsRewoundWhenSomebodyGivesItsTimelineUpAfterwards) {
  follow();
  later(10min);
  EXPECT_EQ(reason(), "Silent");
  EXPECT_THAT(words(), HasSubstr("give-up-timeline to \"3\""));
  ask(kByHost, "2");
  EXPECT_THAT(configured(), Not(HasSubstr("standby_cluster")));
  ask(kByHost, "3");
  EXPECT_THAT(configured(), AllOf(HasSubstr("standby_cluster"), HasSubstr(kRewinds)));
}

TEST_F(PlannedSwitch, OfOneThatIsShutDownNeedsConsent) {
  generation_ = 2;
  shut_down();
  job_succeeds();
  ask();
  EXPECT_EQ(reason(), "NotTakenUp");
  EXPECT_THAT(words(), HasSubstr("no primary runs here that could ask"));
}

class SwitchByRepository : public PlannedSwitch {
 protected:
  void holds(std::int64_t timeline) {
    world_.repositories["repo1"] = {
        .databases = {{.id = 1, .system_id = system_, .version = "15"}},
        .archives = {{.database = 1,
                      .id = "15-1",
                      .first = "000000010000000000000001",
                      .last = concat("0000000", timeline, "0000000000000009")}}};
  }
  std::string system_ = "8000000000000000001";
};

TEST_F(SwitchByRepository, NeedsNoConsentWhileTheNewestWalIsOfItsOwnTimeline) {
  holds(kOwn);
  ask(concat(kOfRepository, kInStore));
  EXPECT_TRUE(is_begun());
}

TEST_F(SwitchByRepository, NeedsConsentBehindALaterTimelineAndWhereNothingIsKnown) {
  holds(kOwn + 1);
  ask(concat(kOfRepository, kInStore));
  EXPECT_EQ(reason(), "NotTakenUp");
  EXPECT_THAT(words(), HasSubstr("repository repo1 has WAL of timeline 4"));
  ask(kInStore);
  system_ = "7";
  holds(kOwn);
  ask(concat(kOfRepository, kInStore));
  EXPECT_EQ(reason(), "NotTakenUp");
  EXPECT_THAT(words(), HasSubstr("no WAL of this database on timeline 3"));
}

}  // namespace
}  // namespace annals::fsm

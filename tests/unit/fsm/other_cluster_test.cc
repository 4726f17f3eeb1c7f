// An old primary that comes back while another cluster leads: what its members ask, what is told,
// and the two ways out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ranges>
#include <set>
#include <string>
#include <vector>

#include "fsm/view/rendering.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::int64_t kOwn = 3;
constexpr const char* kNamed = R"(,"standby":{"enabled":false,"host":"10.0.0.7"})";
constexpr const char* kFollows = R"(,"standby":{"enabled":true,"host":"10.0.0.7"})";
constexpr const char* kEvent = "event/AnotherClusterLeads";
constexpr const char* kBothWrite = "event/AnotherClusterWrites";

class OldPrimary : public RunningCluster {
 protected:
  void SetUp() override {
    RunningCluster::SetUp();
    ask_for(kNamed);
    stores();
    asked();
  }

  void ask_for(const std::string& more, const std::string& given_up = {}) {
    SpecObserved wanted = spec(3, more);
    if (!given_up.empty())
      wanted.resource.insert(
          wanted.resource.find(R"("name":"hippo")"),
          R"("annotations":{"postgres-operator.crunchydata.com/give-up-timeline":")" + given_up +
              R"("},)");
    wanted.generation = ++generation_;
    change(wanted);
  }
  // What Patroni was asked to take is what it has.
  void stores() { world_.patroni_stores(rendered_configuration().second); }
  std::pair<std::string, std::string> rendered_configuration() const {
    ClusterState state = world_.state();
    const Rendered& all = rendered(state);
    return {all.patroni, all.patroni_digest};
  }
  // The other one's answer, and what the own volume says.
  void other(SourceState source, std::int64_t timeline) {
    world_.standby = {.system_id = "7301",
                      .timeline = kOwn,
                      .source = {.state = source, .host = "10.0.0.7:5432", .timeline = timeline}};
  }
  // The site is back: all members run, and none of them leads.
  void comes_back() {
    for (const std::string& each : instances_) {
      PodObserved pod = world_.state().pods.at(each + "-0");
      pod.role = "replica";
      pod.member = "running";
      world_.tell(pod);
    }
  }
  // So much later the other one is asked again.
  void later(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  std::string condition(const std::string& type, bool words = false) const {
    const auto its = world_.state().conditions.find(type);
    if (its == world_.state().conditions.end()) return {};
    return words ? sentence(its->second.message) : its->second.reason;
  }
  std::string operation() const { return name_of(world_.state().operation); }
  // What a member was told of Patroni's configuration last.
  ConfigurePatroni configured() const {
    for (const Intent& intent : world_.carried_out() | std::views::reverse) {
      if (const auto* its = std::get_if<ConfigurePatroni>(&intent.action)) return *its;
    }
    return {};
  }

  std::int64_t generation_ = 1;
};

TEST_F(OldPrimary, HasTheQuestionInPatronisConfigurationWhileItFollowsNobody) {
  EXPECT_THAT(rendered_configuration().first, HasSubstr(R"("pre_promote":"bash -c )"));
  ask_for("");
  EXPECT_THAT(rendered_configuration().first, Not(HasSubstr("pre_promote")));
  ask_for(kFollows);
  EXPECT_THAT(rendered_configuration().first,
              AllOf(HasSubstr("pre_promote"), Not(HasSubstr("standby_cluster"))));
}

TEST_F(OldPrimary, AsksNobodyThatIsItself) {
  ask_for(R"(,"standby":{"enabled":false,"host":"hippo-primary"})");
  EXPECT_THAT(rendered_configuration().first, Not(HasSubstr("pre_promote")));
}

// Its site was cut off, and it went on writing: nobody has stopped it, and nobody does.
TEST_F(OldPrimary, ThatLeadsSaysThatAnotherOneTakesWritesToo) {
  other(SourceState::kWrites, 5);
  later(1min);
  EXPECT_EQ(condition("Ready"), "PrimaryReady");
  EXPECT_EQ(condition("Standby"), "AnotherClusterWrites");
  EXPECT_THAT(condition("Standby", true),
              AllOf(HasSubstr("10.0.0.7:5432 does on timeline 5, and this one on timeline 3"),
                    HasSubstr(R"(give-up-timeline to "3")")));
  EXPECT_THAT(asked(), Contains(kBothWrite));
  later(1h);
  EXPECT_THAT(asked(), Not(Contains(kBothWrite))) << "it is told once";
  other(SourceState::kFollows, 5);
  later(1min);
  EXPECT_EQ(condition("Standby"), "");
}

// A name that leads to whoever is the primary.
TEST_F(OldPrimary, ThatLeadsMayBeItselfWhoAnswers) {
  other(SourceState::kOneOfOurs, kOwn);
  later(1min);
  EXPECT_EQ(condition("Standby"), "");
}

// Both were promoted from one timeline, so both have the next number.
TEST_F(OldPrimary, ThatLeadsIsToldOfOneOnATimelineOfTheSameNumber) {
  other(SourceState::kWrites, kOwn);
  later(1min);
  EXPECT_EQ(condition("Standby"), "AnotherClusterWrites");
  EXPECT_THAT(condition("Standby", true),
              AllOf(HasSubstr("does on timeline 3, and this one on timeline 3"),
                    Not(HasSubstr("give-up-timeline"))));
}

// Its other members ask before one of them is promoted, and none is.
TEST_F(OldPrimary, ThatLeadsMovesItsPrimaryOnlyWhenTheOtherOneHasStopped) {
  other(SourceState::kWrites, 5);
  later(1min);
  lags({});
  ask_for(concat(kNamed, kAnotherImage));
  stores();
  for (const std::string& instance : instances_) template_is(instance, "two");
  for (const std::string& instance : {instances_[1], instances_[2]}) {
    ended(instance);
    runs(instance, "two");
  }
  EXPECT_THAT(asked(), Not(Contains("patroni/leader")));
  EXPECT_THAT(sentence(first_blocker(world_.state())->waits_for),
              HasSubstr("10.0.0.7:5432 to take no writes, which it does on the later timeline 5"));
  EXPECT_THAT(sentence(first_blocker(world_.state())->remedy),
              HasSubstr(R"(give-up-timeline to "3")"));
  other(SourceState::kFollows, 5);
  later(1min);
  EXPECT_THAT(asked(), Contains("patroni/leader"));
}

// The one that was promoted sees the old one come back.
TEST_F(OldPrimary, ThatLeadsIsToldOfOneOnAnEarlierTimeline) {
  other(SourceState::kWrites, 2);
  later(1min);
  EXPECT_THAT(condition("Standby", true),
              AllOf(HasSubstr("10.0.0.7:5432 does on timeline 2"),
                    HasSubstr("set spec.standby.enabled to true there")));
}

TEST_F(OldPrimary, ThatLeadsAsksNobodyWithoutABlockOfItsSpecOrWhileItIsToFollow) {
  other(SourceState::kWrites, 5);
  ask_for("");
  stores();
  asked();
  later(1min);
  EXPECT_THAT(asked(), Not(Contains(kOtherTarget)));
  EXPECT_EQ(condition("Standby"), "");
  ask_for(kFollows);
  stores();
  later(1min);
  EXPECT_THAT(asked(), Not(Contains(kOtherTarget)));
}

TEST_F(OldPrimary, ThatLeadsIsLookedAtWithoutARecordWhereNothingIsNew) {
  other(SourceState::kFollows, 3);
  later(1min);
  const std::size_t before = world_.carried_out().size();
  asked();
  for (int i = 0; i < 10; ++i) later(1min);
  EXPECT_THAT(asked(), Contains(kOtherTarget)) << "a look that stands is made again";
  EXPECT_EQ(world_.carried_out().size(), before);
}

TEST_F(OldPrimary, SaysWhoLeadsAndWhatMakesAStandbyOfIt) {
  other(SourceState::kWrites, 5);
  comes_back();
  EXPECT_EQ(condition("Ready"), "AnotherClusterLeads");
  EXPECT_EQ(condition("Standby"), "AnotherClusterLeads");
  EXPECT_THAT(condition("Standby", true),
              AllOf(HasSubstr("10.0.0.7:5432 takes writes on timeline 5"),
                    HasSubstr("this one ended on timeline 3"), HasSubstr("spec.standby.enabled"),
                    HasSubstr(R"(give-up-timeline to "3")")));
  EXPECT_EQ(waits_for(), "10.0.0.7:5432 to take no writes: it leads on timeline 5");
  EXPECT_EQ(condition("Stalled"), "DeadlinePassed");
  EXPECT_THAT(asked(), Contains(kEvent));
  later(1h);
  EXPECT_THAT(asked(), Not(Contains(kEvent))) << "it is told once";
}

TEST_F(OldPrimary, IsAskedFromTheContainerOfAMember) {
  other(SourceState::kWrites, 5);
  comes_back();
  const auto look = std::ranges::find_if(world_.carried_out(), [](const Intent& intent) {
    return std::holds_alternative<ReadStandby>(intent.action);
  });
  ASSERT_NE(look, world_.carried_out().end());
  const auto& its = std::get<ReadStandby>(look->action);
  EXPECT_EQ(its.source.host, "10.0.0.7");
  EXPECT_EQ(its.source.port, 5432);
  EXPECT_EQ(its.source.user, "_crunchyrepl");
  EXPECT_EQ(its.pod, instances_[0] + "-0");
  EXPECT_EQ(its.container, "database");
}

TEST_F(OldPrimary, WaitsForItsOwnLeaderWhereNobodyElseLeads) {
  for (const auto& [state, timeline] :
       std::vector<std::pair<SourceState, std::int64_t>>{{SourceState::kFollows, 5},
                                                         {SourceState::kRefuses, 0},
                                                         {SourceState::kSilent, 0},
                                                         {SourceState::kStranger, 9},
                                                         {SourceState::kWrites, 3},
                                                         {SourceState::kWrites, 2}}) {
    other(state, timeline);
    comes_back();
    later(1min);
    EXPECT_EQ(condition("Ready"), "NoPrimary") << static_cast<int>(state) << " " << timeline;
    EXPECT_EQ(condition("Standby"), "");
  }
  EXPECT_THAT(asked(), Not(Contains(kEvent)));
}

TEST_F(OldPrimary, SaysNothingMoreOnceTheOtherOneEnds) {
  other(SourceState::kWrites, 5);
  comes_back();
  ASSERT_EQ(condition("Ready"), "AnotherClusterLeads");
  other(SourceState::kRefuses, 0);
  later(20s);
  EXPECT_EQ(condition("Ready"), "NoPrimary");
  leads(instances_[1]);
  EXPECT_EQ(condition("Ready"), "PrimaryReady");
  EXPECT_EQ(condition("Standby"), "");
}

TEST_F(OldPrimary, WithoutNewsMakesNoRecords) {
  other(SourceState::kWrites, 5);
  comes_back();
  later(1min);
  const std::size_t before = world_.carried_out().size();
  asked();
  for (int i = 0; i < 10; ++i) later(1min);
  EXPECT_THAT(asked(), Contains(kOtherTarget)) << "a look that stands is made again";
  EXPECT_EQ(world_.carried_out().size(), before);
}

TEST_F(OldPrimary, BecomesAStandbyByTheTimelineThatItHasComeTo) {
  other(SourceState::kWrites, 5);
  comes_back();
  ask_for(kFollows);
  EXPECT_EQ(condition("Standby"), "AnotherClusterLeads");
  EXPECT_THAT(asked(), Not(Contains("event/StandbyNotTakenUp")));
  ask_for(kFollows, "2");
  EXPECT_EQ(operation(), "");
  ask_for(kFollows, "3");
  ASSERT_EQ(operation(), kDemotionName);
  EXPECT_EQ(condition("Standby"), "Demoting");
  EXPECT_EQ(world_.state().stopped.size(), 3U) << "nobody leads, so all of them end at once";
  for (const std::string& each : instances_) ended(each);
  EXPECT_THAT(asked(), AllOf(Contains(kPatroniTarget), Contains("event/StandbyDemoted"),
                             Not(Contains("event/ShutdownReceiptFailed"))));
  EXPECT_EQ(condition("Standby"), "Following");
  EXPECT_TRUE(world_.state().stopped.empty());
}

// Its leader is awaited by an operation, which would wait for ever.
TEST_F(OldPrimary, BecomesAStandbyWhileItStarts) {
  other(SourceState::kWrites, 5);
  ask_for(std::string(kNamed) + R"(,"shutdown":true)");
  for (const std::string& each : {instances_[1], instances_[2], instances_[0]}) ended(each);
  later(1h);
  ask_for(kNamed);
  ASSERT_EQ(operation(), "startup");
  leader_ = "none";
  runs(instances_[0], "one");
  ASSERT_EQ(condition("Ready"), "AnotherClusterLeads");
  ask_for(kFollows, "3");
  EXPECT_EQ(operation(), kDemotionName);
}

// Nobody leads who could be told that nobody is to be asked any more.
TEST_F(OldPrimary, LeadsAgainWhereTheOtherOneIsNamedNoMore) {
  other(SourceState::kWrites, 5);
  comes_back();
  EXPECT_THAT(configured().configuration, HasSubstr("pre_promote"));
  ask_for("");
  EXPECT_THAT(configured().configuration, Not(HasSubstr("pre_promote")));
  EXPECT_THAT(configured().host, StartsWith(instances_[0] + "-0."));
}

// Nobody has led or asked since: the site was away.
TEST_F(OldPrimary, LeadsAgainWhereTheOtherOneWasNamedBeforeItWasAway) {
  for (const std::string& each : instances_) ended(each);
  for (const char* const nobody : {"", R"(,"standby":{"enabled":false,"host":"hippo-primary"})"}) {
    ask_for(kNamed);
    stores();
    ask_for(nobody);
    asked();
    leader_ = "none";
    for (const std::string& each : instances_) runs(each, "one");
    EXPECT_THAT(asked(), Contains(kPatroniTarget)) << nobody;
    EXPECT_THAT(configured().configuration, Not(HasSubstr("pre_promote")));
    for (const std::string& each : instances_) ended(each);
  }
}

// Its members hear the other one again as soon as it answers.
TEST_F(OldPrimary, LeadsAgainWhereTheOtherOneDidNotAnswerLast) {
  other(SourceState::kWrites, 5);
  comes_back();
  other(SourceState::kSilent, 0);
  later(20s);
  ask_for("");
  EXPECT_THAT(configured().configuration, Not(HasSubstr("pre_promote")));
}

}  // namespace
}  // namespace annals::fsm

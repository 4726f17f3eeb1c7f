// The shell without any transport: what is appended is durable at once, what is wanted is noted.
#include "runtime/shell.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "runtime/orphan_cache.h"
#include "tests/unit/runtime/shell_fixture.h"

namespace annals::runtime {
namespace {

TEST_F(ShellTest, CountsWaitsThatAreOver) {
  fsm::SpecObserved spec = spec_of("hippo");
  shell_.observe(ClusterUid("uid-1"), spec);
  shell_.all_listed();
  EXPECT_EQ(metrics_.goals, Names{}) << "it waits for a valid spec";
  spec.deleting = true;
  shell_.observe(ClusterUid("uid-1"), spec);
  EXPECT_EQ(metrics_.goals, Names{"provision/spec-accepted"});
}

TEST_F(ShellTest, TellsAClusterWhatWasSeenOfItBeforeItWasKnown) {
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "s"), "uid-1");
  fsm::PodObserved pod;
  pod.name = "hippo-0";
  pod.uid = "p";
  shell_.observe("zoo", "hippo", pod);
  shell_.observe("zoo", "rhino", object("Service", "rhino-ha", "r"), "uid-2");
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  EXPECT_EQ(known_to("uid-1"), (Names{"hippo-ha", "hippo-0"}));
}

TEST_F(ShellTest, TellsNothingThatHasVanishedMeanwhile) {
  const fsm::ObjectObserved service = object("Service", "hippo-ha", "s");
  shell_.observe("zoo", "hippo", service, "uid-1");
  shell_.observe("zoo", "hippo", gone(service));
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  EXPECT_EQ(known_to("uid-1"), Names{});
}

TEST_F(ShellTest, KeepsWhatANewNamesakeOwnsUntilItIsKnown) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  const fsm::ObjectObserved lost = object("ConfigMap", "hippo-config", "c");
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "s"), "uid-2");
  shell_.observe("zoo", "hippo", lost, "uid-2");
  shell_.observe("zoo", "hippo", gone(lost));
  EXPECT_EQ(known_to("uid-1"), Names{}) << "it belongs to another";
  shell_.observe(ClusterUid("uid-2"), spec_of("hippo"));
  EXPECT_EQ(known_to("uid-2"), Names{"hippo-ha"});
}

TEST_F(ShellTest, TellsEachClusterOfANamespaceWhatAllShare) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  shell_.observe("zoo", "", object("Secret", "pgo-root-cacert", "a"));
  shell_.observe(ClusterUid("uid-2"), spec_of("rhino"));
  EXPECT_EQ(known_to("uid-1"), Names{"pgo-root-cacert"});
  EXPECT_EQ(known_to("uid-2"), Names{"pgo-root-cacert"});
}

TEST_F(ShellTest, AClusterThatRestsGoesOnWhenSomethingIsNew) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "s"), "uid-1");
  EXPECT_EQ(shell_.evict_idle(std::chrono::seconds(10)), 0U) << "it has just been told something";
  EXPECT_EQ(shell_.evict_idle({}), 1U);
  EXPECT_EQ(shell_.resident(), 0U);
  EXPECT_EQ(known_to("uid-1"), Names{"hippo-ha"});
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "s"), "uid-1");
  EXPECT_EQ(shell_.resident(), 0U) << "that is no news";
  shell_.observe("zoo", "hippo", object("Service", "hippo-pods", "p"), "uid-1");
  EXPECT_EQ(shell_.resident(), 1U);
  EXPECT_EQ(known_to("uid-1"), (Names{"hippo-ha", "hippo-pods"}));
}

TEST_F(ShellTest, AClusterThatWaitsForAnOutcomeStaysAwake) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  shell_.all_listed();
  ASSERT_EQ(runner_.wanted.size(), 1U) << "its status";
  EXPECT_EQ(shell_.evict_idle({}), 0U);
  EXPECT_EQ(shell_.resident(), 1U);
}

TEST_F(ShellTest, WhatAllShareWakesNobodyOnceItIsKnown) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  fsm::ObjectObserved authority = object("Secret", "pgo-root-cacert", "a");
  shell_.observe("zoo", "", authority);
  (void)shell_.evict_idle({});
  authority.digest = "with another owner";
  shell_.observe("zoo", "", authority);
  EXPECT_EQ(shell_.resident(), 0U);
  authority.fields.secret.edit().authority = "another";
  shell_.observe("zoo", "", authority);
  EXPECT_EQ(shell_.resident(), 1U);
}

TEST_F(ShellTest, OfManyQuietClustersAFewAreAwake) {
  for (int i = 0; i < 100; ++i)
    shell_.observe(ClusterUid(concat("uid-", i)), spec_of(concat("hippo-", i)));
  EXPECT_EQ(shell_.resident(), 32U);
  std::size_t seen = 0;
  shell_.summaries([&](const Summary& cluster) { seen += cluster.name_space == "zoo" ? 1 : 0; });
  EXPECT_EQ(seen, 100U);
  EXPECT_EQ(known_to("uid-7"), Names{});
}

TEST_F(ShellTest, AClusterThatComesToRestWithManyRecordsLeavesASnapshot) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  (void)shell_.evict_idle({});
  EXPECT_EQ(journal_.snapshots, 0U) << "there is little to fold";
  for (int i = 0; i < 100; ++i)
    shell_.observe("zoo", "hippo", object("Service", concat("s", i), "s"), "uid-1");
  (void)shell_.evict_idle({});
  EXPECT_EQ(journal_.snapshots, 1U);
  shell_.observe("zoo", "hippo", object("Service", "one-more", "s"), "uid-1");
  (void)shell_.evict_idle({});
  EXPECT_EQ(journal_.snapshots, 1U);
}

TEST_F(ShellTest, ThoseAtWorkDoNotKeepOthersAwake) {
  for (int i = 0; i < 40; ++i)
    shell_.observe(ClusterUid(concat("at-work-", i)), spec_of(concat("busy-", i)));
  shell_.all_listed();
  EXPECT_EQ(runner_.wanted.size(), 40U);
  EXPECT_EQ(shell_.resident(), 40U);
  for (int i = 0; i < 40; ++i)
    shell_.observe("zoo", concat("busy-", i), object("Service", "s", "u"));
  EXPECT_EQ(shell_.resident(), 40U);
}

TEST_F(ShellTest, HoweverManyThereAreEachIsToldThatAllIsListed) {
  for (int i = 0; i < 120; ++i)
    shell_.observe(ClusterUid(concat("uid-", i)), spec_of(concat("hippo-", i)));
  shell_.all_listed();
  int synced = 0;
  shell_.each([&](const fsm::ClusterState& state) { synced += state.synced ? 1 : 0; });
  EXPECT_EQ(synced, 120);
}

// A cluster as an earlier process has left it.
class NextProcess : public ShellTest {
 protected:
  NextProcess()
      : next_({.journal = records_, .runner = runner_, .clock = clock_, .log = {}, .may_write = [] {
                 return true;
               }}) {
    shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
    shell_.observe("zoo", "hippo", service_, "uid-1");
    shell_.observe("zoo", "hippo", object("Service", "hippo-pods", "p"), "uid-1");
    shell_.each([this](const fsm::ClusterState& state) { next_.recover(state); });
    (void)next_.evict_idle({});
    next_.start(Epoch(2), "tester", {});
  }

  Names known() const {
    Names names;
    next_.each([&](const fsm::ClusterState& state) {
      for (const auto& [ref, seen] : state.objects) names.push_back(ref.name + " " + seen.digest);
    });
    return names;
  }

  const fsm::ObjectObserved service_ = object("Service", "hippo-ha", "s");
  DurableAtOnce records_;
  Shell next_;
};

TEST_F(NextProcess, WhatIsAsTheJournalLeftItNeedsNoRecord) {
  next_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  next_.observe("zoo", "hippo", service_, "uid-1");
  next_.observe("zoo", "hippo", object("Service", "hippo-pods", "p"), "uid-1");
  EXPECT_EQ(records_.types, "");
  EXPECT_EQ(next_.resident(), 0U);
  next_.all_listed();
  EXPECT_TRUE(records_.types.starts_with("operator-started operator-configured synced "))
      << records_.types;
  EXPECT_EQ(known(), (Names{"hippo-ha d", "hippo-pods d"}));
}

TEST_F(NextProcess, WhatHasGoneMeanwhileIsToldBeforeAnythingIsDecided) {
  next_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  next_.observe("zoo", "hippo", service_, "uid-1");
  next_.observe("zoo", "hippo", object("Service", "hippo-new", "n"), "uid-1");
  next_.all_listed();
  EXPECT_TRUE(records_.types.starts_with(
      "operator-started operator-configured object-observed object-gone synced "))
      << records_.types;
  EXPECT_EQ(known(), (Names{"hippo-ha d", "hippo-new d"}));
}

TEST_F(NextProcess, WhatIsOtherwiseMeanwhileIsNews) {
  next_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  fsm::ObjectObserved changed = service_;
  changed.digest = "e";
  changed.version = 0;
  next_.observe("zoo", "hippo", changed, "uid-1");
  next_.observe("zoo", "hippo", service_, "uid-1");
  next_.observe("zoo", "hippo", gone(object("Service", "hippo-pods", "p")));
  next_.observe("zoo", "hippo", object("Service", "hippo-pods", "q"), "uid-1");
  next_.all_listed();
  EXPECT_EQ(known(), (Names{"hippo-ha d", "hippo-pods d"}));
  EXPECT_EQ(records_.types.substr(0, 100),
            std::string("operator-started operator-configured object-observed object-observed "
                        "object-gone object-observed synced ")
                .substr(0, 100));
}

TEST_F(NextProcess, AClusterThatNobodyListsHasGone) {
  next_.all_listed();
  EXPECT_EQ(records_.types,
            "operator-started operator-configured object-gone object-gone spec-gone ");
  records_.types.clear();
  next_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  EXPECT_EQ(known(), Names{}) << "the list was behind; but nothing else was listed either";
}

// What Patroni keeps has no owner: told to a cluster that had lost its name already, it has to go
// before the next one begins.
TEST_F(ShellTest, TheNextOneOfTheNameIsToldWhatPatroniKeepsUnderIt) {
  shell_.observe(ClusterUid("one"), spec_of("hippo"));
  shell_.all_listed();
  shell_.observe("zoo", "hippo", object("Endpoints", "hippo-ha-config", "store"));
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "service"), "one");
  shell_.observe(ClusterUid("two"), spec_of("hippo"));
  EXPECT_EQ(known_to("two"), Names{"hippo-ha-config"});
}

TEST_F(ShellTest, AClusterIsToldOfAnUnsteadyApiServerBeforeAnythingElseAndWhenItIsOver) {
  shell_.observe(ClusterUid("one"), spec_of("hippo"));
  shell_.observe(ClusterUid("two"), spec_of("rhino"));
  shell_.all_listed();
  journal_.types.clear();
  shell_.server_is("it does not answer");
  EXPECT_EQ(journal_.types, "") << "clusters to which nothing happens need not know";
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "service"), "one");
  EXPECT_TRUE(journal_.types.starts_with("server-seen object-observed ")) << journal_.types;
  shell_.server_is("it failed 7 of the last 20 requests");
  journal_.types.clear();
  shell_.observe("zoo", "hippo", object("Service", "hippo-pods", "service-2"), "one");
  EXPECT_TRUE(journal_.types.starts_with("object-observed ")) << "once: " << journal_.types;
  journal_.types.clear();
  shell_.server_is("");
  EXPECT_TRUE(journal_.types.starts_with("server-seen ")) << journal_.types;
  EXPECT_EQ(journal_.types.find("server-seen", 1), std::string::npos)
      << "the other one was not told";
}

TEST(NamesakeTest, GetsNoPodsThatItsPredecessorOnlyRemembers) {
  StandingClock clock;
  DurableAtOnce records;
  Noting runner;
  Shell shell({.journal = records, .runner = runner, .clock = clock, .log = {}, .may_write = [] {
                 return true;
               }});
  fsm::ClusterState before = fsm::initial_state(ClusterUid("uid-1"));
  before.spec = spec_of("hippo");
  before.pods["old"].name = before.pods["old"].uid = "old";
  before.pods["left"].name = before.pods["left"].uid = "left";
  shell.recover(before);
  shell.start(Epoch(2), "tester", {});
  shell.observe("zoo", "hippo", before.pods["left"]);
  shell.observe(ClusterUid("uid-2"), spec_of("hippo"));
  shell.all_listed();
  std::vector<std::string> pods;
  shell.each([&](const fsm::ClusterState& state) {
    if (state.uid != ClusterUid("uid-2")) return;
    for (const auto& [name, pod] : state.pods) pods.push_back(name);
  });
  EXPECT_EQ(pods, std::vector<std::string>{"left"});
}

// Whose objects may stand where others belong: the executor has to look before it writes.
using WithNamesake = std::set<std::string>;

TEST_F(ShellTest, ClustersOfDifferentNamesHaveNoNamesake) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "s"), "uid-1");
  shell_.observe("zoo", "hippo", object("Endpoints", "hippo-ha", "e"));
  shell_.observe(ClusterUid("uid-2"), spec_of("rhino"));
  shell_.all_listed();
  EXPECT_EQ(runner_.wanted.size(), 2U);
  EXPECT_EQ(runner_.with_namesake, WithNamesake{});
}

TEST_F(ShellTest, TheOneThatComesAfterAnotherHasANamesake) {
  shell_.all_listed();
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  EXPECT_EQ(runner_.with_namesake, WithNamesake{});
  shell_.observe_gone(ClusterUid("uid-1"));
  shell_.observe(ClusterUid("uid-2"), spec_of("hippo"));
  EXPECT_EQ(runner_.with_namesake, WithNamesake{"uid-2"});
}

TEST_F(ShellTest, TheOneThatReplacesAnotherHasANamesake) {
  shell_.all_listed();
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  shell_.observe(ClusterUid("uid-2"), spec_of("hippo"));
  EXPECT_EQ(runner_.with_namesake, WithNamesake{"uid-2"});
}

TEST_F(ShellTest, TheOneWhoseNameIsOnObjectsOfAnotherHasANamesake) {
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "s"), "uid-1");
  shell_.observe(ClusterUid("uid-2"), spec_of("hippo"));
  shell_.observe(ClusterUid("uid-3"), spec_of("rhino"));
  shell_.all_listed();
  EXPECT_EQ(runner_.with_namesake, WithNamesake{"uid-2"});
}

TEST_F(NextProcess, TheOneAfterAClusterOfThatTimeHasANamesake) {
  next_.observe(ClusterUid("uid-2"), spec_of("hippo"));
  next_.all_listed();
  EXPECT_EQ(runner_.with_namesake, WithNamesake{"uid-2"});
}

TEST_F(NextProcess, TheOneAfterAClusterThatWasGoneByThenHasANamesake) {
  fsm::ClusterState state = fsm::initial_state(ClusterUid("uid-3"));
  state.spec = spec_of("rhino");
  state.gone = true;
  next_.recover(state);
  next_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  next_.observe(ClusterUid("uid-4"), spec_of("rhino"));
  next_.all_listed();
  EXPECT_EQ(runner_.with_namesake, WithNamesake{"uid-4"});
}

TEST(OrphanCacheTest, KeepsALimitedNumberOfObjects) {
  OrphanCache orphans;
  for (std::size_t i = 0; i < OrphanCache::kMax + 10; ++i)
    orphans.keep("zoo", "hippo", object("Service", concat("s", i), concat("u", i)), "");
  EXPECT_EQ(orphans.size(), OrphanCache::kMax);
  orphans.keep("zoo", "hippo", object("Service", "s7", "another"), "");
  EXPECT_EQ(orphans.size(), OrphanCache::kMax) << "news of one that is kept is taken";
  orphans.keep("zoo", "hippo", gone(object("Service", "s8", "u8")), "");
  EXPECT_EQ(orphans.claim("zoo", "hippo", ClusterUid("any")).size(), OrphanCache::kMax - 1);
  EXPECT_EQ(orphans.size(), 0U);
}

// A text that nobody has redacted; the journal takes no such record.
TEST_F(ShellTest, OfAClusterWhoseRecordIsRefusedNothingIsDoneAndOthersGoOn) {
  shell_.observe(ClusterUid("uid-of-hippo"), spec_of("hippo"));
  shell_.observe(ClusterUid("uid-of-lion"), spec_of("lion"));
  EXPECT_EQ(shell_.quarantined(), 0U);
  fsm::ObjectObserved telling = object("Secret", "telling", "u1");
  telling.fields.patroni.edit().leader =
      "postgres://hippo:datalake@hippo-primary.zoo.svc:5432/hippo";
  shell_.observe("zoo", "hippo", telling);
  EXPECT_EQ(shell_.quarantined(), 1U);
  EXPECT_NE(said_.str().find(R"("event":"quarantined","alias":"held")"), std::string::npos);
  shell_.observe("zoo", "hippo", object("Service", "later", "u2"));
  shell_.observe("zoo", "lion", object("Service", "other", "u3"));
  EXPECT_EQ(known_to("uid-of-hippo"), Names{}) << "its state is what is recorded";
  EXPECT_EQ(known_to("uid-of-lion"), Names{"other"});
  bool durable = false;
  shell_.take_snapshots([&] { durable = true; });
  EXPECT_TRUE(durable) << "retention goes on, too";
}

}  // namespace
}  // namespace annals::runtime

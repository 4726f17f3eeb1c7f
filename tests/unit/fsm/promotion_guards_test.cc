// What a promotion waits for, who can go on without it, and what stands in its decision.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "fsm/view/named_receipt.h"
#include "fsm/view/promotion_ground.h"
#include "tests/unit/fsm/standby_world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

using testing::AllOf;
using testing::HasSubstr;

// In an object store, which both sites share.
constexpr const char* kStore =
    R"(,"backups":{"pgbackrest":{"repos":[{"name":"repo1","s3":{"bucket":"b","endpoint":"e","region":"r"}}]}})";

class GuardedPromotion : public StandbyCluster {
 protected:
  void source_is(SourceState state) { world_.standby.source.state = state; }
  void receipt_is(Receipt receipt) {
    world_.standby.receipts = {{.repo = "repo1", .receipt = std::move(receipt)}};
  }
  // Of this database, with all that was received.
  static Receipt good() {
    return {.cluster = "pg/lion",
            .system_id = "8000000000000000001",
            .timeline = 1,
            .checkpoint_lsn = 0x5000000 - 120,
            .end_lsn = 0x5000000 - 200,
            .at = Timestamp(1s)};
  }
  // The wish, by a cluster whose repository is an object store.
  void ask() {
    SpecObserved wanted = World::hippo();
    wanted.resource.insert(wanted.resource.size() - 2, kStore);
    wanted.finalized = true;
    wanted.generation = ++generation_;
    world_.tell(wanted);
  }
  void later(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  bool is_promoted() const { return !follows(configured()); }
  static bool follows(const std::string& configuration) {
    return configuration.empty() || configuration.contains("standby_cluster");
  }
  bool has_told(const std::string& event) const {
    return std::ranges::count(world_.history(), "event/" + event) > 0;
  }
  // The decision by which Patroni was told.
  const Decision& promotion() const {
    return *std::ranges::find(world_.decisions(), "promote", &Decision::transition);
  }
  std::string input(const std::string& name) const {
    const Decision& decision = promotion();
    const auto found = std::ranges::find(decision.inputs, name, &Predicate::name);
    return found == decision.inputs.end() ? "" : found->value;
  }
  std::string remedy() const { return sentence(first_blocker(world_.state())->remedy); }
};

TEST_F(GuardedPromotion, IsRefusedWhileTheSourceWrites) {
  source_is(SourceState::kWrites);
  ask();
  EXPECT_FALSE(is_promoted());
  EXPECT_TRUE(has_told("StandbyPromotionRefused"));
  EXPECT_THAT(waits_for(), HasSubstr("10.0.0.7:5433 answers and takes writes"));
  EXPECT_THAT(remedy(),
              AllOf(HasSubstr("make the other cluster a standby of this one, or shut it down"),
                    HasSubstr("postgres-operator.crunchydata.com/standby-promotion")));
  EXPECT_EQ(condition("Standby"), "True Promoting");
  EXPECT_THAT(words("Standby"), HasSubstr("takes writes"));
  later(1h);
  EXPECT_FALSE(is_promoted());
  source_is(SourceState::kRecovers);
  later(11s);
  EXPECT_TRUE(is_promoted());
}

TEST_F(GuardedPromotion, IsAskedMoreOftenWhileASwitchMayGoOn) {
  source_is(SourceState::kWrites);
  ask();
  later(1s);
  const auto looks = [&] { return std::ranges::count(world_.history(), kStandbyTarget); };
  const std::ptrdiff_t first = looks();
  for (int i = 0; i < 30; ++i) later(2s);
  EXPECT_GE(looks(), first + 25);
  later(10min);
  const std::ptrdiff_t second = looks();
  for (int i = 0; i < 30; ++i) later(2s);
  EXPECT_LE(looks(), second + 8);
}

// It was not asked before that; a receipt or another primary there is seconds away.
TEST_F(GuardedPromotion, DoesNotGoByAServerThatShutsDown) {
  source_is(SourceState::kRefuses);
  world_.standby.source.words = "FATAL:  the database system is shutting down";
  ask();
  EXPECT_FALSE(is_promoted());
  world_.standby.source.words = "Connection refused";
  later(3s);
  EXPECT_FALSE(is_promoted());
  receipt_is(good());
  later(3s);
  EXPECT_TRUE(is_promoted());
}

// A failover there refuses connections as well.
TEST_F(GuardedPromotion, DoesNotGoByTheFirstSilenceOfASourceThatWrote) {
  source_is(SourceState::kWrites);
  ask();
  source_is(SourceState::kRefuses);
  later(11s);
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("to stay away, which took writes a moment ago"));
  later(1min);
  source_is(SourceState::kWrites);
  later(11s);
  source_is(SourceState::kRefuses);
  later(11s);
  later(1min);
  EXPECT_FALSE(is_promoted());
  later(1min);
  later(1s);
  EXPECT_TRUE(is_promoted());
}

TEST_F(GuardedPromotion, IsRefusedWhateverTheReceiptSays) {
  source_is(SourceState::kWrites);
  receipt_is(good());
  ask();
  EXPECT_FALSE(is_promoted());
}

TEST_F(GuardedPromotion, GoesOnWithAWarningWhereNobodyKnows) {
  source_is(SourceState::kRefuses);
  world_.standby.receipts = {{.repo = "repo1"}};
  ask();
  EXPECT_TRUE(is_promoted());
  EXPECT_TRUE(has_told("StandbyPromotionUnproven"));
  EXPECT_THAT(sentence(promotion().reason),
              AllOf(HasSubstr("takes no connections, which may be a shutdown or a crash"),
                    HasSubstr("there is no receipt")));
}

TEST_F(GuardedPromotion, ByConsentSaysWhoAndWhy) {
  source_is(SourceState::kWrites);
  change_with_consent("", "jane: the other site burns");
  EXPECT_TRUE(is_promoted());
  EXPECT_TRUE(has_told("StandbyPromotionForced"));
  EXPECT_THAT(input("source-stopped"),
              AllOf(HasSubstr("'jane: the other site burns'"), HasSubstr("written by kubectl")));
}

TEST_F(GuardedPromotion, ByConsentDoesNotWaitForALeaderThatSaysNothing) {
  world_.failures[kStandbyTarget] = "cannot connect";
  later(11s);
  change_with_consent("", "jane: the other site burns");
  later(2s);
  EXPECT_TRUE(is_promoted());
}

TEST_F(GuardedPromotion, WithoutConsentWaitsForALeaderThatSaysNothing) {
  later(2min);
  world_.failures[kStandbyTarget] = "cannot connect";
  world_.standby.replayed_lsn += 100;
  later(11s);
  ask();
  later(1h);
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("to be asked whether it takes writes: cannot connect"));
  world_.failures.clear();
  later(2min);
  EXPECT_TRUE(is_promoted());
}

TEST_F(GuardedPromotion, WithAReceiptWaitsUntilItIsReplayed) {
  source_is(SourceState::kRefuses);
  receipt_is(good());
  world_.standby.replayed_lsn = 0x4000000;
  ask();
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("WAL to be replayed up to 0/4FFFF38 of timeline 1"));
  world_.standby.replayed_lsn = good().end_lsn;
  later(3s);
  EXPECT_TRUE(is_promoted());
  EXPECT_EQ(input("replayed-lsn"), "0/4FFFF38");
  EXPECT_EQ(input("receipt-end-lsn"), "0/4FFFF38");
  EXPECT_FALSE(has_told("StandbyPromotionUnproven"));
}

TEST_F(GuardedPromotion, WithoutAReceiptWaitsForWhatWasReceivedAndNotForEver) {
  world_.standby.replayed_lsn = 0x4000000;
  world_.standby.is_replay_paused = true;
  ask();
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("all WAL to be replayed that was received, up to 0/5000000"));
  EXPECT_THAT(remedy(), HasSubstr("pg_wal_replay_resume"));
  later(6min);
  later(3s);
  EXPECT_TRUE(is_promoted());
}

TEST_F(GuardedPromotion, HoldsNoReceiptThatIsVoid) {
  Receipt withdrawn = good();
  withdrawn.withdrawn = true;
  Receipt of_another = good();
  of_another.system_id = "1";
  Receipt overtaken = good();
  overtaken.checkpoint_lsn -= 8192;
  for (const Receipt& receipt : {withdrawn, of_another, overtaken})
    EXPECT_FALSE(fault_of(receipt, world_.standby).empty())
        << sentence(fault_of(receipt, world_.standby));
  EXPECT_TRUE(fault_of(good(), world_.standby).empty());
  Receipt older = good();
  StandbyAnswer answer = world_.standby;
  answer.timeline = 2;
  EXPECT_FALSE(fault_of(older, answer).empty());
  older.timeline = 3;
  EXPECT_TRUE(fault_of(older, answer).empty()) << "it gets there";
  EXPECT_FALSE(is_replayed(older, answer));
}

TEST_F(GuardedPromotion, OfTwoReceiptsTheNewerCounts) {
  source_is(SourceState::kRefuses);
  Receipt withdrawn{.cluster = "pg/lion", .at = Timestamp(2s), .withdrawn = true};
  world_.standby.receipts = {{.repo = "repo1", .receipt = good()},
                             {.repo = "repo2", .receipt = withdrawn}};
  ask();
  EXPECT_TRUE(has_told("StandbyPromotionUnproven"));
  EXPECT_THAT(sentence(promotion().reason), HasSubstr("is withdrawn"));
}

TEST_F(GuardedPromotion, HoldsToAReceiptThatAPersonNames) {
  source_is(SourceState::kSilent);
  change_with_consent("", "1/0/5000100");
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("up to 0/5000100 of timeline 1"));
  world_.standby.received_lsn = world_.standby.replayed_lsn = 0x5000100;
  later(3s);
  EXPECT_TRUE(is_promoted());
}

TEST_F(GuardedPromotion, SaysWhatIsWrongWithAReceiptThatAPersonNames) {
  source_is(SourceState::kSilent);
  change_with_consent("", "1/05000100");
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("'1/05000100' is no receipt"));
  change_with_consent(
      "", R"({"checkpoint":"0/5000028","cluster":"pg/lion","end":"0/5000000","receipt":1,)"
          R"("systemIdentifier":"7","time":"2026-01-31T08:05:00Z","timeline":1})");
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("is of another database"));
}

TEST_F(GuardedPromotion, AsksAnewWhenItsAnswerIsOld) {
  source_is(SourceState::kRefuses);
  world_.standby.replayed_lsn = 0x4000000;
  ask();
  EXPECT_FALSE(is_promoted());
  source_is(SourceState::kWrites);
  world_.standby.replayed_lsn = 0x5000000;
  later(1min);
  EXPECT_FALSE(is_promoted());
  EXPECT_TRUE(has_told("StandbyPromotionRefused"));
}

TEST_F(GuardedPromotion, ANewProcessAsksAnew) {
  source_is(SourceState::kRefuses);
  world_.silent = {kPatroniTarget};
  ask();
  source_is(SourceState::kWrites);
  world_.silent.clear();
  world_.tell(OperatorStarted{.identity = "next", .state_carried_over = true});
  const std::size_t before = world_.carried_out().size();
  world_.tell(Synced{});
  for (std::size_t i = before; i < world_.carried_out().size(); ++i)
    EXPECT_FALSE(std::holds_alternative<ConfigurePatroni>(world_.carried_out()[i].action));
  EXPECT_TRUE(has_told("StandbyPromotionRefused"));
}

class GuardedOperator : public GuardedPromotion {
 protected:
  GuardedOperator() { world_.standby_promotion = kPromotionGuarded; }
};

// It was a primary before, and stands where its own receipt says: that proves nothing of the other.
TEST_F(GuardedOperator, DoesNotGoByTheReceiptThatItHasLeftItself) {
  source_is(SourceState::kSilent);
  receipt_is(good());
  ObjectObserved store;
  store.ref = World::ref("Endpoints", "hippo-ha-config");
  store.uid = "uid-of-Endpoints/hippo-ha-config";
  store.fields = world_.state().objects.at(store.ref).fields;
  store.fields.patroni.edit().kept = "1";
  world_.tell(store);
  ask();
  later(11s);
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("there is no receipt"));
}

// Of a planned switch: the other cluster has become a standby of this one.
TEST_F(GuardedOperator, GoesOnWhenTheSourceFollowsThisCluster) {
  source_is(SourceState::kWrites);
  ask();
  EXPECT_FALSE(is_promoted());
  source_is(SourceState::kRefuses);
  later(3s);
  EXPECT_FALSE(is_promoted());
  source_is(SourceState::kFollowsUs);
  world_.standby.source.timeline = 1;
  world_.standby.source.lsn = 0x5000078;
  later(3s);
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("10.0.0.7:5433 has, up to 0/5000078 of timeline 1"));
  later(10min);
  EXPECT_FALSE(is_promoted());
  world_.standby.replayed_lsn = 0x5000078;
  later(3s);
  EXPECT_TRUE(is_promoted());
  EXPECT_THAT(input("source-stopped"), HasSubstr("receives its WAL from this cluster"));
}

// Both have the proof that the other one takes no writes.
class BothAskedToLead : public GuardedOperator {
 protected:
  BothAskedToLead() {
    source_is(SourceState::kFollowsUs);
    world_.standby.source.timeline = 1;
    source_claims(true);
  }
  void source_claims(bool claims) { world_.standby.source.claims = claims; }
  // It was the primary before.
  void kept_timeline_one() {
    ObjectObserved store;
    store.ref = World::ref("Endpoints", "hippo-ha-config");
    store.uid = "uid-of-Endpoints/hippo-ha-config";
    store.fields = world_.state().objects.at(store.ref).fields;
    store.fields.patroni.edit().kept = "1";
    world_.tell(store);
  }
  // By the last look.
  bool claims() const { return world_.state().standby->its.claims; }
};

TEST_F(BothAskedToLead, WaitsForAPersonWhereNeitherWasThePrimaryBefore) {
  receipt_is(good());
  ask();
  later(10min);
  EXPECT_FALSE(is_promoted());
  EXPECT_TRUE(claims());
  EXPECT_THAT(waits_for(), AllOf(HasSubstr("one of two clusters to be asked to follow the other"),
                                 HasSubstr("10.0.0.7:5433 takes no writes")));
  EXPECT_THAT(remedy(), HasSubstr("set spec.standby.enabled to true in the one"));
  source_claims(false);
  later(11s);
  EXPECT_TRUE(is_promoted());
}

TEST_F(BothAskedToLead, IsPromotedByConsent) {
  ask();
  EXPECT_FALSE(is_promoted());
  change_with_consent("", "jane: this one leads");
  EXPECT_TRUE(is_promoted());
}

TEST_F(BothAskedToLead, LetsTheOtherOneGoFirstThatWasNoPrimaryBefore) {
  kept_timeline_one();
  ask();
  later(3s);
  EXPECT_FALSE(claims());
  EXPECT_THAT(waits_for(), HasSubstr("which goes first since this one was it before"));
  source_claims(false);
  source_is(SourceState::kWrites);
  later(3s);
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), HasSubstr("takes writes"));
}

// A look without a claim proves nothing: the other one may have been asked to lead meanwhile.
TEST_F(BothAskedToLead, ClaimsAgainBeforeItGoesWhenTheOtherOneHasGivenUp) {
  kept_timeline_one();
  ask();
  later(3s);
  EXPECT_FALSE(claims());
  source_claims(false);
  later(3s);
  EXPECT_TRUE(is_promoted());
  EXPECT_TRUE(claims());
}

TEST_F(BothAskedToLead, TakesItsClaimBackWhenItIsToFollowAgain) {
  ask();
  EXPECT_TRUE(claims());
  change(kOfHost);
  later(11s);
  EXPECT_FALSE(claims());
}

TEST_F(GuardedOperator, WaitsForAPersonWhereNobodyKnows) {
  source_is(SourceState::kSilent);
  ask();
  EXPECT_FALSE(is_promoted());
  EXPECT_THAT(waits_for(), AllOf(HasSubstr("somebody's consent"), HasSubstr("does not answer")));
  later(20min);
  EXPECT_FALSE(is_promoted());
  EXPECT_EQ(condition("Stalled").substr(0, 4), "True");
  change_with_consent("", "jane has seen it down");
  EXPECT_TRUE(is_promoted());
}

TEST_F(GuardedOperator, GoesOnWithAReceipt) {
  source_is(SourceState::kSilent);
  receipt_is(good());
  ask();
  EXPECT_TRUE(is_promoted());
}

TEST_F(GuardedOperator, IsWithdrawnWhileItWaits) {
  source_is(SourceState::kSilent);
  ask();
  change(kOfHost);
  EXPECT_EQ(name_of(world_.state().operation), "");
  EXPECT_EQ(condition("Standby"), "True Following");
}

TEST(NamedReceipt, IsJsonOrAPosition) {
  EXPECT_TRUE(names_receipt("1/0/5000028"));
  EXPECT_TRUE(names_receipt("{}"));
  for (const char* text : {"jane", "jane: 1/2", "ticket 17", "yes/no"})
    EXPECT_FALSE(names_receipt(text)) << text;
  const auto position = read_named_receipt("3/A/5000028");
  ASSERT_TRUE(position);
  EXPECT_EQ(position->timeline, 3);
  EXPECT_EQ(position->end_lsn, 0xA05000028U);
  for (const char* text : {"0/0/5000028", "1/0", "a/0/1", "{}", "1/0/0", R"({"end":"0/1"})"})
    EXPECT_FALSE(read_named_receipt(text)) << text;
  const auto json = read_named_receipt(
      R"({ "checkpoint": "0/5000028", "end":"0/5000000", "systemIdentifier": "7", "timeline": 2 })");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->checkpoint_lsn, 0x5000028U);
  EXPECT_EQ(json->timeline, 2);
}

TEST(EndOfACheckpoint, HasItsRecordAndPerhapsAPagesHeader) {
  EXPECT_EQ(end_of_checkpoint(0x5000028), 0x5000028U + 120);
  EXPECT_EQ(end_of_checkpoint(0x5002000 - 40), 0x5002000U - 40 + 120 + 40);
}

}  // namespace
}  // namespace annals::fsm

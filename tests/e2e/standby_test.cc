// A cluster that streams from another one in its namespace, whose CA both have: it comes up, is
// read from, follows under another name, and is promoted when the other one is shut down. And a
// cluster with a primary stays what it is. Wants script/demo to have run. SPDX-License-Identifier:
// Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kLion = "lion";        // has a primary
constexpr const char* kCheetah = "cheetah";  // follows it

class Standby : public Operator {
 protected:
  static void SetUpTestSuite() {
    remove(kCheetah);
    remove(kLion);
    make_like_hippo(kLion, "s/replicas: 2/replicas: 1/");
    await_settled(kLion);
    superuser(kLion, "create table notes (at timestamptz default now(), note text)");
  }
  static void TearDownTestSuite() {
    remove(kCheetah);
    remove(kLion);
  }

  static void note(const std::string& cluster, const std::string& text) {
    superuser(cluster, "insert into notes (note) values ('" + text + "')");
  }
  static std::string notes(const std::string& cluster) {
    return superuser(cluster, "select string_agg(note, ',' order by at) from notes");
  }
  static std::string in_recovery(const std::string& cluster) {
    return superuser(cluster, "select pg_is_in_recovery()");
  }
  // When the server of its leader began.
  static std::string began() { return superuser(kCheetah, "select pg_postmaster_start_time()"); }
  static std::string followed() {
    return superuser(kCheetah, "select sender_host from pg_stat_wal_receiver");
  }
  static std::string standby(const std::string& cluster, const std::string& what) {
    return condition(cluster, "Standby", what);
  }
  static std::string pods() { return must_kubectl("get pods,events -o wide"); }
};

TEST_F(Standby, StreamsFromItsSourceAndRestsFromAllThatNeedsAPrimary) {
  apply_like_hippo(kCheetah,
                   "/^spec:/a \\  standby: {host: lion-primary.postgres-operator.svc, port: 5432}");
  await("Ready of cheetah", 400s, [] { return condition(kCheetah, "Ready", "reason"); },
        "StandbyLeaderReady", {.details = pods});
  await_settled(kCheetah);
  EXPECT_EQ(standby(kCheetah, "reason"), "Following");
  EXPECT_EQ(condition(kCheetah, "UnsupportedFields", "status"), "False");
  EXPECT_EQ(in_recovery(kCheetah), "t");
  note(kLion, "first");
  await("the row of the source", 60s, [] { return notes(kCheetah); }, "first");
  await_streaming(kCheetah, 1);  // its own replica, from its leader
  EXPECT_EQ(count("jobs", kCheetah), "0");
  EXPECT_EQ(condition(kCheetah, "PGBackRestReplicaRepoReady", "status"), "False");
  EXPECT_NE(psql_as(kCheetah, kCheetah, "select 1").status, 0) << "its users wait";
}

// Its numbers are those of the servers, at most a minute and a look late.
TEST_F(Standby, SaysHowFarItIsWhileItsSourceWrites) {
  await(
      "the state of cheetah", 60s, [] { return field(kCheetah, ".status.standby.state"); },
      "Streaming");
  EXPECT_EQ(field(kCheetah, ".status.standby.source"), "lion-primary.postgres-operator.svc:5432");
  EXPECT_EQ(field(kCheetah, ".status.standby.systemIdentifier"),
            superuser(kLion, "select system_identifier from pg_control_system()"));
  const std::string before = field(kCheetah, ".status.standby.replayedLSN");
  superuser(kLion, "create table bulk as select generate_series(1, 200000) as n");
  const std::string end = superuser(kLion, "select pg_current_wal_lsn()");
  await(
      "the position in the status", 120s,
      [&] {
        return superuser(kLion, "select '" + field(kCheetah, ".status.standby.replayedLSN") +
                                    "'::pg_lsn >= '" + end + "'::pg_lsn");
      },
      "t");
  EXPECT_NE(field(kCheetah, ".status.standby.replayedLSN"), before);
  EXPECT_NE(field(kCheetah, ".status.standby.lagBytes"), "");
  EXPECT_NE(field(kCheetah, ".status.standby.lastTransaction"), "");
  EXPECT_THAT(standby(kCheetah, "message"),
              HasSubstr("it streams from lion-primary.postgres-operator.svc"));
}

TEST_F(Standby, FollowsUnderAnotherNameWithoutARestart) {
  const std::string before = pods_and_templates(kCheetah);
  const std::string began_before = began();
  patch(kCheetah, R"({"spec":{"standby":{"host":"lion-primary.postgres-operator"}}})");
  await("whom it follows", 120s, followed, "lion-primary.postgres-operator");
  note(kLion, "second");
  await("the row of the source", 60s, [] { return notes(kCheetah); }, "first,second");
  EXPECT_EQ(began(), began_before);
  EXPECT_EQ(pods_and_templates(kCheetah), before);
}

TEST_F(Standby, OfItselfIsAMistakeAndChangesNothing) {
  patch(kCheetah, R"({"spec":{"standby":{"host":"cheetah-ha.postgres-operator.svc"}}})");
  await(
      "Progressing of cheetah", 60s, [] { return condition(kCheetah, "Progressing", "message"); },
      HasSubstr("spec.standby.host is"));
  EXPECT_EQ(followed(), "lion-primary.postgres-operator");
  patch(kCheetah, R"({"spec":{"standby":{"host":"lion-primary.postgres-operator"}}})");
  await_settled(kCheetah);
}

// Where the other one follows this one, it would be the switch of site_switch_test.
TEST_F(Standby, AClusterWithAPrimaryIsMadeNoneOfAnotherDatabase) {
  const std::string timeline = superuser(kLion, "select timeline_id from pg_control_checkpoint()");
  patch(kLion, R"({"spec":{"standby":{"host":"hippo-primary.postgres-operator.svc"}}})");
  await("Standby of lion", 60s, [] { return standby(kLion, "reason"); }, "NotTakenUp");
  await(
      "why it is none", 60s, [] { return standby(kLion, "message"); },
      AllOf(HasSubstr("Set spec.standby.enabled to false"), HasSubstr("another database answers")));
  await_settled(kLion);
  EXPECT_EQ(in_recovery(kLion), "f");
  note(kLion, "third");
  await("the row of the source", 60s, [] { return notes(kCheetah); }, "first,second,third");
  change(kLion, R"({"op":"remove","path":"/spec/standby"})");
  await("Standby of lion", 60s, [] { return standby(kLion, "reason"); }, "");
  EXPECT_EQ(superuser(kLion, "select timeline_id from pg_control_checkpoint()"), timeline);
  EXPECT_THAT(events(kLion), HasSubstr("StandbyNotTakenUp"));
}

TEST_F(Standby, IsNotPromotedWhileItsSourceWrites) {
  patch(kCheetah, R"({"spec":{"standby":{"enabled":false}}})");
  await(
      "the refusal", 60s, [] { return standby(kCheetah, "message"); },
      HasSubstr("lion-primary.postgres-operator:5432 answers and takes writes"));
  EXPECT_EQ(standby(kCheetah, "reason"), "Promoting");
  EXPECT_THAT(standby(kCheetah, "message"),
              HasSubstr("postgres-operator.crunchydata.com/standby-promotion"));
  EXPECT_THAT(events(kCheetah), HasSubstr("StandbyPromotionRefused"));
  note(kLion, "fourth");
  await("the row of the source", 60s, [] { return notes(kCheetah); }, "first,second,third,fourth");
  EXPECT_EQ(in_recovery(kCheetah), "t");
  patch(kCheetah, R"({"spec":{"standby":{"enabled":true}}})");
  await_settled(kCheetah);
  EXPECT_EQ(standby(kCheetah, "reason"), "Following");
}

// As in a planned switch; without a shared repository nobody has left a receipt.
TEST_F(Standby, IsPromotedAndGetsUsersStanzaAndBackup) {
  patch(kLion, R"({"spec":{"shutdown":true}})");
  await(
      "the pods of lion", 180s,
      [] { return count("pods", kLion, ",postgres-operator.crunchydata.com/instance"); }, "0");
  await("that nothing comes", 120s, [] { return standby(kCheetah, "reason"); }, "Silent");
  EXPECT_THAT(standby(kCheetah, "message"), HasSubstr("has received nothing since"));
  EXPECT_EQ(field(kCheetah, ".status.standby.state"), "Silent");
  patch(kCheetah, R"({"spec":{"standby":{"enabled":false}}})");
  await("Ready of cheetah", 240s, [] { return condition(kCheetah, "Ready", "reason"); },
        "PrimaryReady", {.details = pods});
  EXPECT_EQ(in_recovery(kCheetah), "f");
  EXPECT_EQ(psql(kCheetah, "select 'own password'"), "own password");
  note(kCheetah, "of its own");
  EXPECT_THAT(notes(kCheetah), StartsWith("first,second,third,fourth,of its own"));
  await_backup(kCheetah);
  await_settled(kCheetah);
  await_streaming(kCheetah, 1, 240s);
  EXPECT_EQ(standby(kCheetah, "reason"), "");
  EXPECT_THAT(events(kCheetah), HasSubstr("StandbyPromoted"));
  EXPECT_THAT(events(kCheetah), HasSubstr("StandbyPromotionUnproven"));
  EXPECT_EQ(field(kCheetah, ".status.standby"), "");
  EXPECT_THAT(must_kubectl("get cronjobs -o jsonpath='{range .items[*]}{.metadata.name} "
                           "{.spec.suspend}{\"\\n\"}{end}' | grep ^cheetah-"),
              Not(HasSubstr("true")));
  expect_verified();
}

// It takes no writes in between, so that there is nothing to rewind.
TEST_F(Standby, TheOldPrimaryComesBackAsAStandby) {
  note(kCheetah, "after the promotion");
  const std::string timeline = field(kLion, ".status.shutdownReceipt.timeline");
  ASSERT_EQ(timeline, "1");
  annotate(kLion, "give-up-timeline=" + timeline);
  patch(kLion, R"({"spec":{"shutdown":false,)"
               R"("standby":{"host":"cheetah-primary.postgres-operator.svc"}}})");
  await("Standby of lion", 240s, [] { return standby(kLion, "reason"); }, "Following",
        {.details = pods});
  await("Ready of lion", 240s, [] { return condition(kLion, "Ready", "reason"); },
        "StandbyLeaderReady", {.details = pods});
  EXPECT_EQ(in_recovery(kLion), "t");
  const std::string all = notes(kCheetah);
  EXPECT_THAT(all, HasSubstr("of its own,after the promotion"));
  await("the rows of lion", 120s, [] { return notes(kLion); }, all);
  EXPECT_THAT(events(kLion), HasSubstr("StandbyDemoted"));
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

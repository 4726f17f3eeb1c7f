#include "postgres/patroni/patroni.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace annals::postgres {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kCluster = R"({
  "members": [
    {"name": "hippo-a", "role": "leader", "state": "running", "api_url": "https://hippo-a:8008",
     "host": "hippo-a.pods", "port": 5432, "timeline": 3, "pending_restart": true},
    {"name": "hippo-b", "role": "sync_standby", "state": "streaming", "host": "hippo-b.pods",
     "port": 5432, "timeline": 3, "lag": 1024, "tags": {"clonefrom": true}},
    {"name": "hippo-c", "role": "replica", "state": "creating replica", "host": "hippo-c.pods",
     "port": 5432, "lag": "unknown"}],
  "scope": "hippo-ha", "pause": true})";

constexpr std::string_view kPrimaryAnswer = R"({
  "state": "running", "postmaster_start_time": "2026-01-31 08:05:00+00:00", "role": "primary",
  "server_version": 150018, "xlog": {"location": 67395656}, "timeline": 3,
  "replication": [{"usename": "_crunchyrepl"}], "pending_restart": true, "dcs_last_seen": 169,
  "database_system_identifier": "7268616322854375442",
  "patroni": {"version": "3.3.2", "scope": "hippo-ha", "name": "hippo-a"}})";

TEST(ReadCluster, TellsMembersRolesAndLag) {
  const PatroniCluster cluster = read_cluster(kCluster).value();
  EXPECT_TRUE(cluster.paused);
  ASSERT_EQ(cluster.members.size(), 3U);
  const PatroniMember& leader = cluster.members[0];
  EXPECT_EQ(leader.name, "hippo-a");
  EXPECT_EQ(leader.role, PatroniRole::kPrimary);
  EXPECT_EQ(leader.timeline, 3);
  EXPECT_EQ(leader.lag_bytes, std::nullopt);
  EXPECT_TRUE(leader.pending_restart);
  EXPECT_EQ(cluster.members[1].role, PatroniRole::kSyncStandby);
  EXPECT_EQ(cluster.members[1].lag_bytes, 1024);
  EXPECT_EQ(cluster.members[2].state, "creating replica");
  EXPECT_EQ(cluster.members[2].lag_bytes, std::nullopt) << "unknown is not zero";
}

TEST(ReadStatus, TellsAPrimary) {
  const PatroniStatus status = read_status(kPrimaryAnswer).value();
  EXPECT_EQ(status.state, "running");
  EXPECT_EQ(status.role, PatroniRole::kPrimary);
  EXPECT_EQ(status.server_version, 150018);
  EXPECT_EQ(status.location, 67395656);
  EXPECT_EQ(status.system_identifier, "7268616322854375442");
  EXPECT_EQ(status.patroni_version, "3.3.2");
  EXPECT_TRUE(status.pending_restart);
  EXPECT_FALSE(status.paused);
}

TEST(ReadStatus, TellsAReplicaByWhatItReplayed) {
  const PatroniStatus status = read_status(R"({"state": "running", "role": "replica", "xlog":
      {"received_location": 9, "replayed_location": 7, "paused": false}})")
                                   .value();
  EXPECT_EQ(status.role, PatroniRole::kReplica);
  EXPECT_EQ(status.location, 7);
}

TEST(ReadStatus, KnowsTheWordsOfOlderAndLaterPatronis) {
  const auto role = [](std::string_view word) {
    return read_status(concat(R"({"state":"running","role":")", word, "\"}")).value().role;
  };
  EXPECT_EQ(role("master"), PatroniRole::kPrimary);
  EXPECT_EQ(role("standby_leader"), PatroniRole::kStandbyLeader);
  EXPECT_EQ(role("quorum_standby"), PatroniRole::kSyncStandby);
  EXPECT_EQ(role("emperor"), PatroniRole::kUnknown);
}

TEST(Bodies, SayWhatIsAsked) {
  EXPECT_EQ(switchover_body("a", std::nullopt), R"({"leader":"a"})");
  EXPECT_EQ(switchover_body("a", "b\"c"), R"({"candidate":"b\"c","leader":"a"})");
  EXPECT_EQ(restart_body({}), "{}");
  EXPECT_EQ(restart_body({.only_if_pending = true, .role = "primary"}),
            R"({"restart_pending":true,"role":"primary"})");
}

TEST(Configuration, MakesAStandbyWhereItSaysWhomToFollow) {
  EXPECT_TRUE(makes_standby(R"({"ttl": 30, "standby_cluster": {"host": "h"}})"));
  EXPECT_FALSE(makes_standby(R"({"ttl": 30, "standby_cluster": null})"));
  EXPECT_FALSE(makes_standby(R"({"ttl": 30})"));
  EXPECT_FALSE(makes_standby("not JSON"));
}

TEST(PatroniError, SaysWhatTheCallerCanDo) {
  EXPECT_EQ(patroni_error(401, "").code, Errc::kForbidden);
  EXPECT_EQ(patroni_error(404, "").code, Errc::kNotFound);
  EXPECT_EQ(patroni_error(412, "no good candidates").code, Errc::kConflict);
  EXPECT_EQ(patroni_error(400, "").code, Errc::kInvalid);
  EXPECT_EQ(patroni_error(503, "Switchover failed").code, Errc::kUnavailable);
  EXPECT_EQ(patroni_error(503, "Switchover status unknown").code, Errc::kTimeout);
  EXPECT_EQ(patroni_error(503, "a\x1b[31m\nb" + std::string(10'000, 'x')).detail.size(), 210U);
}

// What a pod may say.

TEST(ReadCluster, RefusesWhatIsNoCluster) {
  for (const std::string_view text :
       {"", "nonsense", "[]", "null", "{}", R"({"members": {}})", R"({"members": [{}]})",
        R"({"members": [7]})", R"({"members": [{"name": 7}]})", R"({"members": [null]})",
        "{\"members\": [{\"name\": \"\xff\"}]}"}) {
    const Result<PatroniCluster> cluster = read_cluster(text);
    ASSERT_FALSE(cluster) << text;
    EXPECT_EQ(cluster.error().code, Errc::kInvalid);
    EXPECT_THAT(cluster.error().detail, HasSubstr("read Patroni's cluster"));
  }
  EXPECT_THAT(read_cluster(R"({"members": []})").value().members, IsEmpty());
}

TEST(ReadCluster, SurvivesDepthAndNumbersBeyondAnyRange) {
  EXPECT_FALSE(read_cluster(std::string(1'000'000, '[')));
  EXPECT_FALSE(
      read_cluster(R"({"members":)" + std::string(500'000, '[') + std::string(500'000, ']') + '}'));
  const PatroniCluster cluster = read_cluster(R"({"members": [{"name": "a", "role": [], "lag": -1,
      "timeline": 18446744073709551615, "pending_restart": "yes"}], "pause": 1})")
                                     .value();
  EXPECT_EQ(cluster.members[0].role, PatroniRole::kUnknown);
  EXPECT_EQ(cluster.members[0].timeline, std::nullopt);
  EXPECT_FALSE(cluster.members[0].pending_restart);
  EXPECT_FALSE(cluster.paused);
}

RC_GTEST_PROP(ReadPatroni, SurvivesAnyDamage, ()) {
  std::string text(*rc::gen::element(kCluster, kPrimaryAnswer));
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text.replace(at, *rc::gen::inRange<std::size_t>(0, 20), *rc::gen::arbitrary<std::string>());
  const Result<PatroniCluster> cluster = read_cluster(text);
  if (cluster) {
    for (const PatroniMember& member : cluster->members) RC_ASSERT(!member.name.empty());
  }
  const Result<PatroniStatus> status = read_status(text);
  if (status) RC_ASSERT(!status->state.empty());
}

}  // namespace
}  // namespace annals::postgres

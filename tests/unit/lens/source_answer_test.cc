// What psql says of a standby's source.
#include "lens/source_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "base/concat.h"

namespace annals::lens {
namespace {

using fsm::SourceAnswer;
using fsm::SourceState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const OwnServer kOwn{.system_id = "7412345678901234567", .started = "1700000000000001"};

SourceState state_of(const char* output) { return read_source(output, kOwn).state; }

TEST(SourceAnswerTest, OfAPrimaryIsThatItWrites) {
  const SourceAnswer answer =
      read_source("f|7412345678901234567|3|83886080|0|1600000000000001|10.0.0.7\n", kOwn);
  EXPECT_EQ(answer.state, SourceState::kWrites);
  EXPECT_EQ(answer.timeline, 3);
  EXPECT_EQ(answer.lsn, 83886080U);
}

TEST(SourceAnswerTest, OfAServerInRecoveryIsWhetherItReceivesItself) {
  EXPECT_EQ(state_of("t|7412345678901234567|3|83886080|0|16|10.0.0.7\n"), SourceState::kRecovers);
  EXPECT_EQ(state_of("t|7412345678901234567|3|83886080|1|16|10.0.0.7\n"), SourceState::kFollows);
  EXPECT_EQ(state_of("t|7412345678901234567|3||0|16|10.0.0.7\n"), SourceState::kRecovers);
}

TEST(SourceAnswerTest, OfOneThatReceivesFromTheServerThatAsksIsThatItFollows) {
  OwnServer own = kOwn;
  own.followers = {"10.0.0.8", "10.0.0.7"};
  const char* const kReceives = "t|7412345678901234567|3|83886080|1|16|10.0.0.7\n";
  EXPECT_EQ(read_source(kReceives, own).state, SourceState::kFollowsUs);
  EXPECT_EQ(state_of(kReceives), SourceState::kFollows);
  EXPECT_EQ(read_source("t|7412345678901234567|3|83886080|1|16|\n", own).state,
            SourceState::kFollows);
  EXPECT_EQ(read_source("t|7412345678901234567|3|83886080|0|16|10.0.0.7\n", own).state,
            SourceState::kRecovers);
}

// By its functions it is behind until the next checkpoint.
TEST(SourceAnswerTest, OfAConnectionOfReplicationHasTheTimelineOfItsSecondLine) {
  const SourceAnswer answer = read_source(
      "t|7412345678901234567|3|83886080|1|16|10.0.0.7\n"
      "7412345678901234567|4|0/5000000|postgres\n",
      kOwn);
  EXPECT_EQ(answer.timeline, 4);
}

TEST(LostSegmentTest, IsANameOfASegmentOrNothing) {
  EXPECT_EQ(read_lost_segment("00000001000000000000000A\n"), "00000001000000000000000A");
  for (const char* output : {"", "\n", "ERROR:  permission denied", "00000001000000000000000"})
    EXPECT_EQ(read_lost_segment(output), "") << output;
}

// Cut before, the rest of an address would no longer look like one that holds a password.
TEST(SourceAnswerTest, HasNoHalfOfASecretWhereItsWordsAreCut) {
  for (std::size_t length = 240; length < 310; ++length) {
    const SourceAnswer answer = read_source_error(
        "FATAL: " + std::string(length, 'x') +
        " postgresql://rider:canary-canary@rhino/ password=canary " + std::string(100, 'y'));
    EXPECT_THAT(answer.words, Not(HasSubstr("canary"))) << length;
    EXPECT_LE(answer.words.size(), 308U);
  }
}

TEST(FollowersTest, AreThoseThatHaveAnotherNameThanTheMembers) {
  EXPECT_THAT(
      read_followers("10.0.0.7 rhino-a-0\n10.0.0.8 hippo-a-0\n::1 x y\n local", {"hippo-a-0"}),
      ElementsAre("10.0.0.7", "::1"));
  EXPECT_TRUE(read_followers("", {}).empty());
}

TEST(SourceAnswerTest, OfAnotherDatabaseOrOfTheStandbyItselfProvesNothing) {
  EXPECT_EQ(state_of("f|7412345678901234568|3|83886080|0|16|10.0.0.7\n"), SourceState::kStranger);
  EXPECT_EQ(state_of("t|7412345678901234567|3|83886080|0|1700000000000001|10.0.0.7\n"),
            SourceState::kOneOfOurs);
}

TEST(SourceAnswerTest, ThatIsCutOrOfAnotherFormIsNotUnderstood) {
  for (const char* output :
       {"", "f|7412345678901234567|3", "x|7412345678901234567|3|8|0|1|10.0.0.7\n",
        "f|7412345678901234567|three|8|0|1\n", "t|7412345678901234567|-3|8|1|16|10.0.0.7\n"})
    EXPECT_EQ(state_of(output), SourceState::kUnreadable) << output;
}

TEST(SourceErrorTest, SaysWhetherAnybodyListens) {
  const SourceAnswer refused = read_source_error(
      "psql: error: connection to server at \"10.0.0.7\", port 5432 failed: Connection refused\n"
      "\tIs the server running on that host and accepting TCP/IP connections?\n");
  EXPECT_EQ(refused.state, SourceState::kRefuses);
  EXPECT_THAT(refused.words, HasSubstr("Connection refused"));
  EXPECT_THAT(refused.words, Not(HasSubstr("Is the server running")));
  const char* const starting =
      "psql: error: connection to server at \"a\", port 5432 failed: FATAL:  the database system "
      "is "
      "starting up\n";
  EXPECT_EQ(read_source_error(starting).state, SourceState::kRefuses);
  EXPECT_EQ(
      read_source_error("psql: error: could not translate host name \"a\" to address: Name or "
                        "service not known\n")
          .state,
      SourceState::kSilent);
  EXPECT_EQ(
      read_source_error("psql: error: connection to server at \"a\", port 5432 failed: timeout "
                        "expired\n")
          .state,
      SourceState::kSilent);
}

TEST(SourceErrorTest, SaysThatAServerDoesNotLetUsIn) {
  for (const char* words : {"psql: error: connection to server at \"a\", port 5432 failed: FATAL:  "
                            "no pg_hba.conf entry",
                            "psql: error: connection to server at \"a\", port 5432 failed: SSL "
                            "error: certificate verify "
                            "failed"})
    EXPECT_EQ(read_source_error(words).state, SourceState::kLocksOut) << words;
}

TEST(SourceErrorTest, IsBoundedAndPrintable) {
  const SourceAnswer answer = read_source_error("env: 'psql': \x01" + std::string(2000, 'x'));
  EXPECT_EQ(answer.state, SourceState::kUnreadable);
  EXPECT_LT(answer.words.size(), 310U);
  EXPECT_THAT(answer.words, Not(HasSubstr("\x01")));
}

// As 15 prints it.
constexpr const char* kControlData =
    "pg_control version number:            1300\n"
    "Catalog version number:               202209061\n"
    "Database system identifier:           7714029131587584949\n"
    "Database cluster state:               in archive recovery\n"
    "Latest checkpoint's TimeLineID:       1\n"
    "Latest checkpoint's PrevTimeLineID:   1\n"
    "Minimum recovery ending location:     0/3000110\n"
    "Min recovery ending loc's timeline:   2\n";

TEST(ControlDataTest, HasTheDatabaseAndTheTimelineThatTheVolumeHasComeTo) {
  const Result<OwnVolume> own = read_control_data(kControlData);
  ASSERT_TRUE(own) << to_string(own.error());
  EXPECT_EQ(*own, (OwnVolume{.system_id = "7714029131587584949", .timeline = 2}));
}

TEST(ControlDataTest, HasThePodsAddresses) {
  const Result<OwnVolume> own =
      read_control_data(concat("Addresses of the pod: 10.0.0.7 fd00::7\n", kControlData));
  ASSERT_TRUE(own) << to_string(own.error());
  EXPECT_THAT(own->addresses, ElementsAre("10.0.0.7", "fd00::7"));
}

// Its own server is not asked, and may be the one that answers.
TEST(SourceAnswerTest, AtThePodsOwnAddressOnItsTimelineIsItself) {
  const char* output = "f|7412345678901234567|3|83886080|0|1600000000000001|10.0.0.7\n";
  OwnServer own{.system_id = "7412345678901234567",
                .started = {},
                .addresses = {"10.0.0.7", "fd00::7"},
                .timeline = 3};
  EXPECT_EQ(read_source(output, own).state, SourceState::kOneOfOurs);
  own.timeline = 2;  // in another Kubernetes pods may have the same address
  EXPECT_EQ(read_source(output, own).state, SourceState::kWrites);
  own.timeline = 3;
  own.addresses = {"10.0.0.70"};
  EXPECT_EQ(read_source(output, own).state, SourceState::kWrites);
}

TEST(ControlDataTest, OfAnotherFormIsAnError) {
  for (const char* text :
       {"", "x", "Database system identifier: 77\n", "Latest checkpoint's TimeLineID: 1\n",
        "Database system identifier: a\nLatest checkpoint's TimeLineID: 1\n"})
    EXPECT_FALSE(read_control_data(text)) << text;
}

TEST(ConninfoTest, HasWhereAServerStreamsFrom) {
  const SourceAddress plain = read_conninfo(
      "user=_crunchyrepl passfile=/tmp/.pgpass host=hippo-primary.ns.svc port=5433 "
      "sslmode=verify-ca application_name=rhino");
  EXPECT_THAT(plain.hosts, ElementsAre("hippo-primary.ns.svc"));
  EXPECT_EQ(plain.port, 5433);
  const SourceAddress several =
      read_conninfo(R"(password='a host=b \' x' host='one,two' sslcert='/a b')");
  EXPECT_THAT(several.hosts, ElementsAre("one", "two"));
  EXPECT_EQ(several.port, 5432);
  EXPECT_TRUE(read_conninfo("").hosts.empty());
}

}  // namespace
}  // namespace annals::lens

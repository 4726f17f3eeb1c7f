// What is known of how far a standby is, and how rarely that is written down.
#include "fsm/view/standby_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "fsm/view/standing_look.h"
#include "tests/unit/fsm/standby_world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class FollowingCluster : public StandbyCluster {
 protected:
  void later(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  // Records of looks: what an intent asks for, and what came of it.
  std::ptrdiff_t recorded_looks() const {
    return std::ranges::count_if(world_.carried_out(), [](const Intent& intent) {
      return std::holds_alternative<ReadStandby>(intent.action);
    });
  }
  void cut_link() { world_.standby.receiver.reset(); }
  std::ptrdiff_t told(const std::string& event) const {
    return std::ranges::count(world_.history(), "event/" + event);
  }
};

TEST_F(FollowingCluster, IsLookedAtEveryTenSecondsWithoutARecord) {
  later(1s);
  const std::ptrdiff_t before = recorded_looks();
  const std::ptrdiff_t looks = std::ranges::count(world_.history(), kStandbyTarget);
  for (int i = 0; i < 360; ++i) later(10s);
  EXPECT_EQ(recorded_looks(), before);
  EXPECT_GE(std::ranges::count(world_.history(), kStandbyTarget), looks + 350);
}

TEST_F(FollowingCluster, NumbersThatMoveAreRecordedOnceAMinute) {
  later(1s);
  const std::ptrdiff_t before = recorded_looks();
  for (int i = 0; i < 60; ++i) {
    world_.standby.received_lsn += 100;
    world_.standby.replayed_lsn += 100;
    later(10s);
  }
  EXPECT_GE(recorded_looks(), before + 8);
  EXPECT_LE(recorded_looks(), before + 11);
}

TEST_F(FollowingCluster, TellsHowFarItIs) {
  world_.standby.receiver->sent_lsn = 0x5000100;
  world_.standby.last_transaction = world_.state().now;
  later(2min);
  EXPECT_THAT(world_.status,
              AllOf(HasSubstr(R"("lagBytes":256)"), HasSubstr(R"("state":"Streaming")"),
                    HasSubstr(R"("receivedLSN":"0/5000000")"),
                    HasSubstr(R"("source":"10.0.0.7:5433")"), HasSubstr(R"("replayLagSeconds":)")));
  EXPECT_EQ(condition("Standby"), "True Following");
  EXPECT_THAT(words("Standby"), HasSubstr("it streams from 10.0.0.7, 256 bytes behind"));
}

TEST_F(FollowingCluster, OfADeadLinkIsToldWithinSecondsAndPeopleAfterMinutes) {
  world_.standby.receiver->heard_at = world_.state().now;
  later(2min);
  cut_link();
  later(11s);
  EXPECT_EQ(condition("Standby"), "True Silent");
  EXPECT_THAT(words("Standby"), HasSubstr("has received nothing since 2026-01-02T00:00"));
  EXPECT_EQ(condition("Ready"), "True StandbyLeaderReady");
  later(6min);
  EXPECT_EQ(told("StandbyReceivesNothing"), 1);
  world_.standby.receiver = WalReceiver{.status = "streaming", .host = "10.0.0.7"};
  later(11s);
  EXPECT_EQ(condition("Standby"), "True Following");
}

TEST_F(FollowingCluster, OfADeadLinkSaysWhatItsSourceAnswers) {
  cut_link();
  world_.standby.source = {
      .state = SourceState::kLocksOut, .host = "10.0.0.7:5433", .words = "no pg_hba.conf entry"};
  later(1min);
  EXPECT_THAT(words("Standby"),
              HasSubstr("10.0.0.7:5433 answers and does not let this cluster in (no pg_hba.conf"));
  world_.standby.source = {.state = SourceState::kWrites, .host = "10.0.0.7:5433"};
  later(1min);
  EXPECT_THAT(words("Standby"), Not(HasSubstr("takes writes")));
  world_.standby.source.words = "number of requested standby connections exceeds max_wal_senders";
  later(1min);
  EXPECT_THAT(
      words("Standby"),
      HasSubstr("10.0.0.7:5433 answers and does not let this cluster replicate (number of"));
}

// Each record of it would say the same.
TEST_F(FollowingCluster, WhoseSourceErrsWithOtherNumbersEachTimeSaysSoOnce) {
  cut_link();
  world_.standby.source = {
      .state = SourceState::kUnreadable, .host = "10.0.0.7:5433", .words = "ended, pid 17"};
  later(1min);
  const std::size_t before = world_.journal().size();
  for (int i = 0; i < 5; ++i) {
    world_.standby.source.words = concat("ended, pid ", 200 + i);
    later(11s);
  }
  EXPECT_LE(world_.journal().size(), before + 5) << "the timers alone";
}

// Streaming will never go on.
TEST_F(FollowingCluster, WhoseSourceHasRemovedWalSaysWhatHelps) {
  cut_link();
  world_.standby.source = {
      .state = SourceState::kWrites, .host = "10.0.0.7:5433", .lost = "000000010000000000000005"};
  later(1min);
  EXPECT_THAT(words("Standby"),
              AllOf(HasSubstr("10.0.0.7:5433 has removed WAL segment 000000010000000000000005"),
                    HasSubstr("Set spec.standby.repoName to a repository that has that WAL")));
  change(concat(kOfHost, R"(,"repoName":"repo1")"));
  later(11min);
  EXPECT_THAT(words("Standby"), HasSubstr("Nothing comes from the archive in repo1 either"));
}

TEST_F(FollowingCluster, ThatFollowsARepositoryIsSilentWhenNothingHasComeForLong) {
  change(R"("repoName":"repo1")");
  cut_link();
  world_.standby.received_lsn = 0;
  later(11s);
  world_.standby.replayed_lsn += 100;
  later(2min);
  EXPECT_EQ(condition("Standby"), "True Following");
  EXPECT_THAT(words("Standby"), HasSubstr("it replays from the repository"));
  later(11min);
  EXPECT_EQ(condition("Standby"), "True Silent");
}

TEST_F(FollowingCluster, WhoseReplayIsPausedSaysWhatToDo) {
  world_.standby.is_replay_paused = true;
  later(11s);
  EXPECT_EQ(condition("Standby"), "True ReplayPaused");
  EXPECT_THAT(words("Standby"), HasSubstr("pg_wal_replay_resume()"));
}

TEST_F(FollowingCluster, OfASwitchoverHasItsNewLeaderLookedAt) {
  later(1s);
  const std::ptrdiff_t before = recorded_looks();
  PodObserved pod = *leader(world_.state());
  pod.uid = "uid-of-another";
  world_.tell(pod);
  EXPECT_GT(recorded_looks(), before);
  EXPECT_EQ(world_.state().standby->pod, "uid-of-another");
}

TEST_F(FollowingCluster, HasFiguresForMetrics) {
  later(1s);
  ASSERT_TRUE(standby_figures(world_.state()));
  EXPECT_TRUE(standby_figures(world_.state())->is_streaming);
  world_.failures[kStandbyTarget] = "cannot connect";
  later(11s);
  EXPECT_FALSE(standby_figures(world_.state())->is_streaming) << "nobody knows";
}

TEST(LagOfAStandby, IsWhatTheSourceHasAndItHasNotReplayed) {
  StandbyAnswer answer{.received_lsn = 300, .replayed_lsn = 200};
  EXPECT_EQ(lag_bytes(answer), 100U);
  answer.receiver = WalReceiver{.status = "streaming", .sent_lsn = 500};
  EXPECT_EQ(lag_bytes(answer), 300U);
  answer.last_transaction = Timestamp(10s);
  answer.at = Timestamp(25s);
  EXPECT_EQ(replay_lag(answer), Duration(15s));
  answer.replayed_lsn = 500;
  EXPECT_EQ(replay_lag(answer), Duration(0s));
}

TEST(LagOfAStandby, OfAnArchiveIsNotKnownInBytes) {
  EXPECT_EQ(lag_bytes({.replayed_lsn = 200}), std::nullopt);
}

}  // namespace
}  // namespace annals::fsm

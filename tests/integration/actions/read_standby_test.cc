// ReadStandby against real servers: a primary, and a copy of it that follows. What is told while it
// streams, when the link is dead, when only an archive feeds it, and when it is promoted.
#include "actions/read_standby.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

#include "base/concat.h"
#include "fsm/view/promotion_ground.h"
#include "fsm/view/standby_progress.h"
#include "spec/restore_target.h"
#include "tests/integration/actions/with_postgres.h"

namespace annals::actions {
namespace {

using testing::Ge;

class ReadStandby : public WithPostgres {
 protected:
  ReadStandby() : standby_(postgres::StandbyOf{server_}) {}

  fsm::StandbyAnswer read(fsm::Claim claim = fsm::Claim::kLeave) {
    fsm::ReadStandby intent;
    intent.claim = claim;
    intent.host = "localhost";
    intent.port = standby_.port();
    intent.authority_secret = "authority";
    intent.pod = "rhino-a-0";
    Answer<ActionResult> answer =
        run(actions::run(std::move(intent), {ClusterUid("c"), "pg", "rhino"}, context_));
    if (!answer) throw std::runtime_error(to_string(answer.error()));
    return answer->standby.value();
  }
  // Asks until it is so.
  fsm::StandbyAnswer await(const std::function<bool(const fsm::StandbyAnswer&)>& is_so) {
    for (int i = 0; i < 300; ++i) {
      fsm::StandbyAnswer answer = read();
      if (is_so(answer)) return answer;
      ::poll(nullptr, 0, 100);
    }
    ADD_FAILURE() << standby_.log();
    return {};
  }
  static bool streams(const fsm::StandbyAnswer& answer) {
    return answer.receiver && answer.receiver->status == "streaming";
  }
  std::string ask_standby(const std::string& sql) {
    Result<postgres::Connection> connection =
        run(postgres::Connection::connect(standby_.as_superuser()));
    if (!connection) throw std::runtime_error(to_string(connection.error()));
    const Result<postgres::Rows> rows = run(connection->query({sql, {}}));
    if (!rows) throw std::runtime_error(to_string(rows.error()));
    return rows->rows.empty() ? std::string() : rows->rows[0][0].value_or("");
  }
  std::uint64_t written() {
    return spec::parse_lsn(ask("SELECT pg_current_wal_flush_lsn()")).value_or(0);
  }

  postgres::PostgresServer standby_;
};

TEST_F(ReadStandby, OfOneThatStreamsSaysHowFarItIs) {
  await(streams);
  ask("CREATE TABLE notes AS SELECT generate_series(1, 1000)");
  const std::uint64_t end = written();
  const fsm::StandbyAnswer answer =
      await([&](const auto& its) { return its.replayed_lsn >= end && its.received_lsn >= end; });
  EXPECT_TRUE(answer.in_recovery);
  EXPECT_EQ(answer.timeline, 1);
  EXPECT_EQ(answer.system_id, ask("SELECT system_identifier FROM pg_control_system()"));
  ASSERT_TRUE(answer.receiver);
  EXPECT_EQ(answer.receiver->host, "localhost");
  EXPECT_EQ(answer.receiver->port, server_.port());
  EXPECT_TRUE(answer.receiver->heard_at);
  EXPECT_TRUE(answer.last_transaction);
  EXPECT_FALSE(answer.is_replay_paused);
}

TEST_F(ReadStandby, OfOneWhoseReplayIsPausedSaysHowFarItIsBehind) {
  await(streams);
  ask_standby("SELECT pg_wal_replay_pause()");
  ask("CREATE TABLE notes AS SELECT generate_series(1, 10000)");
  const std::uint64_t end = written();
  const fsm::StandbyAnswer answer =
      await([&](const auto& its) { return its.received_lsn >= end && its.is_replay_paused; });
  EXPECT_GT(fsm::lag_bytes(answer).value_or(0), 100'000U);
  ask_standby("SELECT pg_wal_replay_resume()");
  await([&](const auto& its) { return its.replayed_lsn >= end; });
}

// And its WAL ends with the record of the shutdown checkpoint, as a receipt takes it.
TEST_F(ReadStandby, OfADeadLinkHasNoReceiverAndAllThatCame) {
  await(streams);
  ask("CREATE TABLE notes AS SELECT generate_series(1, 1000)");
  const std::uint64_t end = written();
  server_.shut_down();
  const fsm::StandbyAnswer answer = await([](const auto& its) { return !its.receiver; });
  EXPECT_THAT(answer.received_lsn, Ge(end));
  EXPECT_TRUE(answer.in_recovery);
  const std::uint64_t checkpoint =
      spec::parse_lsn(ask_standby("SELECT checkpoint_lsn FROM pg_control_checkpoint()"))
          .value_or(0);
  const fsm::StandbyAnswer last =
      await([&](const auto& its) { return its.replayed_lsn == its.received_lsn; });
  EXPECT_LT(checkpoint, last.received_lsn);
  server_.restart_with("");
  const fsm::Receipt receipt{
      .system_id = last.system_id,
      .timeline = 1,
      .checkpoint_lsn =
          spec::parse_lsn(ask("SELECT checkpoint_lsn FROM pg_control_checkpoint()")).value_or(0),
      .end_lsn = end};
  EXPECT_EQ(fsm::end_of_checkpoint(receipt.checkpoint_lsn), last.received_lsn);
  EXPECT_TRUE(fsm::fault_of(receipt, last).empty());
  EXPECT_TRUE(fsm::is_replayed(receipt, last));
  ask("CREATE TABLE more AS SELECT 1");
  const std::uint64_t later = written();
  const fsm::StandbyAnswer overtaken =
      await([&](const auto& its) { return its.received_lsn >= later; });
  EXPECT_FALSE(fsm::fault_of(receipt, overtaken).empty());
}

TEST_F(ReadStandby, OfOneThatAnArchiveFeedsHasOnlyWhatIsReplayed) {
  const std::string folder = standby_.certificates() + "/../archive";
  std::filesystem::create_directory(folder);
  ::chmod(folder.c_str(), 0777);
  ::chmod((standby_.certificates() + "/..").c_str(), 0755);
  server_.restart_with(concat("archive_mode = on\narchive_command = 'cp %p ", folder, "/%f'\n"));
  standby_.restart_with(
      concat("primary_conninfo = ''\nrestore_command = 'cp ", folder, "/%f %p'\n"));
  ask_standby("ALTER SYSTEM SET primary_conninfo = ''");
  ask_standby("SELECT pg_reload_conf()");
  ask("CREATE TABLE notes AS SELECT generate_series(1, 1000)");
  const std::uint64_t end = written();
  ask("SELECT pg_switch_wal()");
  const fsm::StandbyAnswer answer =
      await([&](const auto& its) { return its.replayed_lsn >= end && !its.receiver; });
  EXPECT_TRUE(answer.in_recovery);
  EXPECT_EQ(answer.timeline, 1);
}

// Others may look for it with the rights of replication; see ask_source_test.cc.
TEST_F(ReadStandby, ClaimsAsItIsToldInRecoveryAlone) {
  const std::string size = "SELECT (pg_stat_file('pg_stat_tmp/annals_claim', true)).size";
  EXPECT_FALSE(read().claims);
  EXPECT_EQ(ask_standby(size), "");
  EXPECT_TRUE(read(fsm::Claim::kMake).claims);
  EXPECT_NE(ask_standby(size), "0");
  EXPECT_TRUE(read(fsm::Claim::kMake).claims);
  EXPECT_TRUE(read().claims);
  EXPECT_FALSE(read(fsm::Claim::kTakeBack).claims);
  EXPECT_EQ(ask_standby(size), "0");
  read(fsm::Claim::kMake);
  standby_.restart_with("");
  EXPECT_NE(ask_standby(size), "0");
  await(streams);
  ask_standby("SELECT pg_promote()");
  EXPECT_FALSE(read(fsm::Claim::kMake).claims);
  EXPECT_EQ(ask_standby(size), "0");
}

TEST_F(ReadStandby, OfOneThatIsPromotedIsOnANewTimeline) {
  await(streams);
  ask_standby("SELECT pg_promote()");
  const fsm::StandbyAnswer answer =
      await([](const auto& its) { return !its.in_recovery && its.timeline == 2; });
  EXPECT_FALSE(answer.receiver);
  EXPECT_FALSE(answer.is_replay_paused);
}

}  // namespace
}  // namespace annals::actions

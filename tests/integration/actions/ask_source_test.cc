// What is run in the pod of a standby's leader: real psql against a real server, and real
// pgBackRest, whose words are what is told.
#include "actions/ask_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "actions/read_receipt.h"
#include "base/concat.h"
#include "lens/receipt.h"
#include "tests/integration/actions/exec_words.h"
#include "tests/integration/actions/with_postgres.h"
#include "tests/integration/k8s/support/kubelet.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::actions {
namespace {

using fsm::SourceState;
using k8s::ExecChannel;
using testing::HasSubstr;
using testing::Not;

std::string content_of(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A pod in which commands really run, under the account of the server.
class InPod : public WithPostgres {
 protected:
  InPod() : folder_(server_.certificates() + "/pod") {
    as_server("mkdir -p " + folder_ + "/repo/annals");
  }

  static void as_server(const std::string& command) {
    const char* const as = ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres "
                                              "--clear-groups sh -c "
                                            : "sh -c ";
    std::string quoted = command;
    for (std::size_t at = 0; (at = quoted.find('\'', at)) != quoted.npos; at += 4)
      quoted.replace(at, 1, "'\\''");
    exit_ = std::system(concat(as, "'", quoted, "'").c_str());  // NOLINT: the test's own command
  }

  // Carries it out with what a client asks of that pod.
  template <class Work>
  auto in_pod(Work work) {
    k8s::PeerServer api([&](boost::asio::ip::tcp::socket& socket) {
      k8s::Kubelet kubelet(socket, std::string(k8s::kExecProtocol4));
      command_ = command_for_shell(kubelet.target());
      as_server(concat(environment_, " ", command_, " >", folder_, "/out 2>", folder_, "/err"));
      const int code = exit_ / 256;
      kubelet.say(ExecChannel::kOutput, content_of(folder_ + "/out"));
      kubelet.say(ExecChannel::kErrorOutput, content_of(folder_ + "/err"));
      kubelet.say(ExecChannel::kStatus,
                  code == 0 ? std::string(k8s::kSuccess)
                            : concat(R"({"metadata":{},"status":"Failure","reason":)",
                                     R"("NonZeroExitCode","message":"command terminated",)",
                                     R"("details":{"causes":[{"reason":"ExitCode","message":")",
                                     code, R"("}]}})"));
      kubelet.close();
    });
    const PeerApi peer(loop_.get_executor(), clock_, api.port());
    return run(work(peer.context()));
  }

  AskedSource asked(std::uint16_t port) {
    return {.pod = {"pg", "rhino-a-0"},
            .container = "database",
            .question = {.user = "postgres", .certificates = server_.certificates()},
            .address = {.hosts = {"localhost"}, .port = port},
            .own = {.system_id = ask("SELECT system_identifier FROM pg_control_system()"),
                    .started = "1"}};
  }
  fsm::SourceAnswer source(AskedSource asked) {
    return in_pod([&](const ActionContext& context) { return ask_source(asked, context); });
  }
  fsm::ReceiptAnswer receipt() {
    environment_ =
        concat("PGBACKREST_REPO1_PATH=", folder_, "/repo PGBACKREST_LOG_PATH=", folder_, cipher_);
    return in_pod([&](const ActionContext& context) {
      return read_receipt({{"pg", "rhino-a-0"}, "database", "repo1", "annals/receipt.json"},
                          context);
    });
  }

  inline static int exit_ = 0;  // of the last command, as wait() has it
  std::string folder_;
  std::string environment_;
  std::string cipher_;
  std::string command_;
};

TEST_F(InPod, APrimarySaysThatItWrites) {
  const fsm::SourceAnswer answer = source(asked(server_.port()));
  EXPECT_EQ(answer.state, SourceState::kWrites) << answer.words;
  EXPECT_EQ(answer.timeline, 1);
  EXPECT_GT(answer.lsn, 0U);
  EXPECT_EQ(answer.host, concat("localhost:", server_.port()));
  EXPECT_THAT(command_, Not(HasSubstr("password=")));
}

TEST_F(InPod, AServerInRecoverySaysWhetherItReceives) {
  postgres::PostgresServer standby{postgres::StandbyOf{server_}};
  AskedSource question = asked(standby.port());
  fsm::SourceAnswer answer = source(question);
  for (int i = 0; i < 50 && answer.state != SourceState::kFollows; ++i) answer = source(question);
  EXPECT_EQ(answer.state, SourceState::kFollows) << answer.words;
  server_.shut_down();
  for (int i = 0; i < 50 && answer.state != SourceState::kRecovers; ++i) answer = source(question);
  EXPECT_EQ(answer.state, SourceState::kRecovers) << answer.words;
}

TEST_F(InPod, ASourceSaysWhichWalItHasRemoved) {
  AskedSource question = asked(server_.port());
  question.question.looks_for_wal = true;
  question.timeline = 1;
  question.lsn = 0x1000028;  // where every database begins
  EXPECT_EQ(source(question).lost, "");
  for (int i = 0; i < 3; ++i) {
    ask("SELECT pg_switch_wal()");
    ask("CREATE TABLE t" + std::to_string(i) + " (n int)");
    ask("CHECKPOINT");
  }
  EXPECT_EQ(source(question).lost, "000000010000000000000001");
  question.timeline = 7;  // of another history
  EXPECT_EQ(source(question).lost, "000000070000000000000001");
  question.lsn = source(question).lsn;
  EXPECT_EQ(source(question).lost, "");
  question.lsn += 0x10000000;  // which it has not come to yet
  EXPECT_EQ(source(question).lost, "");
  EXPECT_EQ(source(question).state, SourceState::kWrites);
}

TEST_F(InPod, ASourceSaysWhyNobodyReplicates) {
  AskedSource question = asked(server_.port());
  question.question.looks_for_wal = true;
  EXPECT_EQ(source(question).words, "");
  server_.restart_with("max_wal_senders = 0\nwal_level = minimal\n");
  const fsm::SourceAnswer answer = source(question);
  EXPECT_EQ(answer.state, SourceState::kWrites);
  EXPECT_THAT(answer.words, HasSubstr("max_wal_senders"));
}

// Its control file says so only after its next restartpoint.
TEST_F(InPod, OneThatFollowsTheServerThatAsksSaysSoAndItsTimeline) {
  postgres::PostgresServer standby{postgres::StandbyOf{server_}};
  AskedSource question = asked(standby.port());
  question.identifies = true;
  question.own.followers = {"127.0.0.1", "::1"};
  fsm::SourceAnswer answer = source(question);
  for (int i = 0; i < 50 && answer.state != SourceState::kFollowsUs; ++i) answer = source(question);
  EXPECT_EQ(answer.state, SourceState::kFollowsUs) << answer.words;
  EXPECT_EQ(answer.timeline, 1);
  EXPECT_THAT(command_, HasSubstr("IDENTIFY_SYSTEM"));
}

TEST_F(InPod, OneInRecoverySaysWhetherItIsAskedToLead) {
  postgres::PostgresServer standby{postgres::StandbyOf{server_}};
  AskedSource question = asked(standby.port());
  question.asks_claim = true;
  EXPECT_FALSE(source(question).claims);
  as_server(concat("printf x >'", standby.data(), "/pg_stat_tmp/annals_claim'"));
  EXPECT_TRUE(source(question).claims);
  question.asks_claim = false;
  EXPECT_FALSE(source(question).claims);
  question.asks_claim = true;
  question.address.port = server_.port();  // a primary has none
  EXPECT_FALSE(source(question).claims);
}

TEST_F(InPod, AServerThatIsDownRefuses) {
  AskedSource question = asked(server_.port());
  server_.shut_down();
  const fsm::SourceAnswer answer = source(question);
  EXPECT_EQ(answer.state, SourceState::kRefuses);
  EXPECT_THAT(answer.words, HasSubstr("Connection refused"));
}

TEST_F(InPod, ANameThatIsNoneDoesNotAnswer) {
  AskedSource question = asked(server_.port());
  question.address.hosts = {"no-such-host.invalid"};
  const fsm::SourceAnswer answer = source(question);
  EXPECT_EQ(answer.state, SourceState::kSilent) << answer.words;
}

TEST_F(InPod, AnotherAuthoritysServerDoesNotLetUsIn) {
  const postgres::PostgresServer other;
  const fsm::SourceAnswer answer = source(asked(other.port()));
  EXPECT_EQ(answer.state, SourceState::kLocksOut);
  EXPECT_THAT(answer.words, HasSubstr("certificate verify failed"));
}

TEST_F(InPod, ARoleThatIsNotLetInIsToldInWords) {
  AskedSource question = asked(server_.port());
  question.question.user = "_crunchyrepl";
  const fsm::SourceAnswer answer = source(question);
  EXPECT_EQ(answer.state, SourceState::kLocksOut);
  EXPECT_THAT(answer.words, HasSubstr("no password supplied"));
}

TEST_F(InPod, AnotherDatabaseIsAStranger) {
  AskedSource question = asked(server_.port());
  question.own.system_id = "7";
  EXPECT_EQ(source(question).state, SourceState::kStranger);
}

TEST_F(InPod, OfSeveralHostsTheOneThatWritesCounts) {
  AskedSource question = asked(server_.port());
  question.address.hosts = {"no-such-host.invalid", "localhost"};
  EXPECT_EQ(source(question).state, SourceState::kWrites);
}

TEST_F(InPod, ARepositoryWithoutAReceiptSaysSo) {
  const fsm::ReceiptAnswer answer = receipt();
  EXPECT_FALSE(answer.receipt);
  EXPECT_EQ(answer.trouble, "");
}

TEST_F(InPod, AReceiptIsRead) {
  const fsm::Receipt left{.cluster = "pg/lion",
                          .system_id = "7412345678901234567",
                          .timeline = 2,
                          .checkpoint_lsn = 0x5000028,
                          .end_lsn = 0x5000000,
                          .at = Timestamp(std::chrono::seconds(1'700'000'000))};
  as_server(concat("printf '%s' '", lens::receipt_text(left), "' >", folder_,
                   "/repo/annals/receipt.json"));
  for (const char* cipher : {"",
                             " PGBACKREST_REPO1_CIPHER_TYPE=aes-256-cbc "
                             "PGBACKREST_REPO1_CIPHER_PASS=x"}) {
    cipher_ = cipher;
    const fsm::ReceiptAnswer answer = receipt();
    EXPECT_EQ(answer.trouble, "") << cipher;
    EXPECT_EQ(answer.receipt, left) << cipher;
  }
}

TEST_F(InPod, WhatIsNoReceiptIsTroubleInWords) {
  as_server(concat("printf nonsense >", folder_, "/repo/annals/receipt.json"));
  const fsm::ReceiptAnswer answer = receipt();
  EXPECT_FALSE(answer.receipt);
  EXPECT_NE(answer.trouble, "");
}

TEST_F(InPod, ARepositoryThatIsNotReachedIsTroubleInPgBackRestsWords) {
  cipher_ = " PGBACKREST_REPO1_TYPE=none-such";
  const fsm::ReceiptAnswer answer = receipt();
  EXPECT_FALSE(answer.receipt);
  EXPECT_THAT(answer.trouble, HasSubstr("ERROR: ["));
}

}  // namespace
}  // namespace annals::actions

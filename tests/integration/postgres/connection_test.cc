#include "postgres/sql/connection.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "postgres/sql/sql_error.h"
#include "tests/integration/postgres/loop.h"
#include "tests/integration/postgres/postgres_server.h"

namespace annals::postgres {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const PostgresServer& server() {
  static const PostgresServer instance;
  return instance;
}

class ConnectionTest : public testing::Test {
 protected:
  Result<Connection> connect(ConnectOptions options) {
    return loop_.run(Connection::connect(std::move(options)));
  }
  Connection superuser() { return connect(server().as_superuser()).value(); }
  Result<Rows> query(Connection& connection, std::string sql,
                     std::vector<std::optional<std::string>> parameters = {}) {
    return loop_.run(connection.query({std::move(sql), std::move(parameters)}));
  }

  Loop loop_;
};

TEST_F(ConnectionTest, ComesAboutOverTlsWithTheClientCertificate) {
  Connection connection = superuser();
  const Result<Rows> rows = query(connection,
                                  "SELECT ssl::text, version, client_dn FROM pg_stat_ssl "
                                  "WHERE pid = pg_backend_pid()");
  ASSERT_TRUE(rows) << to_string(rows.error());
  EXPECT_THAT(rows->columns, ElementsAre("ssl", "version", "client_dn"));
  EXPECT_THAT(rows->rows, ElementsAre(ElementsAre("true", "TLSv1.3", "/CN=postgres")));
  EXPECT_EQ(rows->command, "SELECT 1");
}

TEST_F(ConnectionTest, GoesToTheAddressAndVerifiesTheName) {
  ConnectOptions options = server().as_superuser();
  options.address = "127.0.0.1";
  EXPECT_TRUE(connect(options));
  options.host = "hippo-primary.ns.svc";
  const Result<Connection> refused = connect(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kForbidden);
  EXPECT_THAT(refused.error().detail, HasSubstr("does not match host name"));
}

TEST_F(ConnectionTest, CarriesParametersNullsAndBytesThatNeedNoQuotes) {
  Connection connection = superuser();
  const std::string odd = "it's \\ \"odd\"\n$1 ä";
  const Result<Rows> rows =
      query(connection, "SELECT $1::text, $2::text, 1 + 1", {odd, std::nullopt});
  ASSERT_TRUE(rows) << to_string(rows.error());
  EXPECT_THAT(rows->rows, ElementsAre(ElementsAre(odd, std::nullopt, "2")));
}

TEST_F(ConnectionTest, CarriesMoreThanASocketHoldsInBothDirections) {
  Connection connection = superuser();
  std::string large;
  large.resize(20'000'000, 'x');
  const Result<Rows> rows = query(connection, "SELECT $1::text", {large});
  ASSERT_TRUE(rows) << to_string(rows.error());
  EXPECT_EQ(rows->rows.at(0).at(0)->size(), large.size());
}

TEST_F(ConnectionTest, LeavesTheLoopFreeWhileTheServerWorks) {
  Connection connection = superuser();
  int ticks = 0;
  const auto ticking = [](int* count) -> asio::awaitable<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
      timer.expires_after(5ms);
      co_await timer.async_wait(asio::use_awaitable);
      ++*count;
    }
  };
  using asio::experimental::awaitable_operators::operator||;
  loop_.run(connection.query({"SELECT pg_sleep(0.5)"}) || ticking(&ticks));
  EXPECT_GT(ticks, 20);
}

TEST_F(ConnectionTest, SaysThatThePrimaryIsNotInRecovery) {
  Connection connection = superuser();
  EXPECT_FALSE(loop_.run(connection.in_recovery()).value());
}

// Statements that fail.

TEST_F(ConnectionTest, StaysOpenAfterAStatementThatFails) {
  Connection connection = superuser();
  const Result<Rows> failed = query(connection, "SELECT nonsense");
  ASSERT_FALSE(failed);
  EXPECT_EQ(to_string(failed.error()),
            "invalid: SQLSTATE 42703: column \"nonsense\" does not exist");
  EXPECT_EQ(connection.last_sqlstate(), "42703");
  EXPECT_TRUE(query(connection, "SELECT 1"));
  EXPECT_EQ(connection.last_sqlstate(), "");
}

TEST_F(ConnectionTest, HasAStatementCancelledByTheServerInTime) {
  ConnectOptions options = server().as_superuser();
  options.statement_timeout = 100ms;
  Connection connection = connect(options).value();
  const Result<Rows> failed = query(connection, "SELECT pg_sleep(60)");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::kTimeout);
  EXPECT_EQ(connection.last_sqlstate(), kQueryCanceled);
  EXPECT_TRUE(query(connection, "SELECT 1"));
}

TEST_F(ConnectionTest, ClosesWhenTheServerFallsSilent) {
  ConnectOptions options = server().as_superuser();
  options.statement_timeout = 200ms;
  options.silence_timeout = 200ms;
  Connection connection = connect(options).value();
  const Result<Rows> backend = query(connection, "SELECT pg_backend_pid()");
  const pid_t pid = std::stoi(backend.value().rows.at(0).at(0).value());
  ::kill(pid, SIGSTOP);
  const Result<Rows> failed = query(connection, "SELECT 1");
  ::kill(pid, SIGCONT);
  ASSERT_FALSE(failed);
  EXPECT_EQ(to_string(failed.error()), "timeout: no answer within 400 ms");
  EXPECT_FALSE(connection.is_open());
  EXPECT_EQ(query(connection, "SELECT 1").error().code, Errc::kUnavailable);
}

TEST_F(ConnectionTest, SaysThatASessionWasEndedByAnAdministrator) {
  Connection connection = superuser();
  Connection other = superuser();
  const Result<Rows> backend = query(connection, "SELECT pg_backend_pid()");
  const auto pid = backend.value().rows.at(0).at(0);
  ASSERT_TRUE(query(other, "SELECT pg_terminate_backend($1::int, 5000)", {pid}));
  const Result<Rows> failed = query(connection, "SELECT 1");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::kUnavailable) << failed.error().detail;
  EXPECT_EQ(connection.last_sqlstate(), "57P01");
  EXPECT_FALSE(connection.is_open());
}

TEST_F(ConnectionTest, ClosesWhenItsCallerGivesUp) {
  Connection connection = superuser();
  const auto soon = []() -> asio::awaitable<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(50ms);
    co_await timer.async_wait(asio::use_awaitable);
  };
  using asio::experimental::awaitable_operators::operator||;
  loop_.run(connection.query({"SELECT pg_sleep(10)"}) || soon());
  EXPECT_FALSE(connection.is_open()) << "the answer would be taken for the next statement's";
}

TEST_F(ConnectionTest, RefusesToCopy) {
  Connection connection = superuser();
  EXPECT_FALSE(query(connection, "COPY (SELECT 1) TO STDOUT"));
  EXPECT_FALSE(connection.is_open());
}

TEST_F(ConnectionTest, RefusesSeveralStatementsAtOnceAndNone) {
  Connection connection = superuser();
  EXPECT_EQ(query(connection, "SELECT 1; SELECT 2").error().code, Errc::kInvalid);
  EXPECT_EQ(query(connection, "").error().code, Errc::kInvalid);
}

// Connections that do not come about.

TEST_F(ConnectionTest, TellsAServerOfAnotherCa) {
  ConnectOptions options = server().as_superuser();
  options.ca = make_root("other", SystemClock().now()).value().certificate;
  const Result<Connection> refused = connect(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kForbidden);
  EXPECT_THAT(refused.error().detail, HasSubstr("certificate verify failed"));
}

TEST_F(ConnectionTest, TellsARefusedClientCertificate) {
  ConnectOptions options = server().as_superuser();
  const KeyPair other = make_root("other", SystemClock().now()).value();
  options.client = make_leaf(other, {.common_name = "postgres"}, SystemClock().now()).value();
  EXPECT_EQ(connect(options).error().code, Errc::kForbidden);
  options.client.reset();
  const Result<Connection> without = connect(options);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, Errc::kForbidden);
  EXPECT_THAT(without.error().detail, HasSubstr("28000"));
}

TEST_F(ConnectionTest, TellsAWrongPasswordWithoutShowingIt) {
  const Result<Connection> refused = connect(server().as_user("nobody", Secret("hunter2")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kForbidden);
  EXPECT_THAT(refused.error().detail, HasSubstr("28P01: password authentication failed"));
  EXPECT_THAT(refused.error().detail, Not(HasSubstr("hunter2")));
  EXPECT_THAT(refused.error().detail, Not(HasSubstr("LOCATION")));
}

TEST_F(ConnectionTest, TellsAMissingDatabase) {
  ConnectOptions options = server().as_superuser();
  options.database = "zoo";
  EXPECT_EQ(connect(options).error().code, Errc::kNotFound);
}

TEST_F(ConnectionTest, TellsAKeyThatIsNone) {
  ConnectOptions options = server().as_superuser();
  options.client->key = Secret("no key");
  const Result<Connection> refused = connect(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, Not(HasSubstr("no key")));
}

TEST_F(ConnectionTest, TellsAHostThatIsNotThere) {
  ConnectOptions options = server().as_superuser();
  options.host = "nowhere.invalid";
  EXPECT_EQ(connect(options).error().code, Errc::kUnavailable);
  options.host = "localhost";
  options.port = 1;
  EXPECT_EQ(connect(options).error().code, Errc::kUnavailable);
}

TEST_F(ConnectionTest, RefusesHostsThatWouldNotUseTls) {
  ConnectOptions options = server().as_superuser();
  for (const std::string& host : {"", "/tmp", "@abstract", "one,two"}) {
    options.host = host;
    EXPECT_EQ(connect(options).error().code, Errc::kInvalid) << host;
  }
  options = server().as_superuser();
  options.ca.clear();
  EXPECT_EQ(connect(options).error().code, Errc::kInvalid);
}

TEST_F(ConnectionTest, GivesUpOnAServerThatAcceptsAndSaysNothing) {
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(silent, plain, size), 0);
  ASSERT_EQ(::listen(silent, 1), 0);
  ASSERT_EQ(::getsockname(silent, plain, &size), 0);
  ConnectOptions options = server().as_superuser();
  options.address = "127.0.0.1";
  options.port = ntohs(address.sin_port);
  options.connect_timeout = 200ms;
  const Result<Connection> refused = connect(options);
  ::close(silent);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kUnavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("timed out after 200 ms"));
}

}  // namespace
}  // namespace annals::postgres

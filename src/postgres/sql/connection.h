// Connection: one session with PostgreSQL over verified TLS, as coroutines on the caller's
// io_context. Nothing blocks: libpq's asynchronous interface waits on the loop, names are resolved
// by Asio's resolver. One thread, the loop's; one operation at a time. Destroying it closes the
// session; an operation that is cancelled from outside leaves it closed. Errors: sql_error.h says
// which code means what. None contains a statement, a parameter, or a key.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "postgres/sql/sql_set.h"
#include "postgres/tls/certificate.h"

namespace annals::postgres {

struct ConnectOptions {
  std::string host;  // the name that the server's certificate must carry (sslmode=verify-full)
  std::optional<std::string> certified_as{};  // unless it must carry this one
  std::optional<std::string> address{};       // an IP address to call instead of resolving the host
  std::uint16_t port = 5432;
  std::string database = "postgres";
  std::string user{};
  std::string ca{};                  // PEM of one or several certificates
  std::optional<KeyPair> client{};   // for hba method cert
  std::optional<Secret> password{};  // for scram-sha-256
  std::string application_name = "annals";
  // For resolving, TCP, TLS and authentication together. Only the system's own resolver may overrun
  // it.
  std::chrono::milliseconds connect_timeout{10'000};
  // The server cancels a statement after this; it then did not happen (kTimeout, SQLSTATE 57014).
  std::chrono::milliseconds statement_timeout{30'000};
  // Beyond that, so long for the server's answer. Then the session is closed, and nobody knows
  // (kTimeout).
  std::chrono::milliseconds silence_timeout{5'000};
};

using Row = std::vector<std::optional<std::string>>;  // NULL is nothing; all else in text form

struct Rows {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::string command;  // "SELECT 3", "CREATE ROLE"
};

// What running a set changed: the purposes of the steps that were not done already.
struct SqlReport {
  std::vector<std::string> done;
};

class Session;

class Connection {
 public:
  static boost::asio::awaitable<Result<Connection>> connect(ConnectOptions options);

  // One that is closed; what coroutines hand around needs a value before it has one.
  Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // One statement.
  boost::asio::awaitable<Result<Rows>> query(Statement statement);

  // Whether this server is a standby or still recovering: nothing can be written here.
  boost::asio::awaitable<Result<bool>> in_recovery();

  // Carries out what is missing of the set, as a superuser: statements are kept out of the server's
  // log and of pg_stat_statements, and do not wait for synchronous standbys. An atomic set happens
  // whole or not at all, and a failed one is rolled back.
  boost::asio::awaitable<Result<SqlReport>> run(SqlSet set);

  // Of the last failed statement; empty when the server did not say.
  std::string_view last_sqlstate() const;
  // False after a time-out or a broken line; every further statement is kUnavailable.
  bool is_open() const;

 private:
  explicit Connection(std::unique_ptr<Session> session);

  boost::asio::awaitable<Result<SqlReport>> run_steps(const std::vector<SqlStep>* steps);
  boost::asio::awaitable<Result<bool>> run_step(const SqlStep* step);
  boost::asio::awaitable<Result<void>> be_quiet();

  std::unique_ptr<Session> session_;
};

}  // namespace annals::postgres

// Session: a PGconn and the waiting for its socket. Private to this folder; connection.h is the
// door.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/descriptor_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "postgres/sql/connection.h"
#include "postgres/sql/sql_error.h"

namespace annals::postgres {

struct FreeConnection {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, FreeConnection>;

using SqlResult = std::expected<Rows, SqlError>;

class Session {
 public:
  static boost::asio::awaitable<Result<std::unique_ptr<Session>>> open(ConnectOptions options);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() = default;

  boost::asio::awaitable<SqlResult> execute(Secret sql,
                                            std::vector<std::optional<std::string>> parameters);

  bool is_open() const { return connection_ != nullptr; }

  // Kept for Connection.
  std::string last_sqlstate;
  bool quiet = false;

 private:
  enum class Waited : std::uint8_t { kReady, kTooLong, kFailed };

  Session(boost::asio::any_io_executor executor, ConnectOptions options);

  boost::asio::awaitable<Result<std::string>> addresses();
  boost::asio::awaitable<Result<void>> connect();
  boost::asio::awaitable<Result<void>> handshake();
  boost::asio::awaitable<Waited> wait_for(boost::asio::posix::descriptor_base::wait_type what);
  boost::asio::awaitable<Waited> wait_for_either();
  boost::asio::awaitable<Waited> flush();
  boost::asio::awaitable<SqlResult> answer();

  bool send(const Secret& sql, const std::vector<std::optional<std::string>>& parameters);
  SqlError lost(Waited waited) const;

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer deadline_;
  ConnectOptions options_;
  ConnectionPtr connection_;  // nothing once closed
};

}  // namespace annals::postgres

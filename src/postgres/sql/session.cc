#include "postgres/sql/session.h"

#include <openssl/crypto.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "postgres/sql/connect_parameters.h"

namespace annals::postgres {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;  // operator||
using Descriptor = asio::posix::stream_descriptor;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kAddressesMax = 8;

// Watches libpq's socket without owning it; libpq may close and replace it between two waits.
class Watched {
 public:
  Watched(const asio::any_io_executor& executor, int socket) : descriptor_(executor) {
    boost::system::error_code problem;
    problem_ = descriptor_.assign(socket, problem);
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() {
    if (descriptor_.is_open()) descriptor_.release();
  }

  bool failed() const { return problem_.failed(); }
  Descriptor& descriptor() { return descriptor_; }

 private:
  Descriptor descriptor_;
  boost::system::error_code problem_;
};

// Closes the session unless the operation came to its end: an answer that nobody waited for would
// be taken for that of the next statement.
class CloseUnlessDone {
 public:
  explicit CloseUnlessDone(ConnectionPtr& connection) : connection_(connection) {}
  CloseUnlessDone(const CloseUnlessDone&) = delete;
  CloseUnlessDone& operator=(const CloseUnlessDone&) = delete;
  ~CloseUnlessDone() {
    if (!done_) connection_.reset();
  }
  void done() { done_ = true; }

 private:
  ConnectionPtr& connection_;
  bool done_ = false;
};

struct FreeResult {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, FreeResult>;

Rows rows_of(PGresult& result) {
  Rows rows{.columns = {}, .rows = {}, .command = PQcmdStatus(&result)};
  const int columns = PQnfields(&result);
  for (int column = 0; column < columns; ++column)
    rows.columns.emplace_back(PQfname(&result, column));
  for (int at = 0; at < PQntuples(&result); ++at) {
    Row row;
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(&result, at, column) != 0) {
        row.emplace_back();
      } else {
        row.emplace_back(std::in_place, PQgetvalue(&result, at, column),
                         static_cast<std::size_t>(PQgetlength(&result, at, column)));
      }
    }
    rows.rows.push_back(std::move(row));
  }
  return rows;
}

SqlResult outcome_of(PGresult& result) {
  switch (PQresultStatus(&result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      return rows_of(result);
    case PGRES_EMPTY_QUERY:
      return std::unexpected(SqlError{{Errc::kInvalid, "empty statement"}, {}});
    default:
      break;
  }
  const char* sqlstate = PQresultErrorField(&result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(&result, PG_DIAG_MESSAGE_PRIMARY);
  if (sqlstate != nullptr) {
    return std::unexpected(statement_error(sqlstate, message == nullptr ? "" : message));
  }
  // libpq's own words (the line broke, or COPY, which nobody here speaks); the statement's fate is
  // open.
  return std::unexpected(SqlError{{Errc::kTimeout, "unexpected answer to the statement"}, {}});
}

}  // namespace

Session::Session(asio::any_io_executor executor, ConnectOptions options)
    : executor_(std::move(executor)), deadline_(executor_), options_(std::move(options)) {}

asio::awaitable<Result<std::unique_ptr<Session>>> Session::open(ConnectOptions options) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  std::unique_ptr<Session> session(new Session(executor, std::move(options)));  // NOLINT: private
  const Result<void> connected = co_await session->connect();
  if (!connected) co_return fail(connected.error());
  co_return session;
}

// What libpq's hostaddr takes: the addresses, separated by commas.
asio::awaitable<Result<std::string>> Session::addresses() {
  if (options_.address) co_return *options_.address;
  boost::system::error_code not_an_address;
  asio::ip::make_address(options_.host, not_an_address);
  if (!not_an_address) co_return options_.host;

  asio::ip::tcp::resolver resolver(executor_);
  const std::string service;
  auto outcome = co_await (resolver.async_resolve(options_.host, service, kAsTuple) ||
                           deadline_.async_wait(kAsTuple));
  if (outcome.index() == 1) {
    co_return fail(Errc::kUnavailable, "resolve ", options_.host, ": timed out");
  }
  const auto& [problem, found] = std::get<0>(outcome);
  if (problem || found.empty()) {
    co_return fail(Errc::kUnavailable, "resolve ", options_.host, ": ", problem.message());
  }
  std::string list;
  std::size_t count = 0;
  for (const auto& entry : found) {
    if (count++ == kAddressesMax) break;
    if (!list.empty()) list += ',';
    list += entry.endpoint().address().to_string();
  }
  co_return list;
}

asio::awaitable<Result<void>> Session::connect() {
  deadline_.expires_after(options_.connect_timeout);
  const Result<void> possible = check(options_);
  if (!possible) co_return possible;
  const Result<std::string> addresses = co_await this->addresses();
  if (!addresses) co_return fail(addresses.error());
  // The files must outlive the handshake: libpq opens them anew for each address.
  const Result<ConnectParameters> parameters = ConnectParameters::of(options_, *addresses);
  if (!parameters) co_return fail(parameters.error());
  connection_.reset(parameters->start());
  if (!connection_) co_return fail(Errc::kUnavailable, "libpq: out of memory");
  const Result<void> done = co_await handshake();
  if (!done) {
    connection_.reset();
    co_return done;
  }
  PQsetnonblocking(connection_.get(), 1);
  co_return done;
}

asio::awaitable<Result<void>> Session::handshake() {
  PGconn* connection = connection_.get();
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);  // the only way to learn the SQLSTATE
  PQsetNoticeReceiver(connection, [](void*, const PGresult*) {}, nullptr);
  if (PQstatus(connection) == CONNECTION_BAD) {
    co_return fail(connect_error(PQerrorMessage(connection)).error);
  }
  auto next = Descriptor::wait_write;
  while (true) {
    const Waited waited = co_await wait_for(next);
    if (waited == Waited::kTooLong) {
      co_return fail(Errc::kUnavailable, "connect to ", options_.host, ": timed out after ",
                     options_.connect_timeout.count(), " ms");
    }
    if (waited == Waited::kFailed) co_return fail(Errc::kUnavailable, "cannot poll the socket");
    switch (PQconnectPoll(connection)) {
      case PGRES_POLLING_OK:
        co_return Result<void>{};
      case PGRES_POLLING_READING:
        next = Descriptor::wait_read;
        break;
      case PGRES_POLLING_WRITING:
        next = Descriptor::wait_write;
        break;
      default: {
        SqlError error = connect_error(PQerrorMessage(connection));
        last_sqlstate = error.sqlstate;
        co_return fail(std::move(error.error));
      }
    }
  }
}

asio::awaitable<Session::Waited> Session::wait_for(Descriptor::wait_type what) {
  Watched watched(executor_, PQsocket(connection_.get()));
  if (watched.failed()) co_return Waited::kFailed;
  auto outcome =
      co_await (watched.descriptor().async_wait(what, kAsTuple) || deadline_.async_wait(kAsTuple));
  if (outcome.index() == 1) co_return Waited::kTooLong;
  co_return std::get<0>(std::get<0>(outcome)) ? Waited::kFailed : Waited::kReady;
}

asio::awaitable<Session::Waited> Session::wait_for_either() {
  Watched watched(executor_, PQsocket(connection_.get()));
  if (watched.failed()) co_return Waited::kFailed;
  Descriptor& socket = watched.descriptor();
  auto outcome = co_await (socket.async_wait(Descriptor::wait_read, kAsTuple) ||
                           socket.async_wait(Descriptor::wait_write, kAsTuple) ||
                           deadline_.async_wait(kAsTuple));
  co_return outcome.index() == 2 ? Waited::kTooLong : Waited::kReady;
}

bool Session::send(const Secret& sql, const std::vector<std::optional<std::string>>& parameters) {
  std::string text(sql.reveal());
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const std::optional<std::string>& parameter : parameters) {
    values.push_back(parameter ? parameter->c_str() : nullptr);
  }
  const int sent =
      PQsendQueryParams(connection_.get(), text.c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, 0);
  OPENSSL_cleanse(text.data(), text.size());
  return sent == 1;
}

// While the server does not read, it may be because it waits for us to read.
asio::awaitable<Session::Waited> Session::flush() {
  while (true) {
    const int pending = PQflush(connection_.get());
    if (pending <= 0) co_return pending == 0 ? Waited::kReady : Waited::kFailed;
    const Waited waited = co_await wait_for_either();
    if (waited != Waited::kReady) co_return waited;
    if (PQconsumeInput(connection_.get()) == 0) co_return Waited::kFailed;
  }
}

SqlError Session::lost(Waited waited) const {
  if (waited == Waited::kTooLong) {
    const auto limit = options_.statement_timeout + options_.silence_timeout;
    return {{Errc::kTimeout, concat("no answer within ", limit.count(), " ms")}, {}};
  }
  return {{Errc::kTimeout, "connection lost before the answer"}, {}};
}

// Everything that the server says to one statement: the first error, or else the last result.
asio::awaitable<SqlResult> Session::answer() {
  SqlResult outcome = std::unexpected(lost(Waited::kFailed));
  for (bool first = true;; first = false) {
    while (PQisBusy(connection_.get()) != 0) {
      const Waited waited = co_await wait_for(Descriptor::wait_read);
      if (waited != Waited::kReady) co_return std::unexpected(lost(waited));
      // After a failure libpq still hands out what it has read, such as the reason of a shutdown.
      if (PQconsumeInput(connection_.get()) == 0) break;
    }
    const ResultPtr result(PQgetResult(connection_.get()));
    if (!result) co_return outcome;
    if (first || outcome) outcome = outcome_of(*result);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      connection_.reset();
      co_return outcome;
    }
  }
}

asio::awaitable<SqlResult> Session::execute(Secret sql,
                                            std::vector<std::optional<std::string>> parameters) {
  last_sqlstate.clear();
  if (!is_open()) co_return std::unexpected(SqlError{{Errc::kUnavailable, "not connected"}, {}});
  CloseUnlessDone closing(connection_);
  deadline_.expires_after(options_.statement_timeout + options_.silence_timeout);
  if (!send(sql, parameters)) {
    co_return std::unexpected(SqlError{{Errc::kUnavailable, "cannot send the statement"}, {}});
  }
  const Waited flushed = co_await flush();
  if (flushed == Waited::kTooLong) co_return std::unexpected(lost(flushed));
  SqlResult outcome = co_await answer();
  if (!outcome) last_sqlstate = outcome.error().sqlstate;
  if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK &&
      PQtransactionStatus(connection_.get()) != PQTRANS_ACTIVE) {
    closing.done();
  }
  co_return outcome;
}

}  // namespace annals::postgres

#include "api/http_server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <set>
#include <utility>

#include "api/endpoint.ipp"
#include "api/http_answer.ipp"

namespace annals::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

boost::system::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& where) {
  boost::system::error_code error;
  if (acceptor.is_open()) acceptor.close(error);
  acceptor.open(where.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && where.address().is_v6() && where.address().is_unspecified())
    acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(where, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<State> {
  State(asio::any_io_executor executor, Handler answers, Log to, ServerLimits bounds)
      : acceptor(executor),
        handler(std::move(answers)),
        log(std::move(to)),
        limits(bounds),
        pause(executor) {}

  asio::awaitable<void> converse(tcp::socket socket);
  asio::awaitable<bool> exchange(beast::tcp_stream* stream, beast::flat_buffer* buffer);

  tcp::acceptor acceptor;
  Handler handler;
  Log log;
  ServerLimits limits;
  asio::steady_timer pause;
  std::set<beast::tcp_stream*> sessions;
  bool ended = false;
};

// One question and its answer; whether another may follow.
asio::awaitable<bool> HttpServer::State::exchange(beast::tcp_stream* stream,
                                                  beast::flat_buffer* buffer) {
  QuestionParser parser;
  parser.header_limit(limits.header_bytes_max);
  stream->expires_after(limits.idle);
  const auto [read_error, read] =
      co_await http::async_read_header(*stream, *buffer, parser, kTuple);
  if (read_error || ended) co_return false;
  Answer answer = answer_to(parser, handler);
  const bool keep = answer.keep_alive();
  stream->expires_after(limits.write);
  const auto [write_error, written] = co_await http::async_write(*stream, answer, kTuple);
  co_return !write_error && keep && !ended;
}

asio::awaitable<void> HttpServer::State::converse(tcp::socket socket) {
  const std::shared_ptr<State> self = shared_from_this();
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer(limits.header_bytes_max);
  sessions.insert(&stream);
  bool again = true;
  while (again) again = co_await exchange(&stream, &buffer);
  sessions.erase(&stream);
  boost::system::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  pause.cancel();
}

HttpServer::HttpServer(asio::any_io_executor executor, Handler handler, Log log,
                       ServerLimits limits)
    : state_(std::make_shared<State>(executor, std::move(handler), std::move(log), limits)) {}

HttpServer::~HttpServer() {
  state_->ended = true;
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (beast::tcp_stream* stream : state_->sessions) stream->close();
}

Result<void> HttpServer::listen(const std::string& where) {
  const Result<tcp::endpoint> endpoint = endpoint_of(where);
  if (!endpoint) return fail(Error(endpoint.error()));
  boost::system::error_code error = bind(state_->acceptor, *endpoint);
  // A machine without IPv6 has all of its addresses in the other family.
  if (error && where.starts_with(':'))
    error = bind(state_->acceptor, {asio::ip::address_v4::any(), endpoint->port()});
  if (error) return fail(Errc::kUnavailable, "listen on " + where + ": " + error.message());
  return {};
}

std::uint16_t HttpServer::port() const {
  boost::system::error_code error;
  return state_->acceptor.local_endpoint(error).port();
}

asio::awaitable<void> HttpServer::run() {
  const std::shared_ptr<State> state = state_;
  while (!state->ended) {
    if (std::ssize(state->sessions) >= state->limits.sessions_max) {
      // Who waits to be accepted costs nothing; a session that ends, or is too slow, makes room.
      state->pause.expires_after(state->limits.idle);
      co_await state->pause.async_wait(kTuple);
      continue;
    }
    auto [error, socket] = co_await state->acceptor.async_accept(kTuple);
    if (error == asio::error::operation_aborted || state->ended) co_return;
    if (error) {
      state->log.warn("accept-failed", {{"error", error.message()}});
      state->pause.expires_after(std::chrono::milliseconds(100));
      co_await state->pause.async_wait(kTuple);
      continue;
    }
    asio::co_spawn(state->acceptor.get_executor(), state->converse(std::move(socket)),
                   asio::detached);
  }
}

}  // namespace annals::api

// Transport: requests over a pool of keep-alive connections to one API server.
// A request is sent at most once when it may change something; a read is sent again on a fresh
// connection when a pooled one turns out dead. What goes wrong is an ApiError that says whether the
// request may have taken effect. Redirects are refused: the API server never sends one.
// Belongs to the loop's thread; outlives its exchanges and everything that awaits it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "http/response_parser.h"
#include "k8s/api_error.h"
#include "k8s/credentials/credentials.h"
#include "k8s/transport/connection.h"
#include "k8s/transport/limiter.h"
#include "k8s/transport/metrics.h"
#include "k8s/transport/request.h"
#include "k8s/transport/server_state.h"
#include "k8s/transport/server_warnings.h"

namespace annals::k8s {

// ApiError::reason of an answer that was cut off at Request::answer_bytes_max.
inline constexpr std::string_view kAnswerTooLarge = "AnswerTooLarge";

struct TransportLimits {
  int requests_max = 32;  // under way at a time, watches not counted
  // As many: one that is closed between two waves of requests costs both sides a TLS handshake.
  std::size_t idle_connections_max = 32;
  Duration connect_patience = std::chrono::seconds(10);  // for look-up, connect and handshake each
  Duration write_patience = std::chrono::seconds(30);
};

struct Response {
  int status = 0;
  std::string body;
};

// Takes the next bytes of an answer's body, valid during the call. An error ends the answer.
using BodySink = std::function<Result<void>(std::string_view bytes)>;

class Transport;

// An answer under way: its head has come, its body is read piece by piece. Dropping it before the
// end closes the connection.
class Exchange {
 public:
  Exchange(Exchange&&) noexcept = default;
  Exchange& operator=(Exchange&&) noexcept = default;
  ~Exchange();

  const http::ResponseHead& head() const { return parser_.head(); }
  // Appends what came to `body`; false once the body is complete. `patience` is for one read; a
  // silence longer than that is kNoAnswer (kUnknownOutcome for a write).
  boost::asio::awaitable<Answer<bool>> read(std::string* body, Duration patience);
  // For a server that switched protocols: the stream and the bytes that came after the head.
  std::unique_ptr<Connection> take_connection() { return std::move(connection_); }
  std::string take_rest() { return parser_.take_rest(); }

 private:
  friend class Transport;
  Exchange(Transport& transport, std::unique_ptr<Connection> connection, std::uint64_t generation,
           Effect effect);

  boost::asio::awaitable<IoResult<void>> read_head(Duration patience);
  boost::asio::awaitable<IoResult<void>> receive(std::string* body, Duration patience);

  Transport* transport_;
  std::unique_ptr<Connection> connection_;
  std::uint64_t generation_;
  Effect effect_;
  http::ResponseParser parser_;
  std::string early_;  // body bytes that came with the head
  bool answered_ = false;
};

class Transport {
 public:
  // `clock` and `metrics` outlive this.
  Transport(boost::asio::any_io_executor executor, Config config, const Clock& clock, Log log,
            ClientMetrics& metrics, TransportLimits limits = {});
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport();

  // The whole answer, where the status is 2xx.
  boost::asio::awaitable<Answer<Response>> send(Request request);
  // Likewise, with the body handed over piece by piece as it comes; `answer_bytes_max` counts all
  // of them. kUnusable with the sink's own words when it refuses one.
  boost::asio::awaitable<Answer<void>> receive(Request request, BodySink sink);
  // The answer's head, where the status is 2xx (or 101); the body follows through the exchange.
  boost::asio::awaitable<Answer<Exchange>> open(Request request);
  // As `open`, with these lines ("Name: value\r\n") in the header; for WebSocket.
  boost::asio::awaitable<Answer<Exchange>> upgrade(Request request, std::string header_lines);

  const boost::asio::any_io_executor& executor() const { return executor_; }
  const Clock& clock() const { return clock_; }
  ClientMetrics& metrics() { return metrics_; }
  const Log& log() const { return log_; }
  const Config& config() const { return credentials_.config(); }
  // Whether the API server answers.
  const ServerState& server_state() const { return server_state_; }
  // When it lets requests of this effect pass again, by the steady clock.
  Duration held_until(Effect effect) const { return limiter_.held_until(effect); }

 private:
  friend class Exchange;
  struct Idle {
    std::unique_ptr<Connection> connection;
    std::uint64_t generation;
  };
  struct Started {
    Answer<Exchange> exchange;
    bool stale = false;  // a pooled connection was dead, and it does no harm to ask again
  };

  boost::asio::awaitable<Answer<Exchange>> open_within(Request request, std::string header_lines,
                                                       Duration end);
  boost::asio::awaitable<Started> start(Request request, RequestFrame frame, Authorization with,
                                        bool pooled, Duration end);
  boost::asio::awaitable<Answer<int>> ask(Request request, BodySink sink);
  boost::asio::awaitable<Answer<void>> drain(Exchange* exchange, BodySink sink,
                                             std::size_t bytes_max, Duration end);
  boost::asio::awaitable<IoResult<std::unique_ptr<Connection>>> connect(Authorization with,
                                                                        Duration end);
  void count(const Request& request, int status, Duration began);
  void record_outcome(const ApiError* error);
  void take_warnings(const Request& request, const http::ResponseHead& head);
  void drop_idle_after(const IoError& error);
  std::unique_ptr<Connection> take_idle(std::uint64_t generation);
  void give_back(std::unique_ptr<Connection> connection, std::uint64_t generation);
  Destination destination() const;

  boost::asio::any_io_executor executor_;
  Credentials credentials_;
  const Clock& clock_;
  Log log_;
  ClientMetrics& metrics_;
  TransportLimits limits_;
  Limiter limiter_;
  ServerState server_state_;
  ServerWarnings warnings_;
  std::vector<Idle> idle_;
};

}  // namespace annals::k8s

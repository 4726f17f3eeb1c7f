#include "k8s/transport/transport.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/concat.h"
#include "k8s/text/text.h"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadSize = std::size_t{64} << 10U;
// Of an answer with an error status: enough for any Status.
constexpr std::size_t kErrorBodyMax = std::size_t{1} << 20U;
constexpr int kUnauthorized = 401;
// For a server that wants a pause, but does not say how long.
constexpr std::chrono::seconds kPause(1);

std::unexpected<ApiError> unanswered_by(const IoError& error, Effect effect) {
  return refuse(unanswered(effect), error.message);
}

BodySink into(std::string* body) {
  return [body](std::string_view bytes) {
    body->append(bytes);
    return Result<void>();
  };
}

}  // namespace

// ---- Exchange

Exchange::Exchange(Transport& transport, std::unique_ptr<Connection> connection,
                   std::uint64_t generation, Effect effect)
    : transport_(&transport),
      connection_(std::move(connection)),
      generation_(generation),
      effect_(effect) {}

Exchange::~Exchange() {
  if (connection_ && parser_.keep_alive())
    transport_->give_back(std::move(connection_), generation_);
}

asio::awaitable<IoResult<void>> Exchange::receive(std::string* body, Duration patience) {
  std::array<char, kReadSize>
      buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  const IoResult<std::size_t> got = co_await connection_->read_some(buffer, patience);
  Result<void> parsed;
  if (got) {
    answered_ = true;
    parsed = parser_.feed(std::string_view(buffer.data(), *got), *body);
  } else if (got.error().trouble == IoTrouble::kEnd) {
    parsed = parser_.end_of_stream();
  } else {
    co_return std::unexpected(got.error());
  }
  if (!parsed) co_return std::unexpected(IoError{IoTrouble::kBroken, parsed.error().detail});
  co_return IoResult<void>();
}

asio::awaitable<IoResult<void>> Exchange::read_head(Duration end) {
  while (!parser_.head_complete()) {
    const Duration patience = std::max(end - transport_->clock().steady(), Duration(1));
    IoResult<void> received = co_await receive(&early_, patience);
    if (!received) co_return received;
  }
  co_return IoResult<void>();
}

asio::awaitable<Answer<bool>> Exchange::read(std::string* body, Duration patience) {
  if (!early_.empty()) {
    *body += std::exchange(early_, {});
    co_return true;
  }
  if (parser_.complete()) co_return false;
  const IoResult<void> received = co_await receive(body, patience);
  if (!received) {
    transport_->drop_idle_after(received.error());
    co_return unanswered_by(received.error(), effect_);
  }
  co_return true;
}

// ---- Transport

Transport::Transport(asio::any_io_executor executor, Config config, const Clock& clock, Log log,
                     ClientMetrics& metrics, TransportLimits limits)
    : executor_(executor),
      credentials_(executor, std::move(config), clock),
      clock_(clock),
      log_(std::move(log)),
      metrics_(metrics),
      limits_(limits),
      limiter_(executor, clock, limits.requests_max) {}
Transport::~Transport() = default;

asio::awaitable<Answer<Response>> Transport::send(Request request) {
  Response response;
  Answer<int> status = co_await ask(std::move(request), into(&response.body));
  if (!status) co_return refuse(std::move(status).error());
  response.status = *status;
  co_return response;
}

asio::awaitable<Answer<void>> Transport::receive(Request request, BodySink sink) {
  Answer<int> status = co_await ask(std::move(request), std::move(sink));
  if (!status) co_return refuse(std::move(status).error());
  co_return Answer<void>();
}

// Gives the status.
asio::awaitable<Answer<int>> Transport::ask(Request request, BodySink sink) {
  const Duration asked = clock_.steady();
  const Limiter::Permit permit = co_await limiter_.acquire(request.place, request.effect());
  const Duration began = clock_.steady();
  metrics_.waited_for_turn(began - asked);
  const Duration end = began + request.timeout;
  Answer<Exchange> exchange = co_await open_within(request, {}, end);
  record_outcome(exchange ? nullptr : &exchange.error());
  if (!exchange) co_return refuse(std::move(exchange).error());
  Answer<void> drained = co_await drain(&*exchange, std::move(sink), request.answer_bytes_max, end);
  if (!drained) co_return refuse(std::move(drained).error());
  count(request, exchange->head().status, began);
  co_return exchange->head().status;
}

asio::awaitable<Answer<Exchange>> Transport::open(Request request) {
  return upgrade(std::move(request), {});
}

asio::awaitable<Answer<Exchange>> Transport::upgrade(Request request, std::string header_lines) {
  const Limiter::Permit permit = co_await limiter_.acquire(request.place, request.effect());
  const Duration began = clock_.steady();
  const Duration end = began + request.timeout;
  Answer<Exchange> exchange = co_await open_within(request, std::move(header_lines), end);
  record_outcome(exchange ? nullptr : &exchange.error());
  if (exchange) count(request, exchange->head().status, began);
  co_return exchange;
}

// Sends until there is an answer that counts: at most once more after a dead pooled connection and
// once more after a 401 that fresh credentials may cure.
asio::awaitable<Answer<Exchange>> Transport::open_within(Request request, std::string header_lines,
                                                         Duration end) {
  const Duration began = clock_.steady();
  // A connection that is to change its protocol is used up: a new one, which cannot turn out dead.
  bool pooled = header_lines.empty();
  bool renewed = false;
  for (;;) {
    Answer<Authorization> with = co_await credentials_.current();
    if (!with) co_return refuse(std::move(with).error());
    RequestFrame frame{.host = config().server.authority(),
                       .prefix = config().server.prefix,
                       .bearer = with->bearer,
                       .lines = header_lines};
    const std::uint64_t issue = with->issue;
    Started started = co_await start(request, std::move(frame), *std::move(with), pooled, end);
    if (started.stale) {
      pooled = false;
      metrics_.request_retried(to_string(request.verb), 0);
      continue;
    }
    if (!started.exchange) {
      count(request, 0, began);
      co_return std::move(started.exchange);
    }
    const http::ResponseHead head = started.exchange->head();
    if (head.status < 300) co_return std::move(started.exchange);
    std::string body;
    const Answer<void> drained =
        co_await drain(&*started.exchange, into(&body), kErrorBodyMax, end);
    count(request, head.status, began);
    if (head.status == kUnauthorized && !renewed && credentials_.invalidate(issue)) {
      renewed = true;
      metrics_.request_retried(to_string(request.verb), head.status);
      continue;
    }
    if (head.status < 400) {
      co_return refuse(unanswered(request.effect()), "redirected to ", head.location,
                       " (HTTP status ", head.status, "): not an API server");
    }
    co_return refuse(read_status(head.status, head.retry_after, drained ? body : std::string(),
                                 request.effect()));
  }
}

asio::awaitable<Transport::Started> Transport::start(Request request, RequestFrame frame,
                                                     Authorization with, bool pooled,
                                                     Duration end) {
  const Effect effect = request.effect();
  const Result<Secret> bytes = wire_bytes(request, frame);
  if (!bytes) co_return Started{refuse(Trouble::kNotSent, bytes.error().detail)};
  std::unique_ptr<Connection> connection = pooled ? take_idle(with.generation) : nullptr;
  const bool reused = connection != nullptr;
  if (!reused) {
    IoResult<std::unique_ptr<Connection>> opened = co_await connect(with, end);
    if (!opened) co_return Started{refuse(Trouble::kNotSent, opened.error().message)};
    connection = *std::move(opened);
  }
  Exchange exchange(*this, std::move(connection), with.generation, effect);
  const IoResult<void> written =
      co_await exchange.connection_->write(bytes->reveal(), limits_.write_patience);
  IoResult<void> read = written;
  // A server may refuse a long body early and close: look for its answer before giving up.
  if (written || written.error().trouble != IoTrouble::kTimeout)
    read = co_await exchange.read_head(end);
  if (read) {
    take_warnings(request, exchange.head());
    co_return Started{std::move(exchange)};
  }
  drop_idle_after(read.error());
  const bool dead = reused && !exchange.answered_ && read.error().trouble != IoTrouble::kTimeout;
  co_return Started{unanswered_by(read.error(), effect), dead && effect == Effect::kRead};
}

asio::awaitable<Answer<void>> Transport::drain(Exchange* exchange, BodySink sink,
                                               std::size_t bytes_max, Duration end) {
  std::string piece;
  std::size_t received = 0;
  for (;;) {
    const Duration patience = end - clock_.steady();
    if (patience <= Duration::zero()) {
      co_return refuse(unanswered(exchange->effect_), "timed out while reading the answer");
    }
    piece.clear();
    const Answer<bool> more = co_await exchange->read(&piece, patience);
    if (!more) co_return refuse(more.error());
    if (!*more) co_return Answer<void>();
    received += piece.size();
    if (received > bytes_max) {
      ApiError error;
      error.trouble = unanswered(exchange->effect_);
      error.reason = kAnswerTooLarge;
      error.message = concat("the answer is larger than ", bytes_max, " bytes");
      co_return refuse(std::move(error));
    }
    const Result<void> taken = sink(piece);
    if (!taken) co_return refuse(Trouble::kUnusable, taken.error().detail);
  }
}

asio::awaitable<IoResult<std::unique_ptr<Connection>>> Transport::connect(Authorization with,
                                                                          Duration end) {
  const Destination to = destination();
  const Duration patience =
      std::clamp(end - clock_.steady(), Duration(1), limits_.connect_patience);
  return Connection::open(executor_, to, std::move(with.tls), patience);
}

Destination Transport::destination() const {
  const Config& from = config();
  const std::string& name = from.tls_server_name.empty() ? from.server.host : from.tls_server_name;
  return {.host = from.server.host,
          .port = from.server.port,
          .tls = from.server.tls,
          .verified_name = name};
}

std::unique_ptr<Connection> Transport::take_idle(std::uint64_t generation) {
  while (!idle_.empty()) {
    Idle last = std::move(idle_.back());
    idle_.pop_back();
    if (last.generation == generation && last.connection->quiet())
      return std::move(last.connection);
  }
  return nullptr;
}

void Transport::give_back(std::unique_ptr<Connection> connection, std::uint64_t generation) {
  if (idle_.size() < limits_.idle_connections_max)
    idle_.push_back({std::move(connection), generation});
}

// Where one connection fell silent, the network may have forgotten the others too.
void Transport::drop_idle_after(const IoError& error) {
  if (error.trouble == IoTrouble::kTimeout) idle_.clear();
}

// What the outcome of a request means to those that follow.
void Transport::record_outcome(const ApiError* error) {
  const Duration now = clock_.steady();
  const bool lost = error != nullptr && ServerState::is_outage(*error);
  const Duration since = server_state_.since();
  const bool turned = lost ? server_state_.failed(now, *error) : server_state_.answered(now);
  if (turned && lost) {
    log_.warn("api-server-lost", {{"error", server_state_.reason()}});
  } else if (turned) {
    log_.info("api-server-answers", {{"lost_ms", now - since}});
  }
  if (turned) metrics_.server_answers(!lost);
  if (error == nullptr) return;
  const Duration pause = error->retry_after.value_or(kPause);
  if (error->server_busy()) limiter_.hold_all(pause);
  if (error->unavailable()) limiter_.hold_writes(pause);
}

// Once for each text: what the operator does again and again is warned of as often.
void Transport::take_warnings(const Request& request, const http::ResponseHead& head) {
  for (const std::string& text : head.warnings) {
    metrics_.server_warned();
    if (!warnings_.is_news(text)) continue;
    const std::string asked = concat(request.verb, ' ', request.path);
    log_.info("api-server-warns", {{"warning", text}, {"request", asked}});
    if (warnings_.full())
      log_.info("api-server-warns-too-much", {{"texts", ServerWarnings::kTextsMax}});
  }
}

void Transport::count(const Request& request, int status, Duration began) {
  metrics_.request_done(to_string(request.verb), config().server.host, status,
                        clock_.steady() - began);
}

}  // namespace annals::k8s

#include "k8s/pods/websocket.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/assert.h"
#include "k8s/text/text.h"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kWebsocketReadSize = std::size_t{16} << 10U;
constexpr int kSwitchingProtocols = 101;

template <std::size_t size>
std::array<unsigned char, size> random_bytes() {
  std::array<unsigned char, size> bytes{};
  ANNALS_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(size)) == 1, "no randomness");
  return bytes;
}

std::string random_key() {
  const auto bytes = random_bytes<16>();
  return base64_encoded({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string handshake_lines(const std::string& key, const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    list += concat(list.empty() ? "" : ", ", protocol);
  }
  return concat(
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: ",
      key, "\r\nSec-WebSocket-Protocol: ", list, "\r\n");
}

bool is_websocket(std::string_view upgrade) {
  constexpr std::string_view kWord = "websocket";
  return std::ranges::equal(upgrade, kWord, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// Why the answer does not open a WebSocket; empty when it does.
std::string objection(const http::ResponseHead& head, const std::string& key,
                      const std::vector<std::string>& protocols) {
  if (head.status != kSwitchingProtocols || !is_websocket(head.upgrade)) {
    return concat("the server did not switch to WebSocket (HTTP status ", head.status, ")");
  }
  if (head.websocket_accept != accept_of(key)) {
    return "the server's Sec-WebSocket-Accept does not belong to our key";
  }
  if (std::ranges::find(protocols, head.websocket_protocol) == protocols.end()) {
    return concat("the server chose the protocol '", head.websocket_protocol,
                  "', which was not offered");
  }
  return {};
}

}  // namespace

struct WebSocket::Line {
  explicit Line(const asio::any_io_executor& executor) : bell(executor) {
    bell.expires_at(asio::steady_timer::time_point::max());
  }
  asio::steady_timer bell;
  bool taken = false;
};

// The right to write; passes it on when it goes.
class WebSocket::Turn {
 public:
  explicit Turn(Line& line) : line_(line) { line_.taken = true; }
  ~Turn() {
    line_.taken = false;
    line_.bell.cancel();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Line& line_;
};

WebSocket::WebSocket(Transport& transport, std::unique_ptr<Connection> connection,
                     std::string protocol, Effect effect, WebSocketLimits limits)
    : line_(std::make_unique<Line>(transport.executor())),
      connection_(std::move(connection)),
      protocol_(std::move(protocol)),
      effect_(effect),
      limits_(limits),
      reader_(limits.message_bytes_max) {}
WebSocket::~WebSocket() = default;

asio::awaitable<Answer<std::unique_ptr<WebSocket>>> WebSocket::open(
    Transport* transport, Request request, std::vector<std::string> protocols,
    WebSocketLimits limits) {
  const Effect effect = request.effect();
  const std::string key = random_key();
  Answer<Exchange> exchange =
      co_await transport->upgrade(std::move(request), handshake_lines(key, protocols));
  if (!exchange) co_return refuse(std::move(exchange).error());
  const std::string why = objection(exchange->head(), key, protocols);
  if (!why.empty()) co_return refuse(unanswered(effect), why);
  std::unique_ptr<WebSocket> opened(new WebSocket(*transport, exchange->take_connection(),
                                                  exchange->head().websocket_protocol, effect,
                                                  limits));
  opened->reader_.feed(exchange->take_rest());
  co_return opened;
}

asio::awaitable<Answer<std::optional<std::string>>> WebSocket::receive(Duration patience) {
  for (;;) {
    if (!connection_) co_return std::optional<std::string>();
    Result<std::optional<WebSocketMessage>> message = reader_.next();
    if (!message) co_return refuse(unanswered(effect_), message.error().detail);
    if (!*message) {
      std::array<char, kWebsocketReadSize>
          buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
      const IoResult<std::size_t> got = co_await connection_->read_some(buffer, patience);
      if (!got) co_return refuse(unanswered(effect_), "WebSocket: ", got.error().message);
      reader_.feed(std::string_view(buffer.data(), *got));
      continue;
    }
    const Opcode opcode = (*message)->opcode;
    if (opcode == Opcode::kText || opcode == Opcode::kBinary) {
      co_return std::optional(std::move((*message)->payload));
    }
    if (opcode == Opcode::kClose) {
      co_await close();
      if (!line_->taken) connection_.reset();  // the server may wait for that
      co_return std::optional<std::string>();
    }
    if (opcode == Opcode::kPing) {
      Answer<void> answered = co_await answer_ping(std::move((*message)->payload));
      if (!answered) co_return refuse(std::move(answered).error());
    }
  }
}

// A reader never waits for a writer that the peer keeps waiting: that writer answers instead, and
// only the latest ping, as the RFC allows.
asio::awaitable<Answer<void>> WebSocket::answer_ping(std::string payload) {
  if (line_->taken) {
    ping_ = std::move(payload);
    co_return Answer<void>();
  }
  Answer<void> written = co_await write(Opcode::kPong, std::move(payload));
  co_return written;
}

asio::awaitable<Answer<void>> WebSocket::send(std::string payload) {
  return write(Opcode::kBinary, std::move(payload));
}

asio::awaitable<Answer<void>> WebSocket::write(Opcode opcode, std::string payload) {
  while (line_->taken) {
    (void)co_await line_->bell.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (closed_ || !connection_) co_return refuse(unanswered(effect_), "WebSocket: closed");
  const Turn turn(*line_);
  std::string frames = client_frame(opcode, payload, random_bytes<4>());
  payload = {};
  while (!frames.empty()) {
    const IoResult<void> written = co_await connection_->write(frames, limits_.write_patience);
    if (!written) co_return refuse(unanswered(effect_), "WebSocket: ", written.error().message);
    frames.clear();
    if (ping_ && !closed_) frames = client_frame(Opcode::kPong, *ping_, random_bytes<4>());
    ping_.reset();
  }
  co_return Answer<void>();
}

asio::awaitable<void> WebSocket::close() {
  if (closed_ || line_->taken) co_return;  // whoever is writing cannot be interrupted in order
  constexpr std::string_view kNormal("\x03\xe8", 2);  // 1000
  const Answer<void> said = co_await write(Opcode::kClose, std::string(kNormal));
  closed_ = true;
  (void)said;  // the connection goes either way, once nobody uses it
}

}  // namespace annals::k8s

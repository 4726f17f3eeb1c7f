#include "k8s/transport/connection.h"

#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/concat.h"

namespace annals::k8s {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

std::unexpected<IoError> broken(std::string message) {
  return std::unexpected(IoError{IoTrouble::kBroken, std::move(message)});
}

// Lets the kernel notice a peer that is gone without a word, within about a minute.
void keep_alive(tcp::socket& socket) {
  const int handle = socket.native_handle();
  const auto set = [handle](int level, int name, int value) {
    // A kernel that does not know an option leaves us with slower detection, no more.
    (void)::setsockopt(handle, level, name, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

bool is_address(const std::string& host) {
  error_code ec;
  (void)asio::ip::make_address(host, ec);
  return !ec;
}

// A look-up cannot be interrupted; it may end after its caller has gone, so it owns what it needs.
struct LookUp {
  explicit LookUp(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}

  tcp::resolver resolver;
  asio::steady_timer done;
  error_code ec = asio::error::timed_out;
  std::vector<tcp::endpoint> endpoints;
};

asio::awaitable<IoResult<std::vector<tcp::endpoint>>> look_up(asio::any_io_executor executor,
                                                              Destination to, Duration patience) {
  auto query = std::make_shared<LookUp>(executor);
  query->done.expires_after(patience);
  query->resolver.async_resolve(to.host, to.port, tcp::resolver::numeric_service,
                                [query](error_code ec, const tcp::resolver::results_type& results) {
                                  query->ec = ec;
                                  for (const auto& entry : results)
                                    query->endpoints.push_back(entry.endpoint());
                                  query->done.cancel();
                                });
  (void)co_await query->done.async_wait(kTuple);
  if (query->ec) {
    co_return broken(concat("resolve ", to.host, ": ", query->ec.message()));
  }
  co_return std::exchange(query->endpoints, {});
}

}  // namespace

struct Connection::Parts {
  explicit Parts(const asio::any_io_executor& executor)
      : socket(executor),
        reading(std::make_shared<Watchdog>(executor, socket)),
        writing(std::make_shared<Watchdog>(executor, socket)) {}
  ~Parts() {
    reading->socket = nullptr;
    writing->socket = nullptr;
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  // Closes the socket when a step takes too long. Outlives the connection while its timer's last
  // handler is queued.
  struct Watchdog : std::enable_shared_from_this<Watchdog> {
    Watchdog(const asio::any_io_executor& executor, tcp::socket& guarded)
        : timer(executor), socket(&guarded) {}

    void arm(Duration patience) {
      timer.expires_after(patience);
      timer.async_wait([self = shared_from_this(), round = ++round_](error_code ec) {
        if (ec || round != self->round_ || self->socket == nullptr) return;
        self->fired = true;
        error_code ignored;
        self->socket->close(ignored);
      });
    }
    void disarm() {
      ++round_;
      timer.cancel();
    }

    asio::steady_timer timer;
    tcp::socket* socket;
    bool fired = false;
    std::uint64_t round_ = 0;
  };

  bool timed_out() const { return reading->fired || writing->fired; }

  // What an error of a finished step means.
  IoError trouble(error_code ec, std::string_view step) const {
    if (timed_out()) return {IoTrouble::kTimeout, concat(step, ": timed out")};
    // A TLS stream that ends without close_notify (stream_truncated) was cut, not ended.
    if (ec == asio::error::eof)
      return {IoTrouble::kEnd, concat(step, ": connection closed by the server")};
    return {IoTrouble::kBroken, concat(step, ": ", ec.message())};
  }

  asio::awaitable<IoResult<void>> connect(Destination to, Duration patience);
  asio::awaitable<IoResult<void>> shake_hands(Destination to, Duration patience);

  tcp::socket socket;
  // One for each direction, because both may be under way at the same time.
  std::shared_ptr<Watchdog> reading;
  std::shared_ptr<Watchdog> writing;
  TlsContext context;
  std::optional<asio::ssl::stream<tcp::socket&>> tls;
};

asio::awaitable<IoResult<void>> Connection::Parts::connect(Destination to, Duration patience) {
  IoResult<std::vector<tcp::endpoint>> endpoints =
      co_await look_up(socket.get_executor(), to, patience);
  if (!endpoints) co_return std::unexpected(std::move(endpoints).error());
  IoError last{IoTrouble::kBroken, concat(to.host, " has no address")};
  for (const tcp::endpoint& endpoint : *endpoints) {
    error_code ignored;
    socket.close(ignored);
    reading->fired = false;
    reading->arm(patience);
    const auto [ec] = co_await socket.async_connect(endpoint, kTuple);
    reading->disarm();
    if (!ec && !reading->fired) {
      keep_alive(socket);
      co_return IoResult<void>();
    }
    last = trouble(ec, concat("connect to ", to.host, ":", to.port));
  }
  co_return std::unexpected(std::move(last));
}

asio::awaitable<IoResult<void>> Connection::Parts::shake_hands(Destination to, Duration patience) {
  tls.emplace(socket, *context);
  SSL* handle = tls->native_handle();
  if (is_address(to.verified_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), to.verified_name.c_str());
  } else {
    SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(handle, to.verified_name.c_str()) != 1 ||
        SSL_set_tlsext_host_name(handle, to.verified_name.c_str()) != 1) {
      co_return broken("TLS: the server name cannot be verified");
    }
  }
  reading->arm(patience);
  const auto [ec] = co_await tls->async_handshake(asio::ssl::stream_base::client, kTuple);
  reading->disarm();
  if (!ec && !reading->fired) co_return IoResult<void>();
  IoError error = trouble(ec, concat("TLS handshake with ", to.host, ":", to.port));
  if (const long verdict = SSL_get_verify_result(handle); verdict != X509_V_OK) {
    error.message += concat(": certificate for ", to.verified_name, ": ",
                            X509_verify_cert_error_string(verdict));
  }
  co_return std::unexpected(std::move(error));
}

Connection::Connection(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Connection::~Connection() = default;

asio::awaitable<IoResult<std::unique_ptr<Connection>>> Connection::open(
    asio::any_io_executor executor, Destination to, TlsContext context, Duration patience) {
  auto parts = std::make_unique<Parts>(executor);
  parts->context = std::move(context);
  IoResult<void> connected = co_await parts->connect(to, patience);
  if (connected && to.tls) connected = co_await parts->shake_hands(to, patience);
  if (!connected) co_return std::unexpected(std::move(connected).error());
  co_return std::unique_ptr<Connection>(new Connection(std::move(parts)));
}

asio::awaitable<IoResult<std::size_t>> Connection::read_some(std::span<char> into,
                                                             Duration patience) {
  const asio::mutable_buffer buffer(into.data(), into.size());
  error_code ec;
  std::size_t size = 0;
  parts_->reading->arm(patience);
  if (parts_->tls) {
    std::tie(ec, size) = co_await parts_->tls->async_read_some(buffer, kTuple);
  } else {
    std::tie(ec, size) = co_await parts_->socket.async_read_some(buffer, kTuple);
  }
  parts_->reading->disarm();
  if (ec) co_return std::unexpected(parts_->trouble(ec, "read"));
  co_return size;
}

asio::awaitable<IoResult<void>> Connection::write(std::string_view bytes, Duration patience) {
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  error_code ec;
  std::size_t size = 0;
  parts_->writing->arm(patience);
  if (parts_->tls) {
    std::tie(ec, size) = co_await asio::async_write(*parts_->tls, buffer, kTuple);
  } else {
    std::tie(ec, size) = co_await asio::async_write(parts_->socket, buffer, kTuple);
  }
  parts_->writing->disarm();
  if (ec) co_return std::unexpected(parts_->trouble(ec, "write"));
  co_return IoResult<void>();
}

bool Connection::quiet() const {
  char byte = 0;
  const ssize_t got = ::recv(parts_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace annals::k8s

#include "tests/integration/k8s/support/relay.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace annals::k8s {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct Relay::Link {
  Link(tcp::socket from, asio::io_context& context) : client(std::move(from)), server(context) {}

  void close() {
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }

  tcp::socket client;
  tcp::socket server;
  bool stalled = false;
};

Relay::Relay(const std::string& host, const std::string& port)
    : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      server_(asio::ip::make_address(host), static_cast<std::uint16_t>(std::stoi(port))),
      port_(acceptor_.local_endpoint().port()) {
  asio::co_spawn(context_, accept(), asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

Relay::~Relay() {
  context_.stop();
  thread_.join();
}

void Relay::cut() {
  cut_ = true;
  asio::post(context_, [this] {
    for (const std::weak_ptr<Link>& link : links_) {
      if (const std::shared_ptr<Link> open = link.lock()) open->close();
    }
    links_.clear();
  });
}

void Relay::stall() {
  asio::post(context_, [this] {
    for (const std::weak_ptr<Link>& link : links_) {
      if (const std::shared_ptr<Link> open = link.lock()) open->stalled = true;
    }
  });
}

asio::awaitable<void> Relay::accept() {
  for (;;) {
    auto [ec, peer] = co_await acceptor_.async_accept(kTuple);
    if (ec) co_return;
    if (cut_) continue;  // closes it
    ++connections_;
    auto link = std::make_shared<Link>(std::move(peer), context_);
    links_.push_back(link);
    asio::co_spawn(context_, carry(std::move(link)), asio::detached);
  }
}

asio::awaitable<void> Relay::carry(std::shared_ptr<Link> link) {
  const auto [ec] = co_await link->server.async_connect(server_, kTuple);
  if (ec) {
    link->close();
    co_return;
  }
  asio::co_spawn(context_, pump(link, true), asio::detached);
  asio::co_spawn(context_, pump(link, false), asio::detached);
}

asio::awaitable<void> Relay::pump(std::shared_ptr<Link> link, bool upward) {
  tcp::socket& from = upward ? link->client : link->server;
  tcp::socket& to = upward ? link->server : link->client;
  std::array<char, 16'384> buffer{};
  for (;;) {
    const auto [ec, size] = co_await from.async_read_some(asio::buffer(buffer), kTuple);
    if (ec) break;
    if (link->stalled) continue;  // swallowed: what a router does that forgot the connection
    const auto [failed, sent] =
        co_await asio::async_write(to, asio::buffer(buffer.data(), size), kTuple);
    if (failed || sent != size) break;
  }
  // A stalled link gives no sign of life, not even its end.
  if (!link->stalled || upward) link->close();
}

}  // namespace annals::k8s

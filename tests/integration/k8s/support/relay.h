// Relay: a stretch of network between the client and the API server that a test can cut or stall.
// Runs on a thread of its own; its functions may be called from any other.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace annals::k8s {

class Relay {
 public:
  Relay(const std::string& host, const std::string& port);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

  // Ends all connections; new ones are closed at once until mend().
  void cut();
  void mend() { cut_ = false; }
  // All that is open stays open, but no byte passes; new connections pass as usual.
  void stall();

 private:
  struct Link;
  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> carry(std::shared_ptr<Link> link);
  boost::asio::awaitable<void> pump(std::shared_ptr<Link> link, bool upward);

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint server_;
  std::uint16_t port_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> cut_ = false;
  std::list<std::weak_ptr<Link>> links_;  // of the thread
  std::thread thread_;
};

}  // namespace annals::k8s

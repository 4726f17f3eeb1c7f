// PeerServer: a listener on loopback whose connections are handled by a function, one after the
// other, on a thread of its own. For servers that have to answer what they were sent.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <thread>

namespace annals::k8s {

class PeerServer {
 public:
  // What it throws ends the connection and is no failure: peers leave as they like. It must end
  // once its peer has gone.
  using Handler = std::function<void(boost::asio::ip::tcp::socket&)>;

  explicit PeerServer(Handler handler);
  PeerServer(const PeerServer&) = delete;
  PeerServer& operator=(const PeerServer&) = delete;
  ~PeerServer();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void serve();

  Handler handler_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

// The header of a request, read up to its empty line.
std::string read_header(boost::asio::ip::tcp::socket& socket);
// The value of a line of that header.
std::string header_line(const std::string& header, const std::string& name);

}  // namespace annals::k8s

#include "tests/integration/k8s/support/peer_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/system/system_error.hpp>
#include <string>
#include <utility>

namespace annals::k8s {

namespace asio = boost::asio;
using asio::ip::tcp;

PeerServer::PeerServer(Handler handler)
    : handler_(std::move(handler)),
      acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      thread_([this] { serve(); }) {}

PeerServer::~PeerServer() {
  ending_ = true;
  // A last connection, to wake the thread that waits for one.
  boost::system::error_code ignored;
  tcp::socket last(context_);
  last.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port_), ignored);
  thread_.join();
}

void PeerServer::serve() {
  for (;;) {
    tcp::socket peer(context_);
    acceptor_.accept(peer);
    if (ending_) return;
    ++connections_;
    try {
      handler_(peer);
    } catch (const boost::system::system_error&) {
      // The peer has gone, or is not to be understood.
    }
  }
}

std::string read_header(tcp::socket& socket) {
  std::string header;
  (void)asio::read_until(socket, asio::dynamic_buffer(header, 65'536), "\r\n\r\n");
  return header;
}

std::string header_line(const std::string& header, const std::string& name) {
  const std::size_t at = header.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return header.substr(begin, header.find("\r\n", begin) - begin);
}

}  // namespace annals::k8s

#include "tests/integration/k8s/support/raw_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace annals::k8s {

RawServer::RawServer(Script script)
    : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::array<int, 2> ends{};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::pipe2(ends.data(), O_CLOEXEC) != 0 ||
      ::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no listener on loopback");
  }
  stop_read_ = ends[0];
  stop_write_ = ends[1];
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

RawServer::~RawServer() {
  ::close(stop_write_);
  thread_.join();
  ::close(stop_read_);
  ::close(listener_);
}

std::vector<std::string> RawServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

// Waits; false when it is time to end.
bool RawServer::readable(int handle) {
  std::array<pollfd, 2> wait{pollfd{handle, POLLIN, 0}, pollfd{stop_read_, POLLIN, 0}};
  while (::poll(wait.data(), wait.size(), -1) < 0) {
  }
  return wait[1].revents == 0;
}

void RawServer::serve() {
  while (readable(listener_)) {
    const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) continue;
    ++connections_;
    talk(peer);
    ::close(peer);
    ++closed_;
  }
}

void RawServer::talk(int peer) {
  for (int i = 0; i < script_.requests; ++i) {
    if (!receive_request(peer)) return;
    do {
      if (!send_all(peer)) return;
    } while (script_.endless);
  }
  char ignored = 0;
  if (script_.keep_open && readable(peer)) (void)::recv(peer, &ignored, 1, 0);
}

bool RawServer::receive_request(int peer) {
  std::string request;
  std::array<char, 4096> buffer{};
  while (request.find("\r\n\r\n") == std::string::npos) {
    if (!readable(peer)) return false;
    const ssize_t got = ::recv(peer, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    request.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
  return true;
}

bool RawServer::send_all(int peer) {
  const std::string& all = script_.answer;
  const std::size_t piece = script_.piece == 0 ? all.size() : script_.piece;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t size = std::min(piece, all.size() - at);
    const ssize_t sent = ::send(peer, all.data() + at, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    at += static_cast<std::size_t>(sent);
    sent_ += static_cast<std::uint64_t>(sent);
    pollfd stop{stop_read_, POLLIN, 0};
    if (::poll(&stop, 1, static_cast<int>(script_.between.count())) != 0) return false;
  }
  return true;
}

}  // namespace annals::k8s

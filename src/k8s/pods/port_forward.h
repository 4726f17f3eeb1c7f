// A byte stream to a port inside of a pod (pods/portforward) over WebSocket, for where the pod's
// own address cannot be reached. The kubelet carries it: slower than a connection, and it ends with
// the API server. It cannot be half-closed.
// Belongs to the loop's thread; `client` outlives what awaits it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "k8s/client/client.h"
#include "k8s/pods/websocket.h"

namespace annals::k8s {

class PortForward {
 public:
  static boost::asio::awaitable<Answer<PortForward>> open(Client* client, ObjectName pod,
                                                          std::uint16_t port);

  // What comes from the pod; empty once the stream has ended. That nobody listens there is told
  // here, as an error. `patience` is for one silence.
  boost::asio::awaitable<Answer<std::string>> read(Duration patience);
  boost::asio::awaitable<Answer<void>> write(std::string bytes);
  boost::asio::awaitable<void> close() { return socket_->close(); }

 private:
  PortForward(std::unique_ptr<WebSocket> socket, std::uint16_t port)
      : socket_(std::move(socket)), port_(port) {}

  std::unique_ptr<WebSocket> socket_;
  std::uint16_t port_;
  bool data_began_ = false;
  bool errors_began_ = false;
};

}  // namespace annals::k8s

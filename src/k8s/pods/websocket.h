// WebSocket: messages over a connection that the API server took over from HTTP; for exec and
// port-forward. Pings are answered while messages are read. Nothing is read ahead of the reader but
// one network buffer, and a message is bounded, so a slow reader slows the peer. One coroutine may
// read while others write; writers go one after the other. Destroying it closes the connection.
// Belongs to the loop's thread; outlives what awaits it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/pods/websocket_frames.h"
#include "k8s/transport/transport.h"

namespace annals::k8s {

struct WebSocketLimits {
  std::size_t message_bytes_max = std::size_t{1} << 20U;
  Duration write_patience = std::chrono::seconds(30);  // for one message
};

class WebSocket {
 public:
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;
  ~WebSocket();

  // Asks for `request` to be continued as a WebSocket that speaks one of `protocols`, the most
  // wanted first. `transport` outlives it.
  static boost::asio::awaitable<Answer<std::unique_ptr<WebSocket>>> open(
      Transport* transport, Request request, std::vector<std::string> protocols,
      WebSocketLimits limits = {});

  // The protocol that the server chose.
  const std::string& protocol() const { return protocol_; }

  // The next message; nothing once the peer has closed in order. `patience` is for one silence.
  boost::asio::awaitable<Answer<std::optional<std::string>>> receive(Duration patience);
  // One binary message.
  boost::asio::awaitable<Answer<void>> send(std::string payload);
  // Says good-bye, waiting for no answer.
  boost::asio::awaitable<void> close();

 private:
  class Turn;
  WebSocket(Transport& transport, std::unique_ptr<Connection> connection, std::string protocol,
            Effect effect, WebSocketLimits limits);

  boost::asio::awaitable<Answer<void>> write(Opcode opcode, std::string payload);
  boost::asio::awaitable<Answer<void>> answer_ping(std::string payload);

  struct Line;  // in which writers wait
  std::unique_ptr<Line> line_;
  std::unique_ptr<Connection> connection_;
  std::string protocol_;
  Effect effect_;
  WebSocketLimits limits_;
  MessageReader reader_;
  std::optional<std::string> ping_;  // that came while somebody else was writing
  bool closed_ = false;
};

}  // namespace annals::k8s

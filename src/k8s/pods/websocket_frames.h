// WebSocket frames (RFC 6455) as a client reads and writes them. Pure. What a server sends is
// bounded before it is kept, and anything that the RFC forbids is an error, never a guess.
// Not Beast's: its client side begins with a handshake of its own, and ours is a request like any
// other (credentials, renewal after a 401, the limiter, the server's Status when it refuses).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace annals::k8s {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

using FrameMask = std::array<unsigned char, 4>;

// One whole frame from the client. The mask is to be random for each frame.
std::string client_frame(Opcode opcode, std::string_view payload, FrameMask mask);

// What Sec-WebSocket-Accept has to say to this Sec-WebSocket-Key.
std::string accept_of(std::string_view key);

// A message with its fragments joined, or a control frame. Never kContinuation.
struct WebSocketMessage {
  Opcode opcode = Opcode::kBinary;
  std::string payload;
};

class MessageReader {
 public:
  explicit MessageReader(std::size_t payload_max) : payload_max_(payload_max) {}

  // The next bytes of the stream; then next() until it has no more.
  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next message, nothing as long as it is not whole. After an error the stream is of no use.
  Result<std::optional<WebSocketMessage>> next();

 private:
  struct Header {
    Opcode opcode = Opcode::kBinary;
    bool final = true;
    std::size_t size = 0;     // of the header itself
    std::size_t payload = 0;  // that follows
  };

  Result<std::optional<Header>> header() const;
  Result<void> check(const Header& header) const;

  std::size_t payload_max_;
  std::string buffer_;
  std::size_t read_ = 0;                     // up to here it was taken
  std::optional<WebSocketMessage> partial_;  // a message whose last fragment has not come
};

}  // namespace annals::k8s

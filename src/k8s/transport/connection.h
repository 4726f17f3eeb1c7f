// Connection: one byte stream to the API server, over TCP or TLS, with a limit on how long each
// step may take. When a limit is hit the stream is closed and of no more use. One read and one
// write may be under way at the same time. Belongs to the loop's thread. Destroying it closes it;
// no operation may be in flight then.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "k8s/credentials/tls.h"

namespace annals::k8s {

struct Destination {
  std::string host;  // name or address
  std::string port;
  bool tls = true;
  std::string verified_name;  // what the certificate must be for; also SNI unless an address
};

enum class IoTrouble : std::uint8_t { kTimeout, kEnd, kBroken };

struct IoError {
  IoTrouble trouble;
  std::string message;
};

template <class T>
using IoResult = std::expected<T, IoError>;

class Connection {
 public:
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Looks the host up, connects and shakes hands; each of the three may take `patience`.
  static boost::asio::awaitable<IoResult<std::unique_ptr<Connection>>> open(
      boost::asio::any_io_executor executor, Destination to, TlsContext context, Duration patience);

  // At least one byte, at most `into`. kEnd only where the peer ended the stream properly.
  boost::asio::awaitable<IoResult<std::size_t>> read_some(std::span<char> into, Duration patience);
  // All of it; `bytes` stays alive meanwhile.
  boost::asio::awaitable<IoResult<void>> write(std::string_view bytes, Duration patience);

  // Whether an idle connection may carry another request: nothing came in, and the peer did not
  // close.
  bool quiet() const;

 private:
  struct Parts;
  explicit Connection(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace annals::k8s

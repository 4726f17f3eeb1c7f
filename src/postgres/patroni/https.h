// One HTTP exchange over mutual TLS (RFC 9112, RFC 8446) with a server that is verified by name.
// Private to this folder: Patroni's API is the only user.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "postgres/tls/certificate.h"

namespace annals::postgres {

struct HttpsServer {
  std::string host;                      // in the certificate, and in the request
  std::optional<std::string> address{};  // called instead of resolving the host
  std::uint16_t port = 0;
  std::string ca{};
  KeyPair client{};
};

struct HttpsRequest {
  std::string method;                    // GET, PATCH, POST
  std::string target;                    // "/cluster"
  std::string body{};                    // JSON, or nothing
  std::chrono::milliseconds timeout{0};  // for all of it
};

struct HttpsAnswer {
  unsigned status = 0;
  std::string body{};  // of at most 1 MiB
};

// A new connection for each exchange: Patroni closes them anyway. kUnavailable before the request
// was sent, kTimeout after, kForbidden when TLS fails on either side, kInvalid for what is not
// HTTP.
boost::asio::awaitable<Result<HttpsAnswer>> exchange(HttpsServer server, HttpsRequest request);

}  // namespace annals::postgres

// HttpServer: small answers over HTTP/1.1 to those who probe, scrape and look. It takes GET and
// HEAD only and reads no body. Everything is bounded: sessions at a time, the size of a header, the
// time that a peer may take; who takes more is hung up on. It speaks no TLS and knows no users, so
// nothing secret may be answered. Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace annals::api {

struct Request {
  std::string path;   // "/readyz", without the query
  std::string query;  // "verbose", without the question mark
};

struct Response {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// Does not block, and does not throw.
using Handler = std::function<Response(const Request&)>;

struct ServerLimits {
  int sessions_max = 64;
  std::uint32_t header_bytes_max = 8192;
  Duration idle = std::chrono::seconds(30);  // for one request, and between two
  Duration write = std::chrono::seconds(10);
};

class HttpServer {
 public:
  HttpServer(boost::asio::any_io_executor executor, Handler handler, Log log,
             ServerLimits limits = {});
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Hangs up on all.
  ~HttpServer();

  // Binds to "ADDRESS:PORT", "[ADDRESS]:PORT" or ":PORT", which is every address of this machine.
  // Port 0 is a free one. After this peers can connect.
  Result<void> listen(const std::string& where);
  std::uint16_t port() const;

  // Answers until it is cancelled.
  boost::asio::awaitable<void> run();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace annals::api

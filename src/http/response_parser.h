// ResponseParser: an HTTP/1.1 response out of bytes, as they come (RFC 9112). Pure; it does no I/O.
// Everything that a server sends is bounded: the header, a chunk's header, and the body, here or by
// the caller, who may take it away piece by piece. Malformed input is an error, never a guess.
// Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace annals::http {

struct ResponseHead {
  int status = 0;
  std::string content_type;
  std::string location;  // of a redirect, which is refused
  std::optional<std::chrono::seconds> retry_after;
  std::vector<std::string> warnings;  // see warning_header.h
  // Of a server that switched protocols (101).
  std::string upgrade;
  std::string websocket_accept;
  std::string websocket_protocol;
};

struct ResponseLimits {
  std::uint32_t header_bytes_max = 64 * 1024;
  // None for callers that take the body away piece by piece.
  std::optional<std::uint64_t> body_bytes_max{};
};

class ResponseParser {
 public:
  explicit ResponseParser(const ResponseLimits& limits = {});
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;
  ~ResponseParser();

  // Takes the next bytes of the stream and appends what they hold of the body to `body`. kInvalid
  // when they are no HTTP response; the parser is then of no more use.
  Result<void> feed(std::string_view bytes, std::string& body);
  // The stream ended. An error unless the response is complete, or ends where the stream does.
  Result<void> end_of_stream();

  bool head_complete() const;
  bool complete() const;
  // Whether the connection can carry another request after this response.
  bool keep_alive() const;
  // The bytes after the end of the response; for a server that switched protocols (101).
  std::string take_rest();
  // Valid once head_complete().
  const ResponseHead& head() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace annals::http

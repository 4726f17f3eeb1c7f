// Request: one HTTP request to the API server, and its bytes on the wire (RFC 9112).
// Everything is checked before it is written: no control character can reach the header.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "k8s/api_error.h"

namespace annals::k8s {

enum class Verb : std::uint8_t { kGet, kPost, kPut, kPatch, kDelete };

std::string_view to_string(Verb verb);

// Who goes first when many wait for a turn; see limiter.h.
enum class Priority : std::uint8_t { kLease, kUrgent, kNormal, kLater };

// A request's place among those that wait: of one priority the lower line goes first, whoever came
// first.
struct Place {
  Priority priority = Priority::kNormal;
  std::uint64_t line = 0;

  Place() = default;
  Place(Priority of, std::uint64_t in_line = 0)  // NOLINT(google-explicit-constructor): mostly all
      : priority(of), line(in_line) {}

  friend auto operator<=>(const Place&, const Place&) = default;
};

struct QueryParameter {
  std::string name;   // as it stands in the URL
  std::string value;  // not yet encoded
};

struct Request {
  Verb verb = Verb::kGet;
  std::string path;  // already percent-encoded, from "/"
  std::vector<QueryParameter> query;
  std::string content_type;  // empty without a body
  std::string body;
  Place place;
  // From the first byte sent to the last byte of the answer. A watch has no such limit.
  Duration timeout = std::chrono::seconds(70);
  // The answer to a longer body is refused; it bounds the memory that one answer can take.
  std::size_t answer_bytes_max = std::size_t{64} << 20U;

  // A GET that does something all the same: exec, port-forward.
  bool acts = false;

  Effect effect() const { return verb == Verb::kGet && !acts ? Effect::kRead : Effect::kWrite; }
};

// path?name=value&...
std::string target_of(const Request& request);

// What stands in every request beside what was asked: where it goes and who asks.
struct RequestFrame {
  std::string host;    // Host header: "10.0.0.1:6443"
  std::string prefix;  // path prefix of the server's URL, "" or "/k8s/clusters/c1"
  Secret bearer;       // empty without a token
  // Further header lines, "Name: value\r\n" each; ours, not checked. They ask for another protocol
  // than HTTP, so nothing is said of the answer's content type: the kubelet knows none and refuses.
  std::string lines;
};

// The whole request, token and all; kInvalid if a part contains what must not be in a header.
Result<Secret> wire_bytes(const Request& request, const RequestFrame& frame);

}  // namespace annals::k8s

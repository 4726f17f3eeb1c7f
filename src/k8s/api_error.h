// ApiError: why the API server, or the way to it, did not do what was asked.
// An unknown outcome (the request went out, no usable answer came back, and it may have changed
// something) is a trouble of its own and is never reported as a failure: observe, then decide.
// Source: Kubernetes API conventions, "Response Status Kind".
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace annals::k8s {

enum class Trouble : std::uint8_t {
  kNotSent,         // nothing reached the server
  kNoAnswer,        // a read without a usable answer; nothing can have changed
  kUnknownOutcome,  // a write without a usable answer; it may have happened
  kRefused,         // the server answered with an error Status
  kUnusable,        // a read was answered with something that is not the Kubernetes API
};

std::string_view to_string(Trouble trouble);

// One entry of Status.details.causes: which field was wrong, and how.
struct Cause {
  std::string reason;  // "FieldValueInvalid"
  std::string field;   // "spec.replicas"
  std::string message;

  friend bool operator==(const Cause&, const Cause&) = default;
};

struct ApiError {
  Trouble trouble = Trouble::kNotSent;
  int status = 0;  // HTTP status, 0 without an answer
  std::string
      reason;  // Status.reason: "NotFound", "AlreadyExists", "Expired"; empty without a Status
  std::string message;
  std::optional<std::chrono::seconds> retry_after;  // what the server asked for
  std::vector<Cause> causes;

  // What the caller can do about it, in base's terms.
  Errc code() const;
  bool unknown_outcome() const { return trouble == Trouble::kUnknownOutcome; }
  bool not_found() const { return trouble == Trouble::kRefused && status == 404; }
  bool already_exists() const { return reason == "AlreadyExists"; }
  bool conflict() const { return trouble == Trouble::kRefused && status == 409; }
  // 410: the resourceVersion or continue token is too old; list again.
  bool expired() const { return trouble == Trouble::kRefused && status == 410; }
  bool unavailable() const { return status == 503; }
  // 429 from the server's front door, which writes no Status: it wants a pause from everybody.
  bool server_busy() const { return status == 429 && reason.empty(); }
  // 429 in a Status, from one resource: the storage of a kind that was made just now comes up, a
  // disruption budget allows no eviction. It says nothing of other requests.
  bool resource_busy() const { return status == 429 && !reason.empty(); }
};

Error to_error(const ApiError& error);
std::string to_string(const ApiError& error);

// The answer of the API server: a value, or why there is none. It must be looked at.
template <class T>
class [[nodiscard]] Answer : public std::expected<T, ApiError> {
 public:
  using std::expected<T, ApiError>::expected;
};

[[nodiscard]] inline std::unexpected<ApiError> refuse(ApiError error) {
  return std::unexpected<ApiError>(std::move(error));
}
template <class... Parts>
[[nodiscard]] std::unexpected<ApiError> refuse(Trouble trouble, const Parts&... parts) {
  ApiError error;
  error.trouble = trouble;
  error.message = concat(parts...);
  return refuse(std::move(error));
}

// Whether a request may change something: decides what a missing answer means.
enum class Effect : std::uint8_t { kRead, kWrite };

// The trouble of a request that went out and got no usable answer.
constexpr Trouble unanswered(Effect effect) {
  return effect == Effect::kWrite ? Trouble::kUnknownOutcome : Trouble::kNoAnswer;
}

// Reads an answer with an error status; `body` may be a Status object or anything else. A write
// that was answered with 500, 502 or 504 has an unknown outcome: the server itself gave up waiting.
ApiError read_status(int status, std::optional<std::chrono::seconds> retry_after,
                     std::string_view body, Effect effect);

}  // namespace annals::k8s

// Error: why the world said no, and what the caller can do about it.
// A bug is not an Error but an ANNALS_ASSERT; see assert.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace annals {

// Each code names the caller's next move, not the place of the failure.
enum class Errc : std::uint8_t {
  kNotFound,     // it does not exist; create it, or treat its absence as the answer
  kConflict,     // somebody else changed it; read again, decide again
  kTimeout,      // whether it happened is unknown; observe before trying again
  kUnavailable,  // it did not happen and may work later
  kInvalid,      // it can never work as asked; change the request
  kForbidden,    // we may not; a person must grant it
  kCorrupt,      // stored bytes are not what was stored; stop and report
};

std::string_view to_string(Errc code);

struct Error {
  Errc code;
  std::string detail;

  // The same error one level up: `what` is the attempt that failed, "read record 7".
  [[nodiscard]] Error while_doing(std::string_view what) &&;
  [[nodiscard]] Error while_doing(std::string_view what) const&;

  friend bool operator==(const Error&, const Error&) = default;
};

// "corrupt: open journal: record 7: ...", the form for logs and terminals.
std::string to_string(const Error& error);

}  // namespace annals

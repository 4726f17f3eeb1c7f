// Passwords and what PostgreSQL stores of them: SCRAM-SHA-256 (RFC 5802, RFC 7677) verifiers.
// Pure but for system_randomness(). Thread-safe: no state. No Error contains a password or a
// verifier.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace annals::postgres {

// Fills the span with bytes that nobody can guess. Tests bring their own.
using Randomness = std::function<void(std::span<std::byte>)>;

// OpenSSL's generator, seeded by the kernel. It stops the process rather than give weak bytes.
Randomness system_randomness();

// spec.users[].password.type
enum class PasswordType : std::uint8_t {
  kAscii,         // letters, digits and ()*+,-./:;<=>?@[]^_{|} : no quotes, no backslash, no space
  kAlphaNumeric,  // letters and digits
};

inline constexpr std::size_t kPasswordLength = 24;
inline constexpr std::size_t kSaltBytes = 16;
inline constexpr int kScramIterations = 4096;

// Each character of the set is equally likely.
Secret generate_password(PasswordType type, const Randomness& random,
                         std::size_t length = kPasswordLength);

std::string generate_salt(const Randomness& random);

// "SCRAM-SHA-256$4096:salt$StoredKey:ServerKey", as in pg_authid.rolpassword. The password is
// prepared as libpq does (RFC 4013; ASCII stays as it is). kInvalid: empty, or with a NUL, which no
// client can send.
Result<Secret> scram_verifier(const Secret& password, std::string_view salt,
                              int iterations = kScramIterations);

// Whether this password opens the verifier. kInvalid when it is not a SCRAM-SHA-256 verifier.
Result<bool> verify(const Secret& password, const Secret& verifier);

// Whether PostgreSQL takes this text for a verifier (SCRAM or MD5) rather than for a password to
// hash.
bool is_verifier(const Secret& text);

}  // namespace annals::postgres

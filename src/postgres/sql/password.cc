#include "postgres/sql/password.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/assert.h"
#include "postgres/sql/scram.h"

namespace annals::postgres {
namespace {

constexpr std::string_view kAlphaNumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kAscii =
    "()*+,-./:;<=>?@[]^_{|}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

Randomness system_randomness() {
  return [](std::span<std::byte> bytes) {
    const int filled =
        RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    ANNALS_ASSERT(filled == 1, "no randomness");
  };
}

Secret generate_password(PasswordType type, const Randomness& random, std::size_t length) {
  const std::string_view set = type == PasswordType::kAscii ? kAscii : kAlphaNumeric;
  // Bytes from here on would make the first characters of the set likelier; they are thrown away.
  const std::size_t fair = 256 - 256 % set.size();
  std::string password;
  password.reserve(length);
  while (password.size() < length) {
    std::byte byte{};
    random(std::span(&byte, 1));
    const auto value = std::to_integer<std::size_t>(byte);
    if (value < fair) password += set[value % set.size()];
  }
  return Secret(std::move(password));
}

std::string generate_salt(const Randomness& random) {
  std::string salt(kSaltBytes, '\0');
  random(std::as_writable_bytes(std::span(salt)));
  return salt;
}

Result<Secret> scram_verifier(const Secret& password, std::string_view salt, int iterations) {
  if (password.empty()) return fail(Errc::kInvalid, "the password is empty");
  if (password.reveal().contains('\0')) return fail(Errc::kInvalid, "the password contains a NUL");
  if (salt.empty() || iterations <= 0) return fail(Errc::kInvalid, "no salt or no iterations");
  const std::optional<ScramVerifier> verifier = derive(saslprep(password), salt, iterations);
  if (!verifier) return fail(Errc::kUnavailable, "OpenSSL cannot derive a SCRAM verifier");
  return to_text(*verifier);
}

Result<bool> verify(const Secret& password, const Secret& verifier) {
  const std::optional<ScramVerifier> wanted = read_scram_verifier(verifier.reveal());
  if (!wanted) return fail(Errc::kInvalid, "not a SCRAM-SHA-256 verifier");
  if (password.empty() || password.reveal().contains('\0')) return false;
  const std::optional<ScramVerifier> derived =
      derive(saslprep(password), wanted->salt, wanted->iterations);
  if (!derived) return fail(Errc::kUnavailable, "OpenSSL cannot derive a SCRAM verifier");
  return CRYPTO_memcmp(derived->stored_key.data(), wanted->stored_key.data(),
                       wanted->stored_key.size()) == 0 &&
         CRYPTO_memcmp(derived->server_key.data(), wanted->server_key.data(),
                       wanted->server_key.size()) == 0;
}

bool is_verifier(const Secret& text) {
  constexpr std::size_t kMd5Length = 35;  // "md5" and 32 digits
  const std::string_view value = text.reveal();
  if (value.size() == kMd5Length && value.starts_with("md5") &&
      value.find_first_not_of("0123456789abcdef", 3) == std::string_view::npos) {
    return true;
  }
  return read_scram_verifier(value).has_value();
}

}  // namespace annals::postgres

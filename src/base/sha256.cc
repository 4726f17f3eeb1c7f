// OpenSSL's way around these functions finds and sets up its algorithm anew for each content: of
// the short ones that are digested here that was half of the time.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <openssl/sha.h>

#include "base/assert.h"

namespace annals {

namespace {

void begin(SHA256_CTX& state) {
  const int ok = SHA256_Init(&state);
  ANNALS_ASSERT(ok == 1, "SHA-256 is not available");
}

void add(SHA256_CTX& state, std::string_view bytes) {
  const int ok = SHA256_Update(&state, bytes.data(), bytes.size());
  ANNALS_ASSERT(ok == 1, "SHA-256 failed");
}

Digest end(SHA256_CTX& state) {
  Digest digest;
  static_assert(sizeof(digest.bytes) == SHA256_DIGEST_LENGTH);
  const int ok = SHA256_Final(digest.bytes.data(), &state);
  ANNALS_ASSERT(ok == 1, "SHA-256 failed");
  return digest;
}

}  // namespace

struct Sha256::Context {
  SHA256_CTX state;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { begin(context_->state); }

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) { add(context_->state, bytes); }

Digest Sha256::finish() { return end(context_->state); }

Digest sha256(std::string_view bytes) { return sha256(bytes, {}); }

Digest sha256(std::string_view first, std::string_view second) {
  SHA256_CTX state;
  begin(state);
  add(state, first);
  if (!second.empty()) add(state, second);
  return end(state);
}

std::string to_string(const Digest& digest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.bytes.size());
  for (const std::uint8_t byte : digest.bytes) {
    text += kHex[byte >> 4U];
    text += kHex[byte & 0xfU];
  }
  return text;
}

}  // namespace annals

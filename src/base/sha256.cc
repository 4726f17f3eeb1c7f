#include "base/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/assert.h"

namespace annals {

namespace {

// Looked up once: OpenSSL's convenient ways look it up in a table behind a lock with every call,
// which costs as much as the digest of a short text.
const EVP_MD* algorithm() {
  static const EVP_MD* const kFetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kFetched;
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { begin(); }

Sha256::~Sha256() { EVP_MD_CTX_free(context_->md); }

void Sha256::begin() {
  const int ok = EVP_DigestInit_ex2(context_->md, algorithm(), nullptr);
  ANNALS_ASSERT(ok == 1, "SHA-256 is not available");
}

void Sha256::update(std::string_view bytes) {
  const int ok = EVP_DigestUpdate(context_->md, bytes.data(), bytes.size());
  ANNALS_ASSERT(ok == 1, "SHA-256 failed");
}

Digest Sha256::finish() {
  Digest digest;
  static_assert(sizeof(digest.bytes) == SHA256_DIGEST_LENGTH);
  const int ok = EVP_DigestFinal_ex(context_->md, digest.bytes.data(), nullptr);
  ANNALS_ASSERT(ok == 1, "SHA-256 failed");
  return digest;
}

Digest sha256(std::string_view bytes) {
  // Contexts are dear beside the digest of a short text.
  thread_local Sha256 context;
  context.begin();
  context.update(bytes);
  return context.finish();
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

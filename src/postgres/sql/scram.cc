#include "postgres/sql/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>

#include "base/concat.h"

namespace annals::postgres {
namespace {

constexpr std::string_view kScheme = "SCRAM-SHA-256$";

std::string to_base64(const unsigned char* data, std::size_t size) {
  std::string text(4 * ((size + 2) / 3) + 1, '\0');  // EVP_EncodeBlock adds a NUL
  const int written =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(written));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int written = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
  if (written < 0) return std::nullopt;
  // EVP_DecodeBlock counts the padding as content.
  const std::size_t padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
  if (padding > 2) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(written) - padding);
  // Only the one spelling: OpenSSL ignores white space around, PostgreSQL does not.
  if (to_base64(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) != text) {
    return std::nullopt;
  }
  return bytes;
}

std::optional<Sha256> key_from_base64(std::string_view text) {
  const std::optional<std::string> bytes = from_base64(text);
  if (!bytes || bytes->size() != Sha256{}.size()) return std::nullopt;
  Sha256 key{};
  std::ranges::copy(*bytes, key.begin());
  return key;
}

bool hmac(const Sha256& key, std::string_view text, Sha256& result) {
  unsigned int size = 0;
  return HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data(),
              &size) != nullptr;
}

}  // namespace

std::optional<ScramVerifier> derive(const Secret& prepared, std::string_view salt, int iterations) {
  const std::string_view password = prepared.reveal();
  ScramVerifier verifier{.iterations = iterations, .salt = std::string(salt)};
  Sha256 salted{};
  Sha256 client_key{};
  const bool derived = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                         reinterpret_cast<const unsigned char*>(salt.data()),
                                         static_cast<int>(salt.size()), iterations, EVP_sha256(),
                                         static_cast<int>(salted.size()), salted.data()) == 1 &&
                       hmac(salted, "Client Key", client_key) &&
                       EVP_Digest(client_key.data(), client_key.size(), verifier.stored_key.data(),
                                  nullptr, EVP_sha256(), nullptr) == 1 &&
                       hmac(salted, "Server Key", verifier.server_key);
  OPENSSL_cleanse(salted.data(), salted.size());
  OPENSSL_cleanse(client_key.data(), client_key.size());
  if (!derived) return std::nullopt;
  return verifier;
}

Secret to_text(const ScramVerifier& verifier) {
  const auto* salt = reinterpret_cast<const unsigned char*>(verifier.salt.data());
  return Secret(concat(kScheme, verifier.iterations, ':', to_base64(salt, verifier.salt.size()),
                       '$', to_base64(verifier.stored_key.data(), verifier.stored_key.size()), ':',
                       to_base64(verifier.server_key.data(), verifier.server_key.size())));
}

std::optional<ScramVerifier> read_scram_verifier(std::string_view text) {
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const std::size_t salt_at = text.find(':');
  const std::size_t stored_at = text.find('$');
  if (salt_at == text.npos || stored_at == text.npos || stored_at < salt_at) return std::nullopt;
  const std::size_t server_at = text.find(':', stored_at);
  if (server_at == text.npos) return std::nullopt;

  int iterations = 0;
  const std::string count(text.substr(0, salt_at));
  const char* end = count.data() + count.size();
  const auto [rest, problem] = std::from_chars(count.data(), end, iterations);
  const std::optional<std::string> salt =
      from_base64(text.substr(salt_at + 1, stored_at - salt_at - 1));
  const std::optional<Sha256> stored_key =
      key_from_base64(text.substr(stored_at + 1, server_at - stored_at - 1));
  const std::optional<Sha256> server_key = key_from_base64(text.substr(server_at + 1));
  if (problem != std::errc{} || rest != end || iterations <= 0 || !salt || !stored_key ||
      !server_key) {
    return std::nullopt;
  }
  return ScramVerifier{iterations, *salt, *stored_key, *server_key};
}

}  // namespace annals::postgres

#include "journal/secret_shapes.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace annals::journal {
namespace {

bool is_base64(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '=' ||
         c == '-' || c == '_';
}

// The longest start of `text` that is made of base64 of either alphabet.
std::string_view base64_run(std::string_view text) {
  return text.substr(
      0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_base64) - text.begin()));
}

bool is_private_key(std::string_view at) {
  // "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----", ...
  constexpr std::size_t kLongestLabel = 64;
  const std::string_view label = at.substr(0, kLongestLabel);
  return label.find("PRIVATE KEY-----") != std::string_view::npos;
}

// What follows is " CERTIFICATE" or " PUBLIC KEY" in base64, or it is taken for private.
bool is_private_in_base64(std::string_view at) {
  return !at.starts_with("BDRVJUSUZJQ0FURS") && !at.starts_with("BQVUJMSUMgS0VZ");
}

// The text behind "SCRAM-SHA-": 256$4096:salt$stored:server
bool is_scram_verifier(std::string_view at) {
  constexpr std::size_t kLongestName = 16;
  const std::size_t dollar = at.substr(0, kLongestName + 1).find('$');
  if (dollar == std::string_view::npos) return false;
  const bool named = std::ranges::all_of(at.substr(0, dollar), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-';
  });
  if (!named) return false;
  at.remove_prefix(dollar + 1);
  const auto digits = std::ranges::find_if_not(
      at, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
  return digits != at.begin() && digits != at.end() && *digits == ':';
}

// The text behind "://": user:password@host
bool is_uri_with_password(std::string_view at) {
  constexpr std::string_view kEndOfAuthority = "/?#\"'\\<> \t\r\n,;";
  const std::string_view authority = at.substr(0, at.find_first_of(kEndOfAuthority));
  const std::size_t host = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (host == std::string_view::npos || colon == std::string_view::npos || colon > host) {
    return false;
  }
  const std::string_view password = authority.substr(colon + 1, host - colon - 1);
  return std::ranges::any_of(password, [](char c) { return c != '*'; });
}

// header.claims.signature, where header and claims are objects: base64 of {" begins with eyJ.
bool is_web_token(std::string_view at) {
  constexpr std::size_t kShortest = 8;
  for (int part = 0; part < 2; ++part) {
    const std::string_view run = base64_run(at);
    if (run.size() < kShortest || !run.starts_with("eyJ")) return false;
    at.remove_prefix(run.size());
    if (!at.starts_with('.')) return false;
    at.remove_prefix(1);
  }
  return base64_run(at).size() >= kShortest;
}

// What a secret is found by. Every byte that is written is searched for every sign: by its byte
// that is the rarest in records and manifests, since memchr() goes over the others many at a time.
struct Sign {
  std::string_view text;
  std::size_t rarest;  // a place in the text
};

std::size_t find_sign(std::string_view bytes, const Sign& sign, std::size_t from = 0) {
  for (std::size_t at = from + sign.rarest; at < bytes.size(); ++at) {
    at = bytes.find(sign.text[sign.rarest], at);
    if (at == std::string_view::npos) return at;
    const std::size_t begin = at - sign.rarest;
    if (bytes.substr(begin).starts_with(sign.text)) return begin;
  }
  return std::string_view::npos;
}

// Whether `is_secret` holds behind any place where the sign stands.
template <class Predicate>
bool any_behind(std::string_view bytes, const Sign& sign, Predicate is_secret) {
  for (std::size_t at = find_sign(bytes, sign); at != std::string_view::npos;
       at = find_sign(bytes, sign, at + 1)) {
    if (is_secret(bytes.substr(at + sign.text.size()))) return true;
  }
  return false;
}

// A later eyJ in a run of base64 is the begin of a shorter text with the same end, so each run is
// looked at once.
bool has_web_token(std::string_view bytes) {
  constexpr Sign kSign{.text = "eyJ", .rarest = 2};
  for (std::size_t at = find_sign(bytes, kSign); at != std::string_view::npos;
       at = find_sign(bytes, kSign, at)) {
    if (is_web_token(bytes.substr(at))) return true;
    at += base64_run(bytes.substr(at)).size();
  }
  return false;
}

}  // namespace

std::string_view find_secret(std::string_view bytes) {
  constexpr Sign kPem{.text = "-----BEGIN ", .rarest = 7};
  constexpr Sign kPemInBase64{.text = "LS0tLS1CRUdJTi", .rarest = 11};  // as Secrets hold it
  constexpr Sign kScram{.text = "SCRAM-SHA-", .rarest = 4};
  constexpr Sign kUri{.text = "://", .rarest = 1};
  if (any_behind(bytes, kPem, is_private_key)) return "a PEM private key";
  if (any_behind(bytes, kPemInBase64, is_private_in_base64)) return "a PEM key in base64";
  if (any_behind(bytes, kScram, is_scram_verifier)) return "a SCRAM verifier";
  if (any_behind(bytes, kUri, is_uri_with_password)) return "a password in a URI";
  if (has_web_token(bytes)) return "a JSON web token";
  return {};
}

}  // namespace annals::journal

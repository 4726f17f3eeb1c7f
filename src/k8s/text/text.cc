#include "k8s/text/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace annals::k8s {
namespace {

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// The \uXXXX of the character at the start of `text`, and its length in bytes; empty if it may
// stay.
std::pair<std::string_view, std::size_t> yaml_escape(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kEscapes{
      {{"\x7f", "\\u007f"},
       {"\xe2\x80\xa8", "\\u2028"},
       {"\xe2\x80\xa9", "\\u2029"},
       {"\xef\xbb\xbf", "\\ufeff"},
       {"\xef\xbf\xbe", "\\ufffe"},
       {"\xef\xbf\xbf", "\\uffff"}}};
  for (const auto& [bytes, escape] : kEscapes) {
    if (text.starts_with(bytes)) return {escape, bytes.size()};
  }
  return {};
}

bool is_c1_control(std::string_view text) {
  return text.size() > 1 && text[0] == '\xc2' && static_cast<unsigned char>(text[1]) < 0xa0;
}

}  // namespace

std::string json_for_yaml(std::string json) {
  // The first bytes of what must not stay; almost no text has any.
  constexpr std::string_view kSuspects = "\x7f\xc2\xe2\xef";
  if (json.find_first_of(kSuspects) == std::string::npos) return json;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string safe;
  safe.reserve(json.size() + 64);
  for (std::string_view rest = json; !rest.empty();) {
    const std::size_t plain = std::min(rest.find_first_of(kSuspects), rest.size());
    safe += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    const auto [escape, length] = yaml_escape(rest);
    if (length > 0) {
      safe += escape;
      rest.remove_prefix(length);
    } else if (is_c1_control(rest)) {
      const auto byte = static_cast<unsigned char>(rest[1]);
      safe += "\\u00";
      safe += kHex[byte >> 4U];
      safe += kHex[byte & 0xfU];
      rest.remove_prefix(2);
    } else {
      safe += rest[0];
      rest.remove_prefix(1);
    }
  }
  return safe;
}

std::string base64_encoded(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  encoded.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits <<= 8U;
      if (i < group.size()) bits |= static_cast<unsigned char>(group[i]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      encoded += i <= group.size() ? kDigits[(bits >> (18U - 6U * i)) & 0x3fU] : '=';
    }
  }
  return encoded;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  std::string decoded;
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = base64_value(c);
    if (value < 0 || padding != 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    if (++digits % 4 == 0) {
      decoded +=
          {static_cast<char>(bits >> 16U), static_cast<char>(bits >> 8U), static_cast<char>(bits)};
      bits = 0;
    }
  }
  const std::size_t rest = digits % 4;
  if (rest == 1 || padding != (rest == 0 ? 0 : 4 - rest)) return std::nullopt;
  if (rest == 2) decoded += static_cast<char>(bits >> 4U);
  if (rest == 3) decoded += {static_cast<char>(bits >> 10U), static_cast<char>(bits >> 2U)};
  return decoded;
}

}  // namespace annals::k8s

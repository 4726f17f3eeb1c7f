#include "postgres/sql_text.h"

#include <cstdint>

namespace annals::postgres {
namespace {

std::string doubled(std::string_view text, std::string_view which) {
  std::string result;
  for (const char c : text) {
    if (which.contains(c)) result += c;
    result += c;
  }
  return result;
}

// The number of bytes of the UTF-8 sequence (RFC 3629) at the start of the text; 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const std::size_t length = byte(0) < 0x80                      ? 1
                             : byte(0) >= 0xC2 && byte(0) < 0xE0 ? 2
                             : byte(0) >= 0xE0 && byte(0) < 0xF0 ? 3
                             : byte(0) >= 0xF0 && byte(0) < 0xF5 ? 4
                                                                 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const bool overlong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool surrogate = byte(0) == 0xED && byte(1) >= 0xA0;
  const bool beyond = byte(0) == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

Result<void> check_name(std::string_view name) {
  if (name.empty()) return fail(Errc::kInvalid, "a name is empty");
  if (name.size() > kNameBytesMax) {
    return fail(Errc::kInvalid, "the name ", name, " is longer than ", kNameBytesMax, " bytes");
  }
  if (name.contains('\0') || !is_utf8(name)) {
    return fail(Errc::kInvalid, "a name is not UTF-8 text");
  }
  return {};
}

std::string quote_identifier(std::string_view name) {
  return concat('"', doubled(name, "\""), '"');
}

std::string quote_literal(std::string_view text) {
  const std::string_view prefix = text.contains('\\') ? "E'" : "'";
  return concat(prefix, doubled(text, "'\\"), '\'');
}

}  // namespace annals::postgres

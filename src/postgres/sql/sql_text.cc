#include "postgres/sql/sql_text.h"

#include "base/printable.h"

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

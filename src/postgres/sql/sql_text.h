// Names and values as SQL text, for the statements that take no parameters (CREATE ROLE and its
// like). Pure. Thread-safe: no state.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace annals::postgres {

inline constexpr std::size_t kNameBytesMax =
    63;  // PostgreSQL cuts longer ones off, with a notice only

// kInvalid when the text is empty, over 63 bytes, not UTF-8 or has a NUL: no object can have that
// name.
Result<void> check_name(std::string_view name);

// Always in double quotes, so that no keyword and no capital is in the way.
std::string quote_identifier(std::string_view name);

// As quote_literal() of the server: 'it''s', or E'..' when there is a backslash. No NUL in the
// text.
std::string quote_literal(std::string_view text);

}  // namespace annals::postgres

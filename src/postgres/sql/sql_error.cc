#include "postgres/sql/sql_error.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/concat.h"

namespace annals::postgres {
namespace {

constexpr std::size_t kMessageBytesMax = 500;

struct Meaning {
  std::string_view prefix;  // of the SQLSTATE; the first that fits counts
  Errc code;
};

// clang-format off
constexpr std::array kMeanings{
    Meaning{"08",    Errc::kUnavailable},  // connection
    Meaning{"25006", Errc::kUnavailable},  // read only: not the primary, or not yet
    Meaning{"28",    Errc::kForbidden},    // authentication
    Meaning{"3D000", Errc::kNotFound},     // database
    Meaning{"3F000", Errc::kNotFound},     // schema
    Meaning{"40003", Errc::kTimeout},      // statement completion unknown
    Meaning{"40",    Errc::kConflict},     // serialization, deadlock
    Meaning{"42501", Errc::kForbidden},    // privilege
    Meaning{"42704", Errc::kNotFound},     // role or another object
    Meaning{"42P01", Errc::kNotFound},     // table
    Meaning{"42710", Errc::kConflict},     // duplicate object
    Meaning{"42P04", Errc::kConflict},     // duplicate database
    Meaning{"42P06", Errc::kConflict},     // duplicate schema
    Meaning{"23505", Errc::kConflict},     // two created the same name at the same moment
    Meaning{"53",    Errc::kUnavailable},  // disk full, memory, connections
    Meaning{"55006", Errc::kConflict},     // object in use
    Meaning{"55P03", Errc::kConflict},     // lock not available
    Meaning{"57014", Errc::kTimeout},      // cancelled
    Meaning{"57P",   Errc::kUnavailable},  // shut down, starting up
    Meaning{"58",    Errc::kUnavailable},  // operating system
    Meaning{"XX001", Errc::kCorrupt},      // data corrupted
    Meaning{"XX002", Errc::kCorrupt},      // index corrupted
};
// clang-format on

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

// "FATAL:  28P01: password ..." in any language of the severity.
std::string_view sqlstate_in(std::string_view message) {
  constexpr std::string_view kBefore = ":  ";
  for (std::size_t at = message.find(kBefore); at != message.npos;
       at = message.find(kBefore, at + 1)) {
    const std::string_view state = message.substr(at + kBefore.size(), 5);
    const std::size_t after = at + kBefore.size() + 5;
    if (is_sqlstate(state) && after < message.size() && message[after] == ':') return state;
  }
  return {};
}

bool starts_a_further_field(std::string_view line) {
  return line.starts_with("LOCATION:") || line.starts_with("DETAIL:") || line.starts_with("HINT:");
}

// One line, without the fields that the verbose form adds.
std::string condensed(std::string_view message) {
  std::string text;
  while (!message.empty()) {
    const std::string_view line = message.substr(0, message.find('\n'));
    message.remove_prefix(std::min(message.size(), line.size() + 1));
    if (line.empty() || starts_a_further_field(line)) continue;
    if (!text.empty()) text += "; ";
    text += line;
  }
  return text.substr(0, kMessageBytesMax);
}

}  // namespace

Errc errc_of_sqlstate(std::string_view sqlstate) {
  for (const Meaning& meaning : kMeanings) {
    if (sqlstate.starts_with(meaning.prefix)) return meaning.code;
  }
  return Errc::kInvalid;
}

SqlError statement_error(std::string_view sqlstate, std::string_view primary_message) {
  return {.error = {errc_of_sqlstate(sqlstate),
                    concat("SQLSTATE ", sqlstate, ": ", condensed(primary_message))},
          .sqlstate = std::string(sqlstate)};
}

SqlError connect_error(std::string_view libpq_message) {
  const std::string_view sqlstate = sqlstate_in(libpq_message);
  const bool tls = libpq_message.contains("SSL") || libpq_message.contains("certificate");
  const bool password = libpq_message.contains("no password supplied");
  Errc code = tls || password ? Errc::kForbidden : Errc::kUnavailable;
  if (!sqlstate.empty()) code = errc_of_sqlstate(sqlstate);
  return {.error = {code, condensed(libpq_message)}, .sqlstate = std::string(sqlstate)};
}

}  // namespace annals::postgres

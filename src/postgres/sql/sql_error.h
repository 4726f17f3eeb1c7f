// What PostgreSQL's and libpq's failures mean to the caller. Pure. Thread-safe: no state.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace annals::postgres {

// SQLSTATEs that callers ask for (PostgreSQL manual, appendix A).
inline constexpr std::string_view kDuplicateDatabase = "42P04";
inline constexpr std::string_view kReadOnlyTransaction = "25006";  // a standby, or in recovery
inline constexpr std::string_view kQueryCanceled = "57014";        // also by statement_timeout
inline constexpr std::string_view kInvalidPassword = "28P01";

// The caller's next move for a SQLSTATE: kForbidden for refused authentication and privileges,
// kUnavailable for a standby, a server that starts or stops, or one without room, kConflict for
// locks, serialization and what exists already, kNotFound for what does not, kTimeout for a
// cancelled statement, kCorrupt for damaged data, kInvalid for the rest.
Errc errc_of_sqlstate(std::string_view sqlstate);

struct SqlError {
  Error error;
  std::string sqlstate;  // empty when the server said nothing
};

// A server's answer to a statement: "SQLSTATE 42601: syntax error". Only the primary message:
// details and the statement itself may hold what is nobody's business.
SqlError statement_error(std::string_view sqlstate, std::string_view primary_message);

// libpq's account of a connection that did not come about, written with PQERRORS_VERBOSE (only
// there does it tell the SQLSTATE). Without a SQLSTATE, a TLS failure is kForbidden and anything
// else kUnavailable.
SqlError connect_error(std::string_view libpq_message);

}  // namespace annals::postgres

// spec.users[].options: the options of ALTER ROLE that a user of the operator may set.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace annals::postgres {

// The same options in upper case and fresh quotes, safe to stand in ALTER ROLE ... WITH: "CREATEDB
// CONNECTION LIMIT 5". PASSWORD clauses are dropped, as PGO does: the password comes from the
// Secret. kInvalid, with the reason, for anything else that ALTER ROLE would not take: PGO would
// silently use no option at all. The reason never contains a quoted text.
Result<std::string> role_options(std::string_view text);

}  // namespace annals::postgres

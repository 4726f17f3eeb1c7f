// The claim of a cluster that is asked to lead: an entry in its leader's data directory, which the
// other cluster may look at with the rights of Patroni's replication. PostgreSQL leaves that folder
// as it is, and no base backup, pg_rewind or pgBackRest copies what lies in it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace annals::lens {

// An expression of SQL: whether the server that is asked has one.
std::string_view claim_question();
// Whether psql's answer to that says so.
bool read_claim(std::string_view output);

// An expression of SQL: where the claim of the server that is asked lies, as a literal.
std::string_view claim_place();
// Makes it there, or takes it back. In recovery, too.
std::string claim_statement(std::string_view place, bool claims);

}  // namespace annals::lens

// Parameters of PostgreSQL, looked at before they reach Patroni. Patroni leaves out what it does
// not know without a word, and with a value that PostgreSQL refuses the server does not start
// again. What the server of PostgreSQL 15 accepts is accepted here (its guc.c is the rule); ranges
// and kinds of the other versions are the same where both have a parameter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annals::spec {

class Fields;
struct PostgresClusterSpec;

// The remedy for a value that the parameter cannot have; nullopt for a good one, and for a
// parameter that PostgreSQL 15 does not have.
std::optional<std::string> parameter_mistake(std::string_view name, std::string_view value);

// Whether PostgreSQL 15 has it. A name with a dot is an extension's, and known to nobody but it.
bool is_parameter(std::string_view name);

// All of spec.config and of spec.patroni.dynamicConfiguration.
void check_parameters(Fields& fields, const PostgresClusterSpec& spec);

}  // namespace annals::spec

// spec.config: parameters of PostgreSQL, and files for it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "spec/opaque.h"

namespace annals::spec {

class Fields;

struct PostgresConfig {
  Opaque files;  // projections, mounted at /etc/postgres
  std::map<std::string, std::string> parameters;

  friend bool operator==(const PostgresConfig&, const PostgresConfig&) = default;
};

void describe(Fields& fields, PostgresConfig& config);

// Whether the operator alone decides it.
bool is_reserved_parameter(std::string_view name);

}  // namespace annals::spec

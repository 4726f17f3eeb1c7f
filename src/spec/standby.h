// spec.standby: follow another cluster instead of having a primary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace annals::spec {

class Fields;

struct Standby {
  bool enabled = true;
  std::string host;
  std::optional<std::int32_t> port;
  std::string repo_name;

  friend bool operator==(const Standby&, const Standby&) = default;
};

void describe(Fields& fields, Standby& standby);

}  // namespace annals::spec

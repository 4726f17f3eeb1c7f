// spec.standby: follow another cluster instead of having a primary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

// Whether `host` is one of the Services or pods of the cluster itself, with or without its
// namespace.
bool is_host_of(std::string_view host, std::string_view cluster, std::string_view name_space);

}  // namespace annals::spec

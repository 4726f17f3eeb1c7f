// spec.standby: follow another cluster instead of having a primary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annals::spec {

class Fields;

// Annotation of a cluster that follows a server which no operator runs: the Secret with the
// `password` of the role _crunchyrepl there and, in `ca.crt`, what that server's certificate is
// verified with, unless its issuer is the cluster's own.
inline constexpr const char* kStandbyLogin = "postgres-operator.crunchydata.com/standby-login";

inline constexpr std::int32_t kUsualPort = 5432;

struct Standby {
  bool enabled = true;
  std::string host;
  std::optional<std::int32_t> port;
  std::string repo_name;

  std::int32_t port_of_host() const { return port.value_or(kUsualPort); }

  friend bool operator==(const Standby&, const Standby&) = default;
};

void describe(Fields& fields, Standby& standby);

// Whether `host` is one of the Services or pods of the cluster itself, with or without its
// namespace.
bool is_host_of(std::string_view host, std::string_view cluster, std::string_view name_space);

}  // namespace annals::spec

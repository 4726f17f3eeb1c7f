// The values of a user's Secret ({cluster}-pguser-{user}), with the keys and the encoding of PGO: a
// pod that takes them from one of PGO's Secrets sees the same bytes. Pure. Thread-safe: no state.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace annals::postgres {

struct Endpoint {
  std::string host;  // a name or an address; an IPv6 address without brackets
  std::uint16_t port = 5432;
};

struct UserSecret {
  Endpoint primary;                   // {cluster}-primary.{namespace}.svc
  std::optional<Endpoint> bouncer{};  // {cluster}-pgbouncer.{namespace}.svc, when there is one
  std::string user{};
  std::optional<std::string> database{};  // the user's first; without one there are no URIs
  Secret password{};
  Secret verifier{};
};

// postgresql://user:password@host:port/database (RFC 3986, as libpq reads it).
Secret postgresql_uri(const Endpoint& endpoint, std::string_view user, const Secret& password,
                      std::string_view database);

enum class Jdbc : std::uint8_t { kDirect, kThroughBouncer };

// jdbc:postgresql://host:port/database?password=...&user=... (the keys sorted, form-encoded);
// through PgBouncer also prepareThreshold=0, since transaction pooling knows no prepared
// statements.
Secret jdbc_uri(const Endpoint& endpoint, std::string_view user, const Secret& password,
                std::string_view database, Jdbc way = Jdbc::kDirect);

// host, port, user, password, verifier; with a database dbname, uri, jdbc-uri; with PgBouncer
// pgbouncer-host, pgbouncer-port and, again with a database, pgbouncer-uri, pgbouncer-jdbc-uri.
std::map<std::string, Secret> user_secret(const UserSecret& input);

}  // namespace annals::postgres

#include "postgres/sql/connection_uri.h"

#include "base/concat.h"
#include "base/percent_encoding.h"

namespace annals::postgres {
namespace {

// What Go's net/url leaves alone in each part, as PGO writes with it. A slash in a database name is
// encoded nevertheless: PGO leaves it, and drivers then look for another database.
std::string in_user_info(std::string_view text) { return percent_encoded(text, "$&+,;="); }
std::string in_path(std::string_view text) { return percent_encoded(text, "$&+,:;=@"); }

// application/x-www-form-urlencoded
std::string in_form(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == ' ') {
      result += '+';
    } else {
      result += percent_encoded({&c, 1});
    }
  }
  return result;
}

std::string host_and_port(const Endpoint& endpoint) {
  if (endpoint.host.contains(':')) return concat('[', endpoint.host, "]:", endpoint.port);
  return concat(endpoint.host, ':', endpoint.port);
}

}  // namespace

Secret postgresql_uri(const Endpoint& endpoint, std::string_view user, const Secret& password,
                      std::string_view database) {
  return Secret(concat("postgresql://", in_user_info(user), ':', in_user_info(password.reveal()),
                       '@', host_and_port(endpoint), '/', in_path(database)));
}

Secret jdbc_uri(const Endpoint& endpoint, std::string_view user, const Secret& password,
                std::string_view database, Jdbc way) {
  return Secret(concat("jdbc:postgresql://", host_and_port(endpoint), '/', in_path(database),
                       "?password=", in_form(password.reveal()),
                       way == Jdbc::kThroughBouncer ? "&prepareThreshold=0" : "",
                       "&user=", in_form(user)));
}

std::map<std::string, Secret> user_secret(const UserSecret& input) {
  std::map<std::string, Secret> data;
  data["host"] = Secret(input.primary.host);
  data["port"] = Secret(concat(input.primary.port));
  data["user"] = Secret(input.user);
  data["password"] = input.password;
  data["verifier"] = input.verifier;
  if (input.database) {
    data["dbname"] = Secret(*input.database);
    data["uri"] = postgresql_uri(input.primary, input.user, input.password, *input.database);
    data["jdbc-uri"] = jdbc_uri(input.primary, input.user, input.password, *input.database);
  }
  if (!input.bouncer) return data;
  data["pgbouncer-host"] = Secret(input.bouncer->host);
  data["pgbouncer-port"] = Secret(concat(input.bouncer->port));
  if (input.database) {
    data["pgbouncer-uri"] =
        postgresql_uri(*input.bouncer, input.user, input.password, *input.database);
    data["pgbouncer-jdbc-uri"] = jdbc_uri(*input.bouncer, input.user, input.password,
                                          *input.database, Jdbc::kThroughBouncer);
  }
  return data;
}

}  // namespace annals::postgres

#include "tests/integration/actions/with_postgres.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/concat.h"
#include "k8s/text/text.h"
#include "postgres/sql/connection.h"

namespace annals::actions {
namespace {

using Json = nlohmann::json;

std::string answer_of(const Json& object) {
  const std::string body = object.dump();
  return concat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

// One for all: ours, and the copies of whom to trust. The certificate is called localhost and
// nothing else, as one that a user brings may be.
Json secret_with(const postgres::KeyPair& authority) {
  const Result<postgres::KeyPair> brought = postgres::make_leaf(
      authority, {.common_name = "localhost", .dns_names = {"localhost"}}, SystemClock().now());
  return {{"metadata", {{"name", "authority"}, {"uid", "1"}}},
          {"data",
           {{"root.crt", k8s::base64_encoded(authority.certificate)},
            {"root.key", k8s::base64_encoded(authority.key.reveal())},
            {"ca.crt", k8s::base64_encoded(authority.certificate)},
            {"tls.crt", k8s::base64_encoded(brought.value().certificate)}}}};
}

}  // namespace

WithPostgres::WithPostgres()
    : answer_(answer_of(secret_with(server_.ca()))),
      api_({.answer = answer_, .keep_open = true, .requests = 1000}),
      peer_(loop_.get_executor(), clock_, api_.port()) {}

std::string WithPostgres::ask(const std::string& sql) {
  Result<postgres::Connection> connection =
      run(postgres::Connection::connect(server_.as_superuser()));
  if (!connection) throw std::runtime_error(to_string(connection.error()));
  const Result<postgres::Rows> rows = run(connection->query({sql, {}}));
  if (!rows) throw std::runtime_error(to_string(rows.error()));
  return rows->rows.empty() ? std::string() : rows->rows[0][0].value_or("");
}

}  // namespace annals::actions

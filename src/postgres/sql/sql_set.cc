#include "postgres/sql/sql_set.h"

#include <algorithm>
#include <array>
#include <utility>

#include "postgres/sql/password.h"
#include "postgres/sql/role_options.h"
#include "postgres/sql/sql_error.h"
#include "postgres/sql/sql_text.h"

namespace annals::postgres {
namespace {

constexpr std::string_view kSuperuser = "postgres";

// CREATE, CONNECT and TEMPORARY, granted to the role itself and not only to everybody.
constexpr std::string_view kHasAllPrivileges =
    "SELECT d.oid FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a, "
    "pg_catalog.pg_roles r WHERE r.rolname = $1 AND d.datname = $2 AND a.grantee = r.oid "
    "GROUP BY d.oid HAVING pg_catalog.count(DISTINCT a.privilege_type) = 3";

SqlStep create_role(const std::string& name) {
  return {.purpose = concat("create role ", name),
          .sql = Secret(concat("CREATE ROLE ", quote_identifier(name), " LOGIN")),
          .unless = Statement{"SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", {name}}};
}

SqlStep set_options(const std::string& name, const std::string& options) {
  return {.purpose = concat("set options of role ", name),
          .sql = Secret(concat("ALTER ROLE ", quote_identifier(name), " WITH ", options))};
}

SqlStep set_password(const std::string& name, const Secret& verifier) {
  return {.purpose = concat("set password of role ", name),
          .sql = Secret(concat("ALTER ROLE ", quote_identifier(name), " PASSWORD ",
                               quote_literal(verifier.reveal()))),
          .confidential = true,
          .unless = Statement{
              "SELECT 1 FROM pg_catalog.pg_authid WHERE rolname = $1 AND rolpassword = $2",
              {name, std::string(verifier.reveal())}}};
}

SqlStep grant_database(const std::string& name, const std::string& database) {
  return {.purpose = concat("grant database ", database, " to role ", name),
          .sql = Secret(concat("GRANT ALL PRIVILEGES ON DATABASE ", quote_identifier(database),
                               " TO ", quote_identifier(name))),
          .unless = Statement{std::string(kHasAllPrivileges), {name, database}}};
}

// What pg_rewind reads a running server by (its documentation, "Notes").
constexpr std::array<std::string_view, 4> kRewindFunctions{
    "pg_ls_dir(text, boolean, boolean)", "pg_stat_file(text, boolean)", "pg_read_binary_file(text)",
    "pg_read_binary_file(text, bigint, bigint, boolean)"};

SqlStep grant_function(const std::string& name, std::string_view function) {
  const std::string full = concat("pg_catalog.", function);
  return {
      .purpose = concat("grant ", function, " to role ", name),
      .sql = Secret(concat("GRANT EXECUTE ON FUNCTION ", full, " TO ", quote_identifier(name))),
      .unless = Statement{"SELECT 1 WHERE pg_catalog.has_function_privilege($1::pg_catalog.text, "
                          "$2::pg_catalog.text, 'EXECUTE')",
                          {name, full}}};
}

Result<void> check_request(const UserRequest& request) {
  Result<void> name = check_name(request.name);
  if (!name) return name;
  for (const std::string& database : request.databases) {
    Result<void> checked = check_name(database);
    if (!checked) return checked;
  }
  if (request.verifier.empty() || is_verifier(request.verifier)) return {};
  return fail(Errc::kInvalid, "the verifier is neither SCRAM-SHA-256 nor MD5");
}

}  // namespace

Result<SqlSet> ensure_databases(std::span<const std::string> names) {
  SqlSet set{.purpose = "ensure databases", .atomic = false};
  for (const std::string& name : names) {
    const Result<void> checked = check_name(name);
    if (!checked) return fail(checked.error().while_doing(set.purpose));
    set.steps.push_back(
        {.purpose = concat("create database ", name),
         .sql = Secret(concat("CREATE DATABASE ", quote_identifier(name))),
         .unless = Statement{"SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1", {name}},
         .settled_by = std::string(kDuplicateDatabase)});
  }
  return set;
}

Result<SqlSet> ensure_replication_role(std::string_view name) {
  SqlSet set{.purpose = concat("ensure role ", name)};
  const Result<void> checked = check_name(name);
  if (!checked) return fail(checked.error().while_doing(set.purpose));
  const std::string role(name);
  set.steps.push_back(create_role(role));
  set.steps.push_back(
      {.purpose = concat("let role ", name, " replicate"),
       .sql = Secret(concat("ALTER ROLE ", quote_identifier(name), " LOGIN REPLICATION")),
       .unless = Statement{"SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1 AND rolcanlogin "
                           "AND rolreplication",
                           {role}}});
  for (const std::string_view function : kRewindFunctions)
    set.steps.push_back(grant_function(role, function));
  return set;
}

Result<SqlSet> ensure_user(const UserRequest& request) {
  SqlSet set{.purpose = concat("ensure user ", request.name)};
  const Result<void> checked = check_request(request);
  if (!checked) return fail(checked.error().while_doing(set.purpose));
  const bool super = request.name == kSuperuser;
  const Result<std::string> options = role_options(super ? "LOGIN SUPERUSER" : request.options);
  if (!options) return fail(options.error().while_doing(set.purpose));

  set.steps.push_back(create_role(request.name));
  if (!options->empty()) set.steps.push_back(set_options(request.name, *options));
  if (!request.verifier.empty()) set.steps.push_back(set_password(request.name, request.verifier));
  const std::vector<std::string> only{std::string(kSuperuser)};
  for (const std::string& database : super ? only : request.databases) {
    set.steps.push_back(grant_database(request.name, database));
  }
  return set;
}

Result<SqlSet> ensure_user_schema(std::string_view user) {
  constexpr std::array<std::string_view, 3> kTaken{"public", "pgbouncer", "monitor"};
  SqlSet set{.purpose = concat("ensure schema ", user)};
  const Result<void> checked = check_name(user);
  if (!checked) return fail(checked.error().while_doing(set.purpose));
  if (std::ranges::find(kTaken, user) != kTaken.end()) return set;
  const std::string name = quote_identifier(user);
  set.steps.push_back(
      {.purpose = concat("create schema ", user),
       .sql = Secret(concat("CREATE SCHEMA ", name, " AUTHORIZATION ", name)),
       .unless = Statement{"SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1",
                           {std::string(user)}}});
  return set;
}

Result<SqlSet> ensure_extension(std::string_view name, std::string_view schema) {
  SqlSet set{.purpose = concat("ensure extension ", name)};
  const Result<void> checked = check_name(name);
  if (!checked) return fail(checked.error().while_doing(set.purpose));
  const std::string text(name);
  const std::string place = schema.empty() ? "" : concat(" SCHEMA ", quote_identifier(schema));
  set.steps.push_back(
      {.purpose = concat("create extension ", name),
       .sql = Secret(concat("CREATE EXTENSION ", quote_identifier(name), place)),
       .unless = Statement{"SELECT 1 FROM pg_catalog.pg_extension WHERE extname = $1", {text}}});
  set.steps.push_back(
      {.purpose = concat("update extension ", name),
       .sql = Secret(concat("ALTER EXTENSION ", quote_identifier(name), " UPDATE")),
       .unless = Statement{"SELECT 1 FROM pg_catalog.pg_extension e, "
                           "pg_catalog.pg_available_extensions a WHERE e.extname = $1 "
                           "AND a.name = e.extname AND a.default_version = e.extversion",
                           {text}}});
  return set;
}

}  // namespace annals::postgres

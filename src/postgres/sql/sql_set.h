// SQL sets: what a database server should have, as steps that may be run any number of times. Here
// they are built, purely; Connection::run carries them out. Nothing is ever dropped.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace annals::postgres {

// One statement; $1, $2 stand for the parameters, which are sent apart from the text.
struct Statement {
  std::string sql;
  std::vector<std::optional<std::string>> parameters{};
};

struct SqlStep {
  std::string purpose;        // "create role hippo": stands in errors and in the report
  Secret sql{};               // may contain a verifier
  bool confidential = false;  // then a failure tells the SQLSTATE and not the server's words
  std::optional<Statement> unless{};  // the step is done already when this yields a row
  std::string settled_by{};           // a SQLSTATE which says that somebody else was faster
};

struct SqlSet {
  std::string purpose;
  bool atomic = true;  // one transaction; CREATE DATABASE cannot be in one
  std::vector<SqlStep> steps{};
};

// Creates the databases that are missing. kInvalid for a name that cannot be one.
Result<SqlSet> ensure_databases(std::span<const std::string> names);

inline constexpr std::string_view kReplicationRole = "_crunchyrepl";  // in every cluster, as in PGO

// The role with which members of a cluster replicate and rewind, as Patroni makes it where it makes
// the database: one that came from elsewhere may lack it, or parts of it. kInvalid for a bad name.
Result<SqlSet> ensure_replication_role(std::string_view name);

struct UserRequest {
  std::string name;
  std::vector<std::string> databases{};  // exist already; all privileges on them are granted
  std::string options{};                 // as role_options() gives them
  Secret verifier{};  // the password is set to this unless it is already; empty: left alone
};

// Creates the role with LOGIN when it is missing, sets options and password, grants its databases.
// The user "postgres" is always LOGIN SUPERUSER with the database "postgres" and nothing else, as
// in PGO. A set per user: one that fails does not hold back the others. kInvalid for bad names and
// options, and for a verifier that PostgreSQL would take for a password.
Result<SqlSet> ensure_user(const UserRequest& request);

// A schema of the user's own name in the database that the connection is for. No steps for public,
// pgbouncer and monitor, which have an owner and a meaning.
Result<SqlSet> ensure_user_schema(std::string_view user);

// The extension at the newest version that the server has, in the connection's database. An
// extension whose control file names its schema (postgis_topology) wants "" here.
Result<SqlSet> ensure_extension(std::string_view name, std::string_view schema = "public");

}  // namespace annals::postgres

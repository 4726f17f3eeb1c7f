#include "postgres/sql/sql_set.h"

#include <gmock/gmock.h>
#include <libpq-fe.h>
#include <rapidcheck/gtest.h>

#include "postgres/sql/connection_uri.h"
#include "postgres/sql/password.h"
#include "postgres/sql/role_options.h"
#include "postgres/sql/sql_error.h"
#include "postgres/sql/sql_text.h"
#include "tests/integration/postgres/loop.h"
#include "tests/integration/postgres/postgres_server.h"

namespace annals::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

PostgresServer& sql_server() {
  static PostgresServer server;
  return server;
}

Secret verifier_of(const std::string& password) {
  return scram_verifier(Secret(password), generate_salt(system_randomness())).value();
}

class SqlSetTest : public testing::Test {
 protected:
  std::vector<std::string> run(const Result<SqlSet>& set) {
    const Result<SqlReport> report = loop_.run(connection_.run(set.value()));
    EXPECT_TRUE(report) << to_string(report.error());
    return report ? report->done : std::vector<std::string>{};
  }
  Result<SqlReport> attempt(SqlSet set) { return loop_.run(connection_.run(std::move(set))); }

  // The first value of the answer.
  std::string ask(std::string sql, std::vector<std::optional<std::string>> parameters = {}) {
    const Result<Rows> rows = loop_.run(connection_.query({std::move(sql), std::move(parameters)}));
    EXPECT_TRUE(rows) << to_string(rows.error());
    if (!rows || rows->rows.empty()) return "no row";
    return rows->rows.at(0).at(0).value_or("NULL");
  }

  Result<Connection> login(const std::string& user, const std::string& password,
                           const std::string& database = "postgres") {
    return loop_.run(Connection::connect(sql_server().as_user(user, Secret(password), database)));
  }

  Loop loop_;
  Connection connection_ = loop_.run(Connection::connect(sql_server().as_superuser())).value();
};

TEST_F(SqlSetTest, MakesARoleForReplicationOfOneThatHasNeitherRightsNorFunctions) {
  EXPECT_THAT(run(ensure_replication_role("copier")), testing::SizeIs(6));
  EXPECT_THAT(run(ensure_replication_role("copier")), IsEmpty());
  EXPECT_EQ(ask("SELECT rolcanlogin AND rolreplication AND NOT rolsuper FROM pg_roles "
                "WHERE rolname = 'copier'"),
            "t");
  EXPECT_EQ(ask("SELECT has_function_privilege('copier', "
                "'pg_read_binary_file(text, bigint, bigint, boolean)', 'EXECUTE')"),
            "t");
  run(SqlSet{.purpose = "half of it",
             .steps = {{.purpose = "alter", .sql = Secret("ALTER ROLE copier NOREPLICATION")}}});
  EXPECT_THAT(run(ensure_replication_role("copier")), ElementsAre("let role copier replicate"));
}

TEST_F(SqlSetTest, CreatesTheDatabasesThatAreMissingAndThenNothing) {
  const std::vector<std::string> names{"zoo", "Robert'); DROP \"x", "postgres"};
  EXPECT_THAT(run(ensure_databases(names)),
              ElementsAre("create database zoo", "create database Robert'); DROP \"x"));
  EXPECT_THAT(run(ensure_databases(names)), IsEmpty());
  EXPECT_EQ(ask("SELECT count(*) FROM pg_database WHERE datname = $1", {names[1]}), "1");
}

TEST_F(SqlSetTest, TakesADatabaseThatSomebodyElseCreatedFirstForDone) {
  SqlSet set = ensure_databases(std::vector<std::string>{"raced"}).value();
  run(set);
  set.steps.front().unless.reset();
  EXPECT_THAT(run(set), IsEmpty());
}

TEST_F(SqlSetTest, CreatesAUserWhoCanLogInWithTheUriOfItsSecret) {
  run(ensure_databases(std::vector<std::string>{"zoo"}));
  const Secret password = generate_password(PasswordType::kAscii, system_randomness());
  const std::string text(password.reveal());
  const UserRequest request{.name = "rhino",
                            .databases = {"zoo"},
                            .options = "createdb connection limit 3",
                            .verifier = verifier_of(text)};
  EXPECT_THAT(run(ensure_user(request)),
              ElementsAre("create role rhino", "set options of role rhino",
                          "set password of role rhino", "grant database zoo to role rhino"));
  const Secret uri = postgresql_uri({"localhost", sql_server().port()}, "rhino", password, "zoo");
  PGconn* session = PQconnectdb(concat(uri.reveal(), "?sslmode=require").c_str());
  EXPECT_EQ(PQstatus(session), CONNECTION_OK) << PQerrorMessage(session);
  EXPECT_STREQ(PQdb(session), "zoo");
  PQfinish(session);
}

TEST_F(SqlSetTest, DoesNothingMoreForAUserThatIsAsWished) {
  run(ensure_databases(std::vector<std::string>{"zoo"}));
  const UserRequest request{.name = "emu", .databases = {"zoo"}, .verifier = verifier_of("one")};
  run(ensure_user(request));
  EXPECT_THAT(run(ensure_user(request)), IsEmpty());
}

TEST_F(SqlSetTest, ChangesThePasswordToThatOfANewVerifier) {
  run(ensure_user({.name = "lion", .verifier = verifier_of("one")}));
  EXPECT_TRUE(login("lion", "one"));
  EXPECT_THAT(run(ensure_user({.name = "lion", .verifier = verifier_of("zwei ä\u0308")})),
              ElementsAre("set password of role lion"));
  EXPECT_FALSE(login("lion", "one"));
  EXPECT_TRUE(login("lion", "zwei ä\u0308")) << "libpq prepares the password as we do";
}

TEST_F(SqlSetTest, AddsAndTakesAwayOptions) {
  run(ensure_user({.name = "auditor", .options = "SUPERUSER NOLOGIN valid until '2030-01-01'"}));
  EXPECT_EQ(ask("SELECT rolsuper::text || rolcanlogin || extract(year from rolvaliduntil) "
                "FROM pg_roles WHERE rolname = 'auditor'"),
            "truefalse2030");
  run(ensure_user({.name = "auditor", .options = "NOSUPERUSER LOGIN VALID UNTIL 'infinity'"}));
  EXPECT_EQ(ask("SELECT rolsuper::text || rolcanlogin FROM pg_roles WHERE rolname = 'auditor'"),
            "falsetrue");
}

TEST_F(SqlSetTest, KeepsPostgresASuperuserOfOneDatabase) {
  const UserRequest request{.name = "postgres",
                            .databases = {"zoo"},
                            .options = "NOSUPERUSER NOLOGIN",
                            .verifier = verifier_of("secret")};
  EXPECT_THAT(run(ensure_user(request)),
              ElementsAre("set options of role postgres", "set password of role postgres",
                          "grant database postgres to role postgres"));
  EXPECT_EQ(ask("SELECT rolsuper::text || rolcanlogin FROM pg_roles WHERE rolname = 'postgres'"),
            "truetrue");
}

TEST_F(SqlSetTest, GivesAUserASchemaOfItsName) {
  run(ensure_user({.name = "Odd \"name'"}));
  EXPECT_THAT(run(ensure_user_schema("Odd \"name'")), ElementsAre("create schema Odd \"name'"));
  EXPECT_THAT(run(ensure_user_schema("Odd \"name'")), IsEmpty());
  EXPECT_THAT(run(ensure_user_schema("public")), IsEmpty());
}

TEST_F(SqlSetTest, InstallsAnExtensionOnce) {
  EXPECT_THAT(run(ensure_extension("pg_stat_statements")),
              ElementsAre("create extension pg_stat_statements"));
  EXPECT_THAT(run(ensure_extension("pg_stat_statements")), IsEmpty());
}

// What must not get out.

TEST_F(SqlSetTest, LeavesNoVerifierInTheServersLogAndStatistics) {
  run(ensure_extension("pg_stat_statements"));
  const Secret verifier = verifier_of("classified");
  const std::string text(verifier.reveal());
  run(ensure_user({.name = "spy", .verifier = verifier}));
  run(ensure_user({.name = "spy", .verifier = verifier}));
  EXPECT_TRUE(login("spy", "classified"));
  EXPECT_THAT(sql_server().log(), HasSubstr("pg_catalog.set_config")) << "the log works";
  EXPECT_THAT(sql_server().log(), Not(HasSubstr(text)));
  EXPECT_EQ(ask("SELECT count(*) FROM public.pg_stat_statements WHERE query LIKE '%SCRAM-SHA%'"),
            "0");
}

TEST_F(SqlSetTest, LeavesNoVerifierInAnErrorNorInTheLogWhenAStepFails) {
  const std::string text(verifier_of("classified").reveal());
  SqlSet set{.purpose = "ensure user spy"};
  set.steps.push_back({.purpose = "set password of role spy",
                       .sql = Secret(concat("ALTER ROLE spy PASSWORD oops '", text, "'")),
                       .confidential = true});
  const Result<SqlReport> failed = attempt(set);
  ASSERT_FALSE(failed);
  EXPECT_EQ(to_string(failed.error()),
            "invalid: ensure user spy: set password of role spy: SQLSTATE 42601");
  EXPECT_THAT(sql_server().log(), Not(HasSubstr(text)));
}

// Sets that fail.

TEST_F(SqlSetTest, HappensWholeOrNotAtAll) {
  const UserRequest request{
      .name = "okapi", .databases = {"missing"}, .verifier = verifier_of("x")};
  const Result<SqlReport> failed = attempt(ensure_user(request).value());
  ASSERT_FALSE(failed);
  EXPECT_EQ(to_string(failed.error()),
            "not found: ensure user okapi: grant database missing to role okapi: "
            "SQLSTATE 3D000: database \"missing\" does not exist");
  EXPECT_EQ(connection_.last_sqlstate(), "3D000");
  EXPECT_EQ(ask("SELECT count(*) FROM pg_roles WHERE rolname = 'okapi'"), "0");
}

TEST_F(SqlSetTest, NeedsASuperuser) {
  run(ensure_user({.name = "modest", .options = "CREATEROLE", .verifier = verifier_of("x")}));
  Connection modest = login("modest", "x").value();
  const Result<SqlReport> refused = loop_.run(modest.run(ensure_user({.name = "new"}).value()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kForbidden) << "its statements would be logged";
}

TEST_F(SqlSetTest, IsRefusedByAStandby) {
  PostgresServer standby;
  standby.restart_as_standby();
  Connection connection = loop_.run(Connection::connect(standby.as_superuser())).value();
  EXPECT_TRUE(loop_.run(connection.in_recovery()).value());
  const Result<SqlReport> refused = loop_.run(connection.run(ensure_user({.name = "new"}).value()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kUnavailable);
  EXPECT_EQ(connection.last_sqlstate(), kReadOnlyTransaction);
}

// Our quoting against the server's.

// One connection for all the cases of a property.
class Quoting : public testing::Test {
 protected:
  static Result<Rows> query(std::string sql,
                            std::vector<std::optional<std::string>> parameters = {}) {
    static Loop loop;
    static Connection connection =
        loop.run(Connection::connect(sql_server().as_superuser())).value();
    return loop.run(connection.query({std::move(sql), std::move(parameters)}));
  }
  static std::string ask(std::string sql, std::vector<std::optional<std::string>> parameters = {}) {
    return query(std::move(sql), std::move(parameters)).value().rows.at(0).at(0).value();
  }

  // Text that the server can hold: no NUL, and UTF-8.
  static std::string any_text() {
    const auto code_point = rc::gen::oneOf(
        rc::gen::element<std::string>("'", "\"", "\\", "$", ";", "--", "\n", "ä", "\u20ac", "U&"),
        rc::gen::map(rc::gen::inRange<char>(1, 127), [](char c) { return std::string(1, c); }));
    std::string text;
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(code_point)) {
      text += part;
    }
    return text;
  }
};

RC_GTEST_FIXTURE_PROP(Quoting, LiteralsAreThoseOfTheServer, ()) {
  const std::string text = any_text();
  RC_ASSERT(ask("SELECT quote_literal($1)", {text}) == quote_literal(text));
  RC_ASSERT(ask("SELECT " + quote_literal(text)) == text);
}

RC_GTEST_FIXTURE_PROP(Quoting, IdentifiersAreThoseOfTheServerButAlwaysQuoted, ()) {
  const std::string text = any_text().substr(0, 40);
  RC_PRE(check_name(text));
  const std::string theirs = ask("SELECT quote_ident($1)", {text});
  RC_ASSERT(theirs == quote_identifier(text) || "\"" + theirs + "\"" == quote_identifier(text));
  const Result<Rows> rows = query("SELECT 1 AS " + quote_identifier(text));
  RC_ASSERT(rows);
  RC_ASSERT(rows->columns.at(0) == text);
}

RC_GTEST_FIXTURE_PROP(Quoting, RoleOptionsThatWeTakeAreTakenByTheServer, ()) {
  [[maybe_unused]] const Result<Rows> created =
      query("CREATE ROLE optional");  // unless it is there already
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "superuser", "NOSUPERUSER", "Login", "nologin", "createdb", "nocreaterole", "inherit",
      "bypassrls", "replication", "connection limit 5", "CONNECTION LIMIT - 1", "limit",
      "valid until '2030-01-01'", "valid until 'infinity'", "password 'x'",
      "encrypted password 'y'", "password null", "'text'", "7", "in role postgres", "sysid 5",
      "user"));
  std::string text;
  for (const std::string& word : words) text += word + " ";
  const Result<std::string> options = role_options(text);
  // The server is asked for the same, as far as it does not concern the password.
  const Result<Rows> theirs = query(concat("ALTER ROLE optional WITH ", text));
  if (options) {
    RC_ASSERT(!options->contains("PASSWORD"));
    RC_ASSERT(theirs);
    if (!options->empty()) {
      RC_ASSERT(query(concat("ALTER ROLE optional WITH ", *options)));
    }
  } else {
    RC_ASSERT(!theirs || text.contains("user ") || text.contains("- 1"));
  }
}

}  // namespace
}  // namespace annals::postgres

#include "postgres/sql/sql_set.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "postgres/sql/role_options.h"
#include "postgres/sql/sql_text.h"

namespace annals::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kVerifier =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

Secret verifier() { return Secret(std::string(kVerifier)); }

std::vector<std::string> statements(const SqlSet& set) {
  std::vector<std::string> texts;
  texts.reserve(set.steps.size());
  for (const SqlStep& step : set.steps) texts.emplace_back(step.sql.reveal());
  return texts;
}

TEST(EnsureUser, CreatesSetsAndGrantsInThisOrder) {
  const SqlSet set = ensure_user({.name = "rhino",
                                  .databases = {"zoo", "barn"},
                                  .options = "createdb",
                                  .verifier = verifier()})
                         .value();
  EXPECT_TRUE(set.atomic);
  EXPECT_THAT(statements(set),
              ElementsAre(R"(CREATE ROLE "rhino" LOGIN)", R"(ALTER ROLE "rhino" WITH CREATEDB)",
                          concat(R"(ALTER ROLE "rhino" PASSWORD ')", kVerifier, '\''),
                          R"(GRANT ALL PRIVILEGES ON DATABASE "zoo" TO "rhino")",
                          R"(GRANT ALL PRIVILEGES ON DATABASE "barn" TO "rhino")"));
}

TEST(EnsureUser, TreatsTheStepWithTheVerifierAsConfidential) {
  const SqlSet set =
      ensure_user({.name = "rhino", .options = "LOGIN", .verifier = verifier()}).value();
  for (const SqlStep& step : set.steps) {
    EXPECT_EQ(step.confidential, step.sql.reveal().contains(kVerifier)) << step.purpose;
    EXPECT_THAT(step.purpose, Not(HasSubstr(std::string(kVerifier))));
  }
}

TEST(EnsureUser, LeavesThePasswordAloneWithoutAVerifier) {
  EXPECT_THAT(statements(ensure_user({.name = "rhino"}).value()),
              ElementsAre(R"(CREATE ROLE "rhino" LOGIN)"));
}

TEST(EnsureUser, AlwaysMakesPostgresASuperuserOfItsOwnDatabase) {
  const SqlSet set =
      ensure_user({.name = "postgres", .databases = {"zoo"}, .options = "nonsense"}).value();
  EXPECT_THAT(statements(set),
              ElementsAre(R"(CREATE ROLE "postgres" LOGIN)",
                          R"(ALTER ROLE "postgres" WITH LOGIN SUPERUSER)",
                          R"(GRANT ALL PRIVILEGES ON DATABASE "postgres" TO "postgres")"));
}

TEST(EnsureDatabases, IsNotOneTransaction) {
  const SqlSet set = ensure_databases(std::vector<std::string>{"zoo"}).value();
  EXPECT_FALSE(set.atomic);
  EXPECT_EQ(set.steps.at(0).settled_by, "42P04");
}

TEST(EnsureUserSchema, LeavesSchemasWithAMeaningAlone) {
  for (const std::string_view name : {"public", "pgbouncer", "monitor"}) {
    EXPECT_THAT(ensure_user_schema(name).value().steps, IsEmpty());
  }
  EXPECT_THAT(statements(ensure_user_schema("a\"b").value()),
              ElementsAre(R"(CREATE SCHEMA "a""b" AUTHORIZATION "a""b")"));
}

TEST(EnsureExtension, LetsTheControlFileChooseTheSchema) {
  EXPECT_EQ(statements(ensure_extension("pgaudit").value()).at(0),
            R"(CREATE EXTENSION "pgaudit" SCHEMA "public")");
  EXPECT_EQ(statements(ensure_extension("postgis_topology", "").value()).at(0),
            R"(CREATE EXTENSION "postgis_topology")");
}

TEST(RoleOptions, AreNormalizedAndLoseThePassword) {
  const auto read = [](std::string_view text) { return role_options(text).value(); };
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read(" \n"), "");
  EXPECT_EQ(read("superuser  noLogin\tBYPASSRLS"), "SUPERUSER NOLOGIN BYPASSRLS");
  EXPECT_EQ(read("connection limit 5"), "CONNECTION LIMIT 5");
  EXPECT_EQ(read("CONNECTION LIMIT -1"), "CONNECTION LIMIT -1");
  EXPECT_EQ(read("VALID UNTIL 'it''s late'"), "VALID UNTIL 'it''s late'");
  EXPECT_EQ(read("CREATEDB PASSWORD 'x' LOGIN"), "CREATEDB LOGIN");
  EXPECT_EQ(read("ENCRYPTED PASSWORD 'x'"), "");
  EXPECT_EQ(read("PASSWORD NULL"), "");
}

// What is refused.

TEST(RoleOptions, RefuseWhatAlterRoleWouldNotTake) {
  for (const std::string_view text : {"ANY",
                                      "LOGIN; DROP TABLE x",
                                      "LOGIN -- x",
                                      "LOGIN /* x */",
                                      "LOGIN NOLOGIN",
                                      "LOGIN LOGIN",
                                      "CONNECTION LIMIT",
                                      "CONNECTION LIMIT '5'",
                                      "CONNECTION LIMIT 5000000000",
                                      "VALID UNTIL now",
                                      "VALID UNTIL 'open",
                                      "PASSWORD",
                                      "PASSWORD hunter2",
                                      "ENCRYPTED",
                                      "IN ROLE postgres",
                                      "SYSID 5",
                                      "USER postgres",
                                      "5",
                                      "'text'",
                                      "\"LOGIN\"",
                                      "E'x'",
                                      "$$x$$",
                                      "LOGIN,SUPERUSER"}) {
    const Result<std::string> options = role_options(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().code, Errc::kInvalid);
    EXPECT_THAT(options.error().detail, Not(HasSubstr("hunter2")));
  }
  EXPECT_FALSE(role_options(std::string_view("LOGIN\0", 6)));
}

RC_GTEST_PROP(RoleOptions, NeverLetAnythingElseThrough, (const std::string& text)) {
  const Result<std::string> options = role_options(text);
  if (options) RC_ASSERT(!options->contains(';') && role_options(*options).value() == *options);
}

TEST(EnsureUser, RefusesNamesThatPostgresqlWouldCutOrCannotHold) {
  for (const std::string& name :
       {std::string(), std::string(64, 'a'), std::string("a\0b", 3), std::string("\xff"),
        std::string("\xed\xa0\x80"), std::string("\xc0\xaf"), std::string("a\xc3")}) {
    EXPECT_EQ(ensure_user({.name = name}).error().code, Errc::kInvalid);
    EXPECT_FALSE(ensure_user({.name = "x", .databases = {name}}));
    EXPECT_FALSE(ensure_databases(std::vector<std::string>{"x", name}));
    EXPECT_FALSE(ensure_user_schema(name));
    EXPECT_FALSE(ensure_extension(name));
  }
  EXPECT_TRUE(ensure_user({.name = std::string(61, 'a') + "ä"}));
}

TEST(EnsureUser, RefusesAVerifierThatWouldBeTakenForAPassword) {
  const Result<SqlSet> set = ensure_user({.name = "rhino", .verifier = Secret("hunter2")});
  ASSERT_FALSE(set);
  EXPECT_EQ(to_string(set.error()),
            "invalid: ensure user rhino: the verifier is neither SCRAM-SHA-256 nor MD5");
}

}  // namespace
}  // namespace annals::postgres

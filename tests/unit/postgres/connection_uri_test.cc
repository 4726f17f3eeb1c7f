#include "postgres/sql/connection_uri.h"

#include <gmock/gmock.h>
#include <libpq-fe.h>
#include <rapidcheck/gtest.h>

#include <memory>

namespace annals::postgres {
namespace {

using testing::ElementsAre;
using testing::Key;

const Endpoint kPrimary{"hippo-primary.ns.svc", 5432};

std::map<std::string, std::string> revealed(const std::map<std::string, Secret>& data) {
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : data) texts[key] = value.reveal();
  return texts;
}

// What libpq makes of a URI; empty when it refuses it.
std::map<std::string, std::string> read_by_libpq(const Secret& uri) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(std::string(uri.reveal()).c_str(), &problem), PQconninfoFree);
  PQfreemem(problem);
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* option = options.get();
       option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  return values;
}

TEST(UserSecret, HasTheKeysOfPgo) {
  const UserSecret input{.primary = kPrimary,
                         .bouncer = Endpoint{"hippo-pgbouncer.ns.svc", 6432},
                         .user = "rhino",
                         .database = "zoo",
                         .password = Secret("a b&c"),
                         .verifier = Secret("SCRAM-SHA-256$...")};
  EXPECT_EQ(revealed(user_secret(input)),
            (std::map<std::string, std::string>{
                {"host", "hippo-primary.ns.svc"},
                {"port", "5432"},
                {"user", "rhino"},
                {"password", "a b&c"},
                {"verifier", "SCRAM-SHA-256$..."},
                {"dbname", "zoo"},
                {"uri", "postgresql://rhino:a%20b&c@hippo-primary.ns.svc:5432/zoo"},
                {"jdbc-uri",
                 "jdbc:postgresql://hippo-primary.ns.svc:5432/zoo?password=a+b%26c&user=rhino"},
                {"pgbouncer-host", "hippo-pgbouncer.ns.svc"},
                {"pgbouncer-port", "6432"},
                {"pgbouncer-uri", "postgresql://rhino:a%20b&c@hippo-pgbouncer.ns.svc:6432/zoo"},
                {"pgbouncer-jdbc-uri",
                 "jdbc:postgresql://hippo-pgbouncer.ns.svc:6432/"
                 "zoo?password=a+b%26c&prepareThreshold=0&user=rhino"},
            }));
}

TEST(UserSecret, HasNoUriWithoutADatabase) {
  const UserSecret input{.primary = kPrimary, .bouncer = kPrimary, .user = "rhino"};
  EXPECT_THAT(user_secret(input),
              ElementsAre(Key("host"), Key("password"), Key("pgbouncer-host"),
                          Key("pgbouncer-port"), Key("port"), Key("user"), Key("verifier")));
}

TEST(PostgresqlUri, EncodesEveryCharacterOfAGeneratedPasswordAsPgoDoes) {
  const Secret uri = postgresql_uri(kPrimary, "rhino", Secret("()*+,-./:;<=>?@[]^_{|}"), "zoo");
  EXPECT_EQ(uri.reveal(),
            "postgresql://rhino:%28%29%2A+,-.%2F%3A;%3C=%3E%3F%40%5B%5D%5E_%7B%7C%7D"
            "@hippo-primary.ns.svc:5432/zoo");
}

TEST(PostgresqlUri, PutsAnIpv6AddressInBrackets) {
  const Secret uri = postgresql_uri({"fd00::1", 5432}, "u", Secret("p"), "d");
  EXPECT_EQ(uri.reveal(), "postgresql://u:p@[fd00::1]:5432/d");
}

RC_GTEST_PROP(PostgresqlUri, IsReadByLibpqAsItWasWritten, ()) {
  const auto text = rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::suchThat(rc::gen::arbitrary<char>(), [](char c) { return c != '\0'; })));
  const std::string user = *text;
  const std::string password = *text;
  const std::string database = *text;
  const auto read = read_by_libpq(postgresql_uri(kPrimary, user, Secret(password), database));
  RC_ASSERT(read == (std::map<std::string, std::string>{{"user", user},
                                                        {"password", password},
                                                        {"host", kPrimary.host},
                                                        {"port", "5432"},
                                                        {"dbname", database}}));
}

}  // namespace
}  // namespace annals::postgres

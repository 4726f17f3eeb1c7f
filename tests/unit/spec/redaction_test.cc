// I7: whatever a person writes into a resource, no secret of it is recorded.
#include "spec/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "spec/postgres_cluster.h"

namespace annals::spec {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string redacted_text(const std::string& text) {
  return json::parse(redacted(json(text).dump())).get<std::string>();
}

TEST(RedactionTest, TextBehindAWordForASecretIsReplaced) {
  for (const char* text :
       {"host=db password=canary sslmode=require", "password = canary", "PASSWORD 'canary'",
        "ENCRYPTED PASSWORD \"canary\" x", "PGPASSWORD=canary", "ldapbindpasswd=\"canary two\"",
        "radiussecrets='canary'", "postgres://user:canary@host/db", "?user=x&password=canary&y=z",
        "token: canary", "https://canary:canary@host"}) {
    const std::string safe = redacted_text(text);
    EXPECT_THAT(safe, HasSubstr(kRedacted)) << text;
    EXPECT_THAT(safe, Not(HasSubstr(":canary@"))) << safe;
    EXPECT_THAT(safe, Not(HasSubstr("=canary"))) << safe;
    EXPECT_THAT(safe, Not(HasSubstr("'canary"))) << safe;
  }
  EXPECT_EQ(redacted_text("host=db password=canary sslmode=require"),
            "host=db password=******** sslmode=require");
}

TEST(RedactionTest, ShapesOfSecretsAreReplacedWhole) {
  for (const char* text :
       {"-----BEGIN RSA PRIVATE KEY-----\nabc", "x LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t",
        "SCRAM-SHA-256$4096:c2FsdA==$a:b", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"}) {
    EXPECT_EQ(redacted_text(text), kRedacted);
  }
}

TEST(RedactionTest, OrdinaryTextIsLeftAsItIs) {
  for (const char* text :
       {"host all all 10.0.0.0/8 password", "scram-sha-256", "password_encryption", "no password",
        "https://example.com:8080/path", "SUPERUSER CREATEDB", "hippo-pguser-secret",
        "-----BEGIN CERTIFICATE-----"}) {
    EXPECT_EQ(redacted_text(text), text);
  }
}

TEST(RedactionTest, MembersAndVariablesNamedForSecretsAreReplaced) {
  const std::string safe = redacted(R"({"spec":{
    "authentication":{"rules":[{"options":{"ldapbindpasswd":"canary"}}]},
    "backups":{"pgbackrest":{"global":{"repo1-cipher-pass":"canary","repo1-s3-key-secret":"canary",
      "repo1-path":"/kept"}}},
    "instances":[{"containers":[{"env":[{"name":"AWS_SECRET_ACCESS_KEY","value":"canary"},
      {"name":"MY_KEY","value":"/kept/too"},
      {"name":"PGPASSWORD","valueFrom":{"secretKeyRef":{"name":"kept"}}}]}]}],
    "users":[{"name":"a","options":"LOGIN PASSWORD canary"}]}})");
  EXPECT_THAT(safe, Not(HasSubstr("canary")));
  EXPECT_THAT(safe, HasSubstr("/kept"));
  EXPECT_THAT(safe, HasSubstr("/kept/too"));
  EXPECT_THAT(safe, HasSubstr(R"({"name":"kept"})"));
  EXPECT_EQ(redacted(safe), safe) << "once is enough";
  EXPECT_EQ(redacted("no JSON with password=canary"), "\"unreadable\"");
}

// Of Google's storage the same option is a token or, as of a service account, the path of a file.
TEST(RedactionTest, KeysOfObjectStoresAreReplacedAndPathsOfKeysAreNot) {
  const std::string safe = redacted(R"({"spec":{"backups":{"pgbackrest":{"global":{
    "repo1-gcs-key":"/etc/pgbackrest/conf.d/gcs-key.json","repo2-gcs-key":"canary",
    "repo3-azure-key":"/canary==","repo3-azure-key-type":"auto","repo4-s3-key":"canary",
    "repo4-s3-key-type":"web-id","repo4-s3-sse-customer-key":"canary",
    "repo4-storage-ca-file":"/kept/ca.crt"}}}}})");
  EXPECT_THAT(safe, Not(HasSubstr("canary")));
  for (const char* kept : {R"("repo1-gcs-key":"/etc/pgbackrest/conf.d/gcs-key.json")",
                           R"("repo3-azure-key-type":"auto")", R"("repo4-s3-key-type":"web-id")",
                           R"("repo4-storage-ca-file":"/kept/ca.crt")"})
    EXPECT_THAT(safe, HasSubstr(kept));
}

TEST(RedactionTest, ARedactedClusterIsNotActedUponAndSaysWhere) {
  const std::string resource = redacted(R"({"metadata":{"name":"hippo","namespace":"ns"},"spec":{
    "postgresVersion":15,"instances":[{"name":"a","dataVolumeClaimSpec":{"accessModes":
    ["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}],
    "config":{"parameters":{"archive_cleanup_command":"x password=canary"}}}})");
  const Reading reading = read_postgres_cluster(resource);
  const auto mistake = std::ranges::find(
      reading.findings.mistakes, "spec.config.parameters.archive_cleanup_command", &Mistake::field);
  ASSERT_NE(mistake, reading.findings.mistakes.end());
  EXPECT_THAT(mistake->remedy, HasSubstr("reference the Secret"));
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(RedactionTest, NamesOfMembersAreRedactedLikeTexts) {
  const std::string safe = redacted(R"({"spec":{"global":{
    "postgres://user:canary@host/":"x","-----BEGIN PRIVATE KEY-----canary":"y","plain":"z"}}})");
  EXPECT_THAT(safe, Not(HasSubstr("canary")));
  EXPECT_THAT(safe, HasSubstr(R"("plain":"z")"));
  EXPECT_EQ(redacted_places(safe).size(), 2U) << safe;
}

TEST(RedactionTest, AVerifierWithAnyHashIsOne) {
  EXPECT_EQ(redacted_text("SCRAM-SHA-512$4096:c2FsdA==$a:b"), kRedacted);
  EXPECT_EQ(redacted_text("SCRAM-SHA-256 and $1: a parameter"),
            "SCRAM-SHA-256 and $1: a parameter");
}

// As long as a resource can be; it took hours when each secret moved all that stands behind it.
TEST(RedactionTest, ALongTextIsReadOnce) {
  const std::string words = redacted_text(repeated("password=x;", 200'000));
  EXPECT_EQ(words, repeated("password=********;", 200'000));
  const std::string uris = redacted_text(repeated("a://b:c@", 200'000));
  EXPECT_THAT(uris, Not(HasSubstr(":c@")));
}

}  // namespace
}  // namespace annals::spec

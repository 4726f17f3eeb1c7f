#include "journal/secret_shapes.h"

#include <gtest/gtest.h>

#include <string>

namespace annals::journal {
namespace {

TEST(SecretShapes, PrivateKeysAreFound) {
  EXPECT_EQ(find_secret("x -----BEGIN PRIVATE KEY-----\\nMIIE"), "a PEM private key");
  EXPECT_EQ(find_secret("-----BEGIN EC PRIVATE KEY-----"), "a PEM private key");
  EXPECT_EQ(find_secret("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "a PEM private key");
  // "-----BEGIN PRIVATE KEY-----" as a Kubernetes Secret holds it
  EXPECT_EQ(find_secret(R"({"tls.key":"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t"})"),
            "a PEM key in base64");
}

TEST(SecretShapes, ScramVerifiersAreFound) {
  EXPECT_EQ(find_secret("SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy"), "a SCRAM verifier");
}

TEST(SecretShapes, PasswordsInUrisAreFound) {
  EXPECT_EQ(find_secret("postgresql://hippo:pa%2Fss@hippo.ns.svc:5432/hippo"),
            "a password in a URI");
  EXPECT_EQ(find_secret("see http://x/ and then https://u:p@h"), "a password in a URI");
  EXPECT_EQ(find_secret("jdbc:postgresql://u:p@ss@h:1"), "a password in a URI");
}

TEST(SecretShapes, WebTokensAreFound) {
  EXPECT_EQ(find_secret("Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJl"),
            "a JSON web token");
}

TEST(SecretShapes, WhatIsNoSecretPasses) {
  for (const char* text : {
           "",
           "-----BEGIN CERTIFICATE-----",
           "-----BEGIN PUBLIC KEY-----",
           "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
           "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0=",
           "password_encryption is SCRAM-SHA-256",
           R"(SCRAM-SHA-256","log_line_prefix":"$1:")",
           "http://hippo:8008/patroni",
           "https://host:8008/a@b",
           "postgres://user@host:5432/db",
           "postgres://user:********@host/db",
           "eyJ is how a token begins",
           "eyJhbGciOiJSUzI1NiJ9 alone",
           "image: registry/postgres@sha256:abcdef",
       }) {
    EXPECT_EQ(find_secret(text), "") << text;
  }
}

TEST(SecretShapes, AreFoundAtTheVeryEndToo) {
  for (const std::string& text : {"-----BEGIN ", "SCRAM-SHA-", "SCRAM-SHA-256$", "://", "eyJ"}) {
    EXPECT_EQ(find_secret(text), "") << "cut off: " << text;
  }
}

// A payload has up to 4 MiB, and the loop waits for the answer.
// Read more than once, it would take minutes.
#ifdef ANNALS_SANITIZED
constexpr std::size_t kLongPayload = std::size_t{512} << 10U;
#else
constexpr std::size_t kLongPayload = std::size_t{4} << 20U;
#endif

TEST(SecretShapes, ALongPayloadIsReadOnce) {
  for (const std::string_view part :
       {"eyJ", "SCRAM-SHA-", "-----BEGIN ", "LS0tLS1CRUdJTiBQUJ", "://"}) {
    std::string payload;
    while (payload.size() < kLongPayload) payload += part;
    (void)find_secret(payload);
  }
  std::string tokens;
  while (tokens.size() < kLongPayload) tokens += "eyJabcdefgh.";
  EXPECT_EQ(find_secret(tokens), "a JSON web token");
}

}  // namespace
}  // namespace annals::journal

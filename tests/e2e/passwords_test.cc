// A user's password, as its Secret has it: one of the user's own, one with its verifier, one that
// is to be made anew. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kHippo = "hippo";

class Passwords : public Operator {
 protected:
  void SetUp() override { await_ready(kHippo); }

  static void patch(const std::string& text) {
    must_kubectl("patch secret hippo-pguser-hippo --type merge --patch '" + text + "'");
  }
  static std::string secret(const std::string& key) {
    return Operator::secret(kHippo, kHippo, key);
  }
  static bool lets_in(const std::string& password) {
    return kubectl("exec " + primary(kHippo) + " -c database -- env PGPASSWORD='" + password +
                   "' psql 'host=hippo-primary.postgres-operator.svc user=hippo dbname=hippo "
                   "sslmode=verify-full sslrootcert=/pgconf/tls/ca.crt' -XAtc 'select 1'")
               .out == "1";
  }
  static void expect_untold_in(const std::string& source, const std::string& word) {
    const std::string all = must_kubectl(source);
    EXPECT_GT(all.size(), 1000U) << source << " says nothing";
    EXPECT_EQ(all.find(word), std::string::npos) << source;
  }
};

TEST_F(Passwords, OnesOwnIsTakenOverAndTheFormerForgotten) {
  const std::string former = secret("password");
  ASSERT_TRUE(lets_in(former));
  const std::string verifier = secret("verifier");
  patch(R"({"stringData":{"password":"Data:lake/7 and more","verifier":""}})");
  await_true(
      "a way in by the new password", 60s, [] { return lets_in("Data:lake/7 and more"); },
      [] { return conditions(kHippo); });
  EXPECT_FALSE(lets_in(former));
  EXPECT_EQ(secret("password"), "Data:lake/7 and more");
  EXPECT_NE(secret("verifier"), verifier);
  await("hippo's answer", 30s, [] { return psql(kHippo, "select 'by the uri'"); }, "by the uri");
  expect_untold_in("exec deploy/annals -- annals-replay records", "lake/7");
  expect_untold_in("logs deploy/annals", "lake/7");
}

TEST_F(Passwords, RemovedIsMadeAnew) {
  const std::string former = secret("password");
  patch(R"({"data":{"password":"","verifier":""}})");
  await_true(
      "a new password that lets in", 60s,
      [&] {
        const std::string now = secret("password");
        return !now.empty() && now != former && lets_in(now);
      },
      [] { return conditions(kHippo); });
  EXPECT_FALSE(lets_in(former));
  EXPECT_EQ(psql(kHippo, "select 'by the uri'"), "by the uri");
}

}  // namespace
}  // namespace annals::e2e

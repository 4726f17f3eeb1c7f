// The first hour with a cluster, as people are taught it: connect, take something away and see it
// come back, reach the database from outside. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include "support/operator_fixture.h"
#include "support/port_forward.h"

namespace annals::e2e {
namespace {

constexpr const char* kHippo = "hippo";

class Tutorial : public Operator {
 protected:
  void SetUp() override {
    await_ready(kHippo);
    await_streaming(kHippo, 1, 180s);
  }
  static std::string secret(const std::string& key) {
    return Operator::secret(kHippo, kHippo, key);
  }
  // psql of this computer, which Kubernetes knows nothing of.
  static std::string psql_from_here(const std::string& host, const std::string& port,
                                    const std::string& sql) {
    return must("PGPASSWORD='" + secret("password") + "' psql 'host=" + host + " port=" + port +
                " user=hippo dbname=hippo sslmode=require connect_timeout=5' -XAtc \"" + sql +
                "\"");
  }
  static std::string service(const std::string& field) {
    return must_kubectl("get service hippo-ha -o jsonpath='{" + field + "}'");
  }
};

TEST_F(Tutorial, TheSecretSaysHowToConnect) {
  const std::string host = "hippo-primary.postgres-operator.svc";
  EXPECT_EQ(secret("host"), host);
  EXPECT_EQ(secret("port"), "5432");
  EXPECT_EQ(secret("dbname"), kHippo);
  EXPECT_EQ(secret("user"), kHippo);
  EXPECT_EQ(secret("uri").find("postgresql://hippo:"), 0U);
  EXPECT_NE(secret("uri").find("@" + host + ":5432/hippo"), std::string::npos);
  EXPECT_EQ(secret("jdbc-uri").find("jdbc:postgresql://" + host + ":5432/hippo?password="), 0U);
  EXPECT_NE(secret("jdbc-uri").find("&user=hippo"), std::string::npos);
  EXPECT_EQ(psql(kHippo, "select 'by the uri'"), "by the uri");
}

TEST_F(Tutorial, APortIsForwardedToThePrimary) {
  const PortForward forward("postgres-operator", primary(kHippo), "database", 5432);
  await(
      "whether it is the primary", 30s,
      [&] { return psql_from_here("127.0.0.1", forward.port(), "select not pg_is_in_recovery()"); },
      "t", {.details = [&] { return forward.printed(); }});
}

// Beside what two looks of kubectl take, which is long on a busy machine. Once only: who deletes it
// thrice in ten minutes is taken for a fight, and waits.
TEST_F(Tutorial, ADeletedServiceIsSeenAgainWithinASecond) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto asked = now();
  const std::string before = uid("service/hippo-primary");
  const auto look = now() - asked;
  must_kubectl("delete service hippo-primary --timeout 30s");
  const auto deleted = now();
  await(
      "the UID of another Service hippo-primary", 10s, [] { return uid("service/hippo-primary"); },
      testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(before)));
  EXPECT_LT(now() - deleted - 2 * look, 1s);
}

TEST_F(Tutorial, ThePrimaryWithoutItsStatefulSetIsFollowedAndHeals) {
  psql(kHippo,
       "create schema if not exists hippo; create table if not exists hippo.failover as "
       "select 42 as answer");
  const std::string before = primary(kHippo);  // pod/hippo-instance1-abcd-0
  const std::string instance = before.substr(4, before.rfind('-') - 4);
  must_kubectl("delete statefulset " + instance + " --wait=false");
  await(
      "another primary", 90s, [] { return primary(kHippo); },
      testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(before),
                     testing::Not(testing::HasSubstr("\n"))));
  await(
      "what was kept", 30s, [] { return psql(kHippo, "select answer from hippo.failover"); }, "42");
  await_streaming(kHippo, 1, 180s);
  EXPECT_NE(uid("statefulset/" + instance), "");
}

TEST_F(Tutorial, ANodePortOpensTheDatabaseToTheOutside) {
  patch(kHippo, R"({"spec":{"service":{"type":"NodePort","nodePort":32432,"metadata":)"
                R"({"annotations":{"keeper":"anna"},"labels":{"zoo":"north"}}}}})");
  await("the Service's type", 30s, [] { return service(".spec.type"); }, "NodePort");
  EXPECT_EQ(service(".metadata.annotations.keeper"), "anna");
  EXPECT_EQ(service(".metadata.labels.zoo"), "north");
  const std::string node =
      must_kubectl("get nodes -o jsonpath='{.items[0].status.addresses[0].address}'");
  await(
      "whether it is the primary", 30s,
      [&] { return psql_from_here(node, "32432", "select not pg_is_in_recovery()"); }, "t");
  change(kHippo, R"({"op":"remove","path":"/spec/service"})");
  await("the Service's type", 30s, [] { return service(".spec.type"); }, "ClusterIP");
  EXPECT_EQ(service(".metadata.labels.zoo"), "");
}

}  // namespace
}  // namespace annals::e2e

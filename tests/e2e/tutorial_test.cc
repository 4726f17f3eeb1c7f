// The first hour with a cluster, as people are taught it: connect, take something away and see it
// come back, reach the database from outside. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kHippo = "hippo";

class Tutorial : public Operator {
 protected:
  void SetUp() override {
    await_ready(kHippo);
    ASSERT_TRUE(eventually(180s, is_replicated));
  }
  static bool is_replicated() {
    return superuser(kHippo,
                     "select count(*) from pg_stat_replication where state = 'streaming'") == "1";
  }
  static std::string secret(const std::string& key) {
    return must_kubectl("get secret hippo-pguser-hippo -o go-template='{{index .data \"" + key +
                        "\" | base64decode}}'");
  }
  // psql of this computer, which Kubernetes knows nothing of.
  static Output psql_from_here(const std::string& host, const std::string& port,
                               const std::string& sql) {
    return run("PGPASSWORD='" + secret("password") + "' psql 'host=" + host + " port=" + port +
               " user=hippo dbname=hippo sslmode=require connect_timeout=5' -XAtc \"" + sql + "\"");
  }
  static std::string service(const std::string& field) {
    return kubectl("get service hippo-ha -o jsonpath='{" + field + "}'").out;
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
  EXPECT_EQ(psql(kHippo, "select 'by the uri'").out, "by the uri");
}

TEST_F(Tutorial, APortIsForwardedToThePrimary) {
  const Background forward(
      "exec script/cluster kubectl --namespace postgres-operator port-forward " + primary(kHippo) +
          " 25432:5432",
      "/tmp/annals-e2e-tutorial-forward.log");
  Output answer;
  EXPECT_TRUE(eventually(30s,
                         [&] {
                           answer = psql_from_here("127.0.0.1", "25432",
                                                   "select not pg_is_in_recovery()");
                           return answer.out == "t";
                         }))
      << answer.err << forward.printed();
}

// Beside what two looks of kubectl take, which is long on a busy machine. Once only: who deletes it
// thrice in ten minutes is taken for a fight, and waits.
TEST_F(Tutorial, ADeletedServiceIsSeenAgainWithinASecond) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto asked = now();
  const std::string before = uid("service/hippo-primary");
  const auto look = now() - asked;
  must_kubectl("delete service hippo-primary");
  const auto deleted = now();
  EXPECT_TRUE(eventually(10s, [&] {
    const std::string seen = uid("service/hippo-primary");
    return !seen.empty() && seen != before;
  }));
  EXPECT_LT(now() - deleted - 2 * look, 1s);
}

TEST_F(Tutorial, ThePrimaryWithoutItsStatefulSetIsFollowedAndHeals) {
  ASSERT_EQ(psql(kHippo,
                 "create schema if not exists hippo; create table if not exists hippo.failover as "
                 "select 42 as answer")
                .status,
            0);
  const std::string before = primary(kHippo);  // pod/hippo-instance1-abcd-0
  const std::string instance = before.substr(4, before.rfind('-') - 4);
  must_kubectl("delete statefulset " + instance + " --wait=false");
  EXPECT_TRUE(eventually(90s, [&] {
    const std::string now = primary(kHippo);
    return !now.empty() && now != before && now.find('\n') == std::string::npos;
  })) << primary(kHippo);
  EXPECT_TRUE(eventually(
      30s, [] { return psql(kHippo, "select answer from hippo.failover").out == "42"; }));
  EXPECT_TRUE(eventually(180s, is_replicated)) << "the former primary is no replica";
  EXPECT_NE(uid("statefulset/" + instance), "");
}

TEST_F(Tutorial, ANodePortOpensTheDatabaseToTheOutside) {
  must_kubectl(
      "patch postgrescluster hippo --type merge --patch '{\"spec\":{\"service\":{\"type\":"
      "\"NodePort\",\"nodePort\":32432,\"metadata\":{\"annotations\":{\"keeper\":\"anna\"},"
      "\"labels\":{\"zoo\":\"north\"}}}}}'");
  EXPECT_TRUE(eventually(30s, [] { return service(".spec.type") == "NodePort"; }));
  EXPECT_EQ(service(".metadata.annotations.keeper"), "anna");
  EXPECT_EQ(service(".metadata.labels.zoo"), "north");
  const std::string node =
      must_kubectl("get nodes -o jsonpath='{.items[0].status.addresses[0].address}'");
  Output answer;
  EXPECT_TRUE(eventually(30s, [&] {
    answer = psql_from_here(node, "32432", "select not pg_is_in_recovery()");
    return answer.out == "t";
  })) << answer.err;
  must_kubectl(
      "patch postgrescluster hippo --type json --patch '[{\"op\":\"remove\",\"path\":"
      "\"/spec/service\"}]'");
  EXPECT_TRUE(eventually(30s, [] { return service(".spec.type") == "ClusterIP"; }));
  EXPECT_EQ(service(".metadata.labels.zoo"), "");
}

}  // namespace
}  // namespace annals::e2e

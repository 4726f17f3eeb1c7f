// What people write by mistake into a spec, one after the other on a cluster that runs: each is
// named with its cure, by the API server or by the operator in a condition and an Event; the
// cluster goes on when it is mended, and another one never notices. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kWolf = "wolf";

class Mistakes : public Operator {
 protected:
  static void SetUpTestSuite() {
    make_like_hippo(kWolf, "s/replicas: 2/replicas: 1/");
    others_ = pods_of("hippo");
  }
  static void TearDownTestSuite() { Operator::remove(kWolf); }
  void TearDown() override { EXPECT_EQ(pods_of("hippo"), others_) << "another cluster noticed"; }

  static std::string pods_of(const std::string& cluster) {
    return must_kubectl("get pods -l postgres-operator.crunchydata.com/cluster=" + cluster +
                        " --sort-by=.metadata.name -o jsonpath='{.items[*].metadata.uid}'");
  }
  static Output patch(const std::string& operations) {
    return kubectl("patch postgrescluster wolf --type json --patch '[" + operations + "]'");
  }
  static std::string add(const std::string& path, const std::string& value) {
    return R"({"op":"add","path":"/spec/)" + path + R"(","value":)" + value + "}";
  }
  static void remove(const std::string& path) {
    EXPECT_EQ(patch(R"({"op":"remove","path":"/spec/)" + path + R"("})").status, 0);
  }
  static std::string condition(const std::string& type, const std::string& what) {
    return Operator::condition(kWolf, type, what);
  }
  static std::string events() {
    return kubectl(
               "get events.events.k8s.io -o jsonpath='{range "
               ".items[?(@.regarding.name==\"wolf\")]}{.reason} {.note}{\"\\n\"}{end}'")
        .out;
  }
  static void expect_told(const std::string& type, const std::vector<std::string>& words,
                          std::chrono::seconds limit = 30s) {
    for (const std::string& word : words) {
      EXPECT_TRUE(eventually(
          limit, [&] { return condition(type, "message").find(word) != std::string::npos; }))
          << word << " is not in " << type << ": " << condition(type, "message");
    }
  }
  // The spec is refused as a whole by us: nothing is changed, and the old one goes on.
  static void expect_held(const std::vector<std::string>& words) {
    EXPECT_TRUE(eventually(30s, [] { return condition("Progressing", "reason") == "InvalidSpec"; }))
        << condition("Progressing", "message");
    expect_told("Progressing", words);
    for (const std::string& word : words)
      EXPECT_TRUE(eventually(15s, [&] { return events().find(word) != std::string::npos; }))
          << word << " is in no Event: " << events();
    EXPECT_EQ(condition("Ready", "status"), "True");
  }
  static void expect_settled() {
    EXPECT_TRUE(eventually(240s,
                           [] {
                             return condition("Progressing", "reason") == "Settled" &&
                                    condition("Ready", "status") == "True";
                           }))
        << condition("Progressing", "message") << condition("Ready", "message");
    EXPECT_TRUE(eventually(30s, [] { return psql(kWolf, "select 'open'").out == "open"; }));
  }

  static std::string others_;  // hippo's pods
};

std::string Mistakes::others_;

// What a schema can say, the API server does; kubectl shows the field.
TEST_F(Mistakes, OfFormAreRefusedByTheApiServer) {
  const std::string quantity =
      patch(add("instances/0/dataVolumeClaimSpec/resources/requests/storage", "\"a lot\"")).err;
  EXPECT_NE(quantity.find("resources.requests.storage"), std::string::npos) << quantity;
  const std::string version = patch(add("postgresVersion", "9")).err;
  EXPECT_NE(version.find("spec.postgresVersion"), std::string::npos) << version;
  const std::string user = patch(add("users", R"([{"name":"Anna Karenina"}])")).err;
  EXPECT_NE(user.find("spec.users"), std::string::npos) << user;
}

TEST_F(Mistakes, ANodePortOfAnInnerService) {
  ASSERT_EQ(patch(add("service", R"({"type":"ClusterIP","nodePort":32433})")).status, 0);
  expect_held({"spec.service.nodePort is 32433", "set type to NodePort"});
  remove("service");
  expect_settled();
}

TEST_F(Mistakes, SeveralAtOnceAreAllNamed) {
  const std::string parameters = R"({"postgresql":{"parameters":{"work_memm":"7MB",)"
                                 R"("max_connections":"many"}}})";
  ASSERT_EQ(patch(add("patroni", R"({"dynamicConfiguration":)" + parameters + "}")).status, 0);
  expect_held({"work_memm", "max_connections"});
  EXPECT_EQ(superuser(kWolf, "show max_connections"), "100");
  remove("patroni");
  expect_settled();
}

TEST_F(Mistakes, ANameThatIsTooLong) {
  const std::string name = "a-cluster-whose-name-is-longer-than-its-pods-can-bear";
  must("sed 's/name: hippo/name: " + name +
       "/' examples/hippo.yaml | script/cluster kubectl -n postgres-operator apply -f -");
  const auto message = [&] {
    return kubectl("get postgrescluster " + name +
                   " -o jsonpath='{.status.conditions[?(@.type==\"Progressing\")].message}'")
        .out;
  };
  EXPECT_TRUE(eventually(30s, [&] { return message().find("46 characters") != std::string::npos; }))
      << message();
  must_kubectl("delete postgrescluster " + name + " --wait", 60s);
}

TEST_F(Mistakes, AnImageThatIsNotThere) {
  ASSERT_EQ(patch(add("image", R"("localhost/annals/postgres:none")")).status, 0);
  expect_told("Progressing", {"ImagePull"}, 120s);
  remove("image");
  expect_settled();
}

TEST_F(Mistakes, AnAffinityThatNoNodeMeets) {
  const std::string affinity =
      R"({"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":)"
      R"([{"matchExpressions":[{"key":"moon","operator":"Exists"}]}]}}})";
  ASSERT_EQ(patch(add("instances/0/affinity", affinity)).status, 0);
  expect_told("Progressing", {"Unschedulable"}, 120s);
  remove("instances/0/affinity");
  expect_settled();
}

TEST_F(Mistakes, ASecretThatIsMissing) {
  ASSERT_EQ(patch(add("config", R"({"files":[{"secret":{"name":"absent-secret"}}]})")).status, 0);
  expect_told("Progressing", {"absent-secret"}, 120s);
  remove("config");
  expect_settled();
}

TEST_F(Mistakes, AVolumeThatIsToShrink) {
  ASSERT_EQ(
      patch(add("instances/0/dataVolumeClaimSpec/resources/requests/storage", R"("512Mi")")).status,
      0);
  expect_told("PersistentVolumeResizeError", {"volumes do not shrink"});
  EXPECT_EQ(
      patch(add("instances/0/dataVolumeClaimSpec/resources/requests/storage", R"("1Gi")")).status,
      0);
  expect_settled();
}

TEST_F(Mistakes, ABackupToNowhere) {
  ASSERT_EQ(patch(add("backups/pgbackrest/manual", R"({"repoName":"repo3"})")).status, 0);
  must_kubectl(
      "annotate postgrescluster wolf --overwrite "
      "postgres-operator.crunchydata.com/pgbackrest-backup=nowhere");
  expect_told("PGBackRestManualBackupSuccessful", {"repo3", "choose from repo1"});
  remove("backups/pgbackrest/manual");
  must_kubectl(
      "annotate postgrescluster wolf postgres-operator.crunchydata.com/pgbackrest-backup-");
  expect_settled();
}

// The last one, since the operator leaves it alone for five minutes: another tool writes our fields
// again and again. Both writers are named, and what it does is told.
TEST_F(Mistakes, ATugOfWarWithAnotherTool) {
  const auto meddle = [](const std::string& value) {
    must_kubectl(
        "patch service wolf-ha --field-manager argocd-controller --type merge --patch "
        R"('{"metadata":{"labels":{"postgres-operator.crunchydata.com/patroni":")" +
        value + R"("}}}')");
  };
  const auto label = [] {
    return kubectl(
               "get service wolf-ha -o "
               "jsonpath='{.metadata.labels.postgres-operator\\.crunchydata\\.com/patroni}'")
        .out;
  };
  const std::string ours = label();
  for (const char* value : {"one", "two", "three"}) {
    meddle(value);
    EXPECT_TRUE(eventually(30s, [&] { return label() == ours; })) << value << " is not undone";
  }
  meddle("four");
  const std::string fight = "two writers fight over Service/wolf-ha: annals and argocd-controller";
  EXPECT_TRUE(eventually(30s, [&] { return events().find(fight) != std::string::npos; }))
      << events();
  expect_told("Progressing", {fight});
  EXPECT_EQ(label(), "four") << "it is not fought any more";
  EXPECT_NE(replay("why-not Service/wolf-ha").find(fight), std::string::npos);
}

}  // namespace
}  // namespace annals::e2e

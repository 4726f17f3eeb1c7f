// What people write by mistake into a spec, one after the other on a cluster that runs: each is
// named with its cure, by the API server or by the operator in a condition and an Event; the
// cluster goes on when it is mended, and another one never notices. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
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
  static void change(const std::string& operations) { Operator::change(kWolf, operations); }
  // What kubectl says of a change that the API server refuses.
  static std::string refused(const std::string& operations) {
    const Output output =
        kubectl("patch postgrescluster wolf --type json --patch '[" + operations + "]'");
    EXPECT_NE(output.status, 0) << operations;
    return output.err;
  }
  static std::string add(const std::string& path, const std::string& value) {
    return R"({"op":"add","path":"/spec/)" + path + R"(","value":)" + value + "}";
  }
  static void remove(const std::string& path) {
    change(R"({"op":"remove","path":"/spec/)" + path + R"("})");
  }
  static std::string condition(const std::string& type, const std::string& what) {
    return Operator::condition(kWolf, type, what);
  }
  static std::string events() { return Operator::events(kWolf); }
  static void await_told(const std::string& type, const std::vector<std::string>& words,
                         std::chrono::seconds limit = 30s) {
    for (const std::string& word : words) {
      await(
          type + "'s message", limit, [&] { return condition(type, "message"); },
          testing::HasSubstr(word));
    }
  }
  // The spec is refused as a whole by us: nothing is changed, and the old one goes on.
  static void await_held(const std::vector<std::string>& words) {
    await("Progressing's reason", 30s, [] { return condition("Progressing", "reason"); },
          "InvalidSpec", {.details = [] { return conditions(kWolf); }});
    await_told("Progressing", words);
    for (const std::string& word : words)
      await("an Event of wolf", 15s, events, testing::HasSubstr(word));
    EXPECT_EQ(condition("Ready", "status"), "True");
  }
  static void await_mended() {
    await_true(
        "a wolf that is settled and ready", 240s,
        [] {
          return condition("Progressing", "reason") == "Settled" &&
                 condition("Ready", "status") == "True";
        },
        [] { return conditions(kWolf); });
    await("wolf's answer", 30s, [] { return psql(kWolf, "select 'open'"); }, "open");
  }

  static std::string others_;  // hippo's pods
};

std::string Mistakes::others_;

// What a schema can say, the API server does; kubectl shows the field.
TEST_F(Mistakes, OfFormAreRefusedByTheApiServer) {
  const std::string quantity =
      refused(add("instances/0/dataVolumeClaimSpec/resources/requests/storage", "\"a lot\""));
  EXPECT_NE(quantity.find("resources.requests.storage"), std::string::npos) << quantity;
  const std::string version = refused(add("postgresVersion", "9"));
  EXPECT_NE(version.find("spec.postgresVersion"), std::string::npos) << version;
  const std::string user = refused(add("users", R"([{"name":"Anna Karenina"}])"));
  EXPECT_NE(user.find("spec.users"), std::string::npos) << user;
}

TEST_F(Mistakes, ANodePortOfAnInnerService) {
  change(add("service", R"({"type":"ClusterIP","nodePort":32433})"));
  await_held({"spec.service.nodePort is 32433", "set type to NodePort"});
  remove("service");
  await_mended();
}

TEST_F(Mistakes, SeveralAtOnceAreAllNamed) {
  const std::string parameters = R"({"postgresql":{"parameters":{"work_memm":"7MB",)"
                                 R"("max_connections":"many"}}})";
  change(add("patroni", R"({"dynamicConfiguration":)" + parameters + "}"));
  await_held({"work_memm", "max_connections"});
  EXPECT_EQ(superuser(kWolf, "show max_connections"), "100");
  remove("patroni");
  await_mended();
}

TEST_F(Mistakes, ANameThatIsTooLong) {
  const std::string name = "a-cluster-whose-name-is-longer-than-its-pods-can-bear";
  apply_like_hippo(name);
  await(
      "Progressing of it", 30s, [&] { return Operator::condition(name, "Progressing", "message"); },
      testing::HasSubstr("46 characters"));
  Operator::remove(name);
}

TEST_F(Mistakes, AnImageThatIsNotThere) {
  change(add("image", R"("localhost/annals/postgres:none")"));
  await_told("Progressing", {"ImagePull"}, 120s);
  remove("image");
  await_mended();
}

TEST_F(Mistakes, AnAffinityThatNoNodeMeets) {
  const std::string affinity =
      R"({"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":)"
      R"([{"matchExpressions":[{"key":"moon","operator":"Exists"}]}]}}})";
  change(add("instances/0/affinity", affinity));
  await_told("Progressing", {"Unschedulable"}, 120s);
  remove("instances/0/affinity");
  await_mended();
}

TEST_F(Mistakes, ASecretThatIsMissing) {
  change(add("config", R"({"files":[{"secret":{"name":"absent-secret"}}]})"));
  await_told("Progressing", {"absent-secret"}, 120s);
  remove("config");
  await_mended();
}

TEST_F(Mistakes, AVolumeThatIsToShrink) {
  change(add("instances/0/dataVolumeClaimSpec/resources/requests/storage", R"("512Mi")"));
  await_told("PersistentVolumeResizeError", {"volumes cannot shrink"});
  change(add("instances/0/dataVolumeClaimSpec/resources/requests/storage", R"("1Gi")"));
  await_mended();
}

TEST_F(Mistakes, ABackupToNowhere) {
  change(add("backups/pgbackrest/manual", R"({"repoName":"repo3"})"));
  must_kubectl(
      "annotate postgrescluster wolf --overwrite "
      "postgres-operator.crunchydata.com/pgbackrest-backup=nowhere");
  await_told("PGBackRestManualBackupSuccessful", {"repo3", "choose from repo1"});
  remove("backups/pgbackrest/manual");
  must_kubectl(
      "annotate postgrescluster wolf postgres-operator.crunchydata.com/pgbackrest-backup-");
  await_mended();
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
    return must_kubectl(
        "get service wolf-ha -o "
        "jsonpath='{.metadata.labels.postgres-operator\\.crunchydata\\.com/patroni}'");
  };
  const std::string ours = label();
  for (const char* value : {"one", "two", "three"}) {
    meddle(value);
    await(std::string("the label after ") + value, 30s, label, ours);
  }
  meddle("four");
  const std::string fight = "field managers annals and argocd-controller";
  await("an Event of wolf", 30s, events, testing::HasSubstr(fight));
  await_told("Progressing", {fight});
  EXPECT_EQ(label(), "four") << "it is not fought any more";
  EXPECT_NE(replay("why-not Service/wolf-ha").find(fight), std::string::npos);
}

}  // namespace
}  // namespace annals::e2e

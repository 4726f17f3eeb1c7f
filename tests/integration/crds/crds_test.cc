// The CRDs on a real API server: they apply, they explain themselves, the server sets defaults and
// keeps what a newer Kubernetes may put into its own types.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "own_server.h"

namespace annals::e2e {
namespace {

using Crds = OwnServer;

// The least that a cluster needs; `more` goes into its one set of instances.
json minimal(const json& more = json::object()) {
  json set = {
      {"dataVolumeClaimSpec",
       {{"accessModes", {"ReadWriteOnce"}}, {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}};
  set.update(more);
  return {{"apiVersion", "postgres-operator.crunchydata.com/v1beta1"},
          {"kind", "PostgresCluster"},
          {"metadata", {{"name", "hippo"}}},
          {"spec", {{"postgresVersion", 15}, {"instances", json::array({set})}}}};
}

TEST_F(Crds, ApplyInBothWaysAndAreStructural) {
  kubectl_must("apply --force-conflicts --server-side -k crds");
  kubectl_must("apply -k crds");
  const json crds = json::parse(kubectl_must("get crd -o json"));
  ASSERT_EQ(crds.at("items").size(), 2U);
  for (const json& crd : crds.at("items")) {
    for (const json& condition : crd.at("status").at("conditions"))
      EXPECT_EQ(condition.at("status"), "True") << condition;
  }
}

TEST_F(Crds, ExplainThemselves) {
  // The server publishes what it has learnt a moment after the CRD is established.
  const std::string set = await(
      "what kubectl explains", 30s,
      [] { return kubectl_must("explain postgrescluster.spec.instances"); },
      testing::HasSubstr("tablespaceVolumes"));
  EXPECT_NE(set.find("The number of instances, each with its own volumes."), std::string::npos);
  EXPECT_NE(set.find("dataVolumeClaimSpec"), std::string::npos);
  const std::string upgrade = kubectl_must("explain pgupgrade.spec");
  EXPECT_NE(upgrade.find("toPostgresVersion\t<integer> -required-"), std::string::npos) << upgrade;
}

TEST_F(Crds, HaveDefaultsThatTheServerSets) {
  json manifest = minimal({{"name", "a"}});
  manifest["spec"]["patroni"] = json::object();
  manifest["spec"]["service"] = json::object();
  manifest["spec"]["proxy"]["pgBouncer"] = json::object();
  manifest["spec"]["users"] = json::array({{{"name", "rhino"}, {"password", json::object()}}});
  const json spec = created(manifest.dump()).at("spec");
  EXPECT_EQ(spec.at("port"), 5432);
  EXPECT_EQ(spec.at("instances")[0].at("replicas"), 1);
  EXPECT_EQ(spec.at("patroni").at("leaderLeaseDurationSeconds"), 30);
  EXPECT_EQ(spec.at("patroni").at("port"), 8008);
  EXPECT_EQ(spec.at("service").at("type"), "ClusterIP");
  EXPECT_EQ(spec.at("proxy").at("pgBouncer").at("replicas"), 1);
  EXPECT_EQ(spec.at("users")[0].at("password").at("type"), "ASCII");
}

TEST_F(Crds, KeepWhatANewerKubernetesPutsIntoItsOwnTypes) {
  const json manifest = minimal(
      {{"name", "a"},
       {"affinity", {{"podAffinity", json::object()}, {"moonAffinity", {{"phase", "full"}}}}},
       {"tolerations", json::array({{{"key", "a"}, {"patience", 3}}})},
       {"containers",
        json::array({{{"name", "mine"},
                      {"image", "busybox"},
                      {"securityContext", {{"runAsUser", 5}, {"runAsGhost", true}}}}})}});
  const json set = created(manifest.dump()).at("spec").at("instances")[0];
  EXPECT_EQ(set.at("affinity").at("moonAffinity").at("phase"), "full");
  EXPECT_EQ(set.at("tolerations")[0].at("patience"), 3);
  EXPECT_EQ(set.at("containers")[0].at("securityContext").at("runAsGhost"), true);
  EXPECT_EQ(set.at("containers")[0].at("securityContext").at("runAsUser"), 5);
}

TEST_F(Crds, RefuseWhatIsOfTheWrongTypeOrOutOfBounds) {
  const auto refusal = [](const json& manifest) {
    const files::path file = directory_ / "wrong.json";
    std::ofstream(file) << manifest.dump();
    const Output output = kubectl("create --validate=false --dry-run=server -f " + file.string());
    EXPECT_NE(output.status, 0) << manifest;
    // Newer servers name the item, spec.users[0].options, where older ones say spec.users.options.
    return std::regex_replace(output.err, std::regex(R"(\[\d+\])"), "");
  };
  json manifest = minimal({{"replicas", 0}});
  EXPECT_NE(refusal(manifest).find("spec.instances.replicas"), std::string::npos);
  manifest = minimal({{"tolerations", "none"}});
  EXPECT_NE(refusal(manifest).find("spec.instances.tolerations"), std::string::npos);
  manifest = minimal();
  manifest["spec"]["postgresVersion"] = 9;
  EXPECT_NE(refusal(manifest).find("spec.postgresVersion"), std::string::npos);
  manifest = minimal();
  manifest["spec"]["users"] = json::array({{{"name", "a"}, {"options", "x; drop"}}});
  EXPECT_NE(refusal(manifest).find("spec.users.options"), std::string::npos);
  manifest = minimal({{"resources", {{"limits", {{"cpu", "many"}}}}}});
  EXPECT_NE(refusal(manifest).find("limits.cpu"), std::string::npos);
}

TEST_F(Crds, TakeManifestsOfAllKinds) {
  int count = 0;
  for (const auto& entry :
       files::directory_iterator(ANNALS_SOURCE_DIR "/tests/integration/crds/manifests")) {
    const Output output = kubectl("create --dry-run=server -f " + entry.path().string());
    EXPECT_EQ(output.status, 0) << entry.path() << ": " << output.err;
    ++count;
  }
  EXPECT_GE(count, 3);
  kubectl_must("create --dry-run=server -f examples/hippo.yaml");
}

TEST_F(Crds, ShowACluster) {
  kubectl_must("apply -f examples/hippo.yaml");
  const files::path file = directory_ / "status.json";
  std::ofstream(file) << R"({"apiVersion":"postgres-operator.crunchydata.com/v1beta1",
    "kind":"PostgresCluster","metadata":{"name":"hippo","namespace":"default"},"status":{
    "instancesReady":"2/2","patroni":{"primary":"hippo-instance1-abcd-0"},"conditions":[
    {"type":"Ready","status":"True","reason":"PrimaryReady","message":"it is",
     "lastTransitionTime":"2026-01-02T00:00:00Z"}]}})";
  // kubectl before 1.24 cannot write a status; the server can, whoever asks.
  must("set -e; dir=" + directory_.string() +
       "/api-server; curl -fs --cacert $dir/pki/ca.crt --cert $dir/pki/admin.crt --key "
       "$dir/pki/admin.key -X PATCH -H 'Content-Type: application/apply-patch+yaml' "
       "--data-binary @" +
       file.string() +
       " 'https://127.0.0.1:26543/apis/postgres-operator.crunchydata.com/v1beta1/namespaces/"
       "default/postgresclusters/hippo/status?fieldManager=test&force=true'");
  const std::string table = kubectl_must("get pgc | sed -E 's/ +/ /g'");
  EXPECT_EQ(table.substr(0, table.find('\n')), "NAME READY INSTANCES PRIMARY POSTGRES AGE");
  EXPECT_NE(table.find("\nhippo True 2/2 hippo-instance1-abcd-0 15 "), std::string::npos) << table;
  EXPECT_NE(kubectl_must("get pgu 2>&1").find("No resources found"), std::string::npos);
}

}  // namespace
}  // namespace annals::e2e

// Certificates that users bring: of an authority that the operator does not have, for names that no
// Service has, given to a new cluster and to one that runs, and replaced together with their
// authority. Nobody loses a connection that is verified. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kOtter = "otter";

class CustomTls : public Operator {
 protected:
  static void SetUpTestSuite() {
    must_kubectl("delete postgrescluster otter --ignore-not-found --wait", 300s);
    must_kubectl("delete secret otter-own-tls otter-own-replication --ignore-not-found");
    folder_ = must("mktemp --directory");
    make_authority("zoo");
    make_authority("sea");
  }
  static void TearDownTestSuite() {
    must_kubectl("delete postgrescluster otter --wait", 300s);
    must_kubectl("delete secret otter-own-tls otter-own-replication --ignore-not-found");
    must("rm --recursive " + folder_);
    EXPECT_TRUE(eventually(kCollected, [] { return objects_of(kOtter).empty(); }))
        << objects_of(kOtter);
  }

  static std::string in(const std::string& file) { return folder_ + "/" + file; }
  static void make_authority(const std::string& name) {
    must("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=" + name +
         "-authority -keyout " + in(name + ".key") + " -out " + in(name + ".crt"));
  }
  // A Secret with a certificate of this authority; `trusted` is what its ca.crt has.
  static void bring(const std::string& secret, const std::string& authority,
                    const std::string& common_name, const std::string& dns_name,
                    const std::string& trusted) {
    must("cd " + folder_ + " && openssl req -newkey rsa:2048 -nodes -subj /CN=" + common_name +
         " -keyout tls.key -out tls.csr && openssl x509 -req -in tls.csr -CA " + authority +
         ".crt -CAkey " + authority +
         ".key -CAcreateserial -days 20 -extfile <(echo subjectAltName=DNS:" + dns_name +
         ") -out tls.crt && cat " + trusted + " > ca.crt");
    must("script/cluster kubectl --namespace postgres-operator create secret generic " + secret +
         " --from-file=" + in("tls.crt") + " --from-file=" + in("tls.key") +
         " --from-file=" + in("ca.crt") +
         " --dry-run=client -o yaml | script/cluster kubectl --namespace postgres-operator apply "
         "-f -");
  }
  static void apply(const std::string& more) {
    must("sed 's/name: hippo/name: otter/; /^spec:/a " + more +
         "' examples/hippo.yaml | script/cluster kubectl -n postgres-operator apply -f -");
  }
  static std::string message(const std::string& type) {
    return kubectl("get postgrescluster otter -o jsonpath='{.status.conditions[?(@.type==\"" +
                   type + "\")].message}'")
        .out;
  }
  // Who signed the certificate that the leader has for its clients.
  static std::string issuer() {
    return kubectl("exec " + primary(kOtter) +
                   " -c database -- cat /pgconf/tls/tls.crt | openssl x509 -noout -issuer")
        .out;
  }
  static std::string replica_of() {
    return superuser(kOtter,
                     "select client_dn from pg_stat_replication r join pg_stat_ssl s using (pid) "
                     "where r.state = 'streaming'");
  }
  static void expect_settled() {
    EXPECT_TRUE(eventually(420s, [] {
      return message("Progressing") == "all objects are as the spec asks for";
    })) << message("Progressing");
    EXPECT_TRUE(eventually(30s, [] { return replica_of() == "/CN=_crunchyrepl"; })) << replica_of();
  }

  static std::string folder_;
};

std::string CustomTls::folder_;

constexpr const char* kServer = "\\  customTLSSecret: {name: otter-own-tls}";
constexpr const char* kBoth =
    "\\  customTLSSecret: {name: otter-own-tls}\\n"
    "  customReplicationTLSSecret: {name: otter-own-replication}";

// The Secret comes after the cluster, and its certificate has a name that no Service has.
TEST_F(CustomTls, ANewClusterWaitsForItsSecretAndThenServesWithIt) {
  apply(kServer);
  EXPECT_TRUE(eventually(60s, [] {
    return message("Progressing").find("Secret otter-own-tls of spec.customTLSSecret") !=
           std::string::npos;
  })) << message("Progressing");
  bring("otter-own-tls", "zoo", "otter.example.com", "otter.example.com", "zoo.crt");
  await_ready(kOtter);
  EXPECT_NE(issuer().find("zoo-authority"), std::string::npos) << issuer();
  expect_settled();
}

// Pods with the old certificate and pods with the new one have to understand each other meanwhile.
TEST_F(CustomTls, AClusterThatRunsIsGivenACertificateForReplicationOfAnotherAuthority) {
  bring("otter-own-replication", "sea", "_crunchyrepl", "_crunchyrepl", "sea.crt");
  apply(kBoth);
  EXPECT_TRUE(eventually(
      60s, [] { return message("Progressing") != "all objects are as the spec asks for"; }));
  expect_settled();
}

TEST_F(CustomTls, AMistakeInASecretIsNamedAndHarmsNobody) {
  bring("otter-own-tls", "zoo", "otter.example.com", "otter.example.com", "sea.crt");
  must_kubectl("delete secret otter-cluster-cert --wait=false");
  EXPECT_TRUE(eventually(90s, [] {
    return message("Progressing").find("ca.crt is not the authority of tls.crt") !=
           std::string::npos;
  })) << message("Progressing");
  EXPECT_EQ(superuser(kOtter, "select 'open'"), "open");
  bring("otter-own-tls", "zoo", "otter.example.com", "otter.example.com", "zoo.crt sea.crt");
  expect_settled();
}

TEST_F(CustomTls, WithoutThemItServesWithOursAgain) {
  apply("\\  metadata: {annotations: {certificates: ours}}");
  EXPECT_TRUE(eventually(240s, [] {
    return issuer().find("postgres-operator-ca") != std::string::npos;
  })) << issuer();
  expect_settled();
  EXPECT_EQ(psql(kOtter, "select 'verified'").out, "verified");
}

}  // namespace
}  // namespace annals::e2e

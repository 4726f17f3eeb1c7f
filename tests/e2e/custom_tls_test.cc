// Certificates that users bring: of an authority that the operator does not have, for names that no
// Service has, given to a new cluster and to one that runs, and replaced together with their
// authority. Nobody loses a connection that is verified. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kOtter = "otter";
constexpr const char* kAsAsked = "every object is in its desired state";

class CustomTls : public Operator {
 protected:
  static void SetUpTestSuite() {
    remove(kOtter);
    remove_secrets();
    folder_ = must("mktemp --directory");
    make_authority("zoo");
    make_authority("sea");
  }
  static void TearDownTestSuite() {
    must("rm --recursive --force " + folder_);
    remove(kOtter);
    remove_secrets();
  }

  static void remove_secrets() {
    must_kubectl(
        "delete secret otter-own-tls otter-own-replication --ignore-not-found --timeout 60s");
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
    apply("$KUBECTL --namespace postgres-operator create secret generic " + secret +
          " --from-file=" + in("tls.crt") + " --from-file=" + in("tls.key") +
          " --from-file=" + in("ca.crt") + " --dry-run=client -o yaml");
  }
  static void apply_with(const std::string& more) { apply_like_hippo(kOtter, "/^spec:/a " + more); }
  static std::string progress() { return condition(kOtter, "Progressing", "message"); }
  // Who signed the certificate that the leader has for its clients.
  static std::string issuer() {
    return must_kubectl("exec " + primary(kOtter) +
                        " -c database -- cat /pgconf/tls/tls.crt | openssl x509 -noout -issuer");
  }
  static std::string replica_of() {
    return superuser(kOtter,
                     "select client_dn from pg_stat_replication r join pg_stat_ssl s using (pid) "
                     "where r.state = 'streaming'");
  }
  static void await_as_asked() {
    await("Progressing of otter", 420s, progress, kAsAsked,
          {.details = [] { return must_kubectl("get pods -o wide"); }});
    await("by which certificate the replica streams", 30s, replica_of, "/CN=_crunchyrepl");
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
  apply_with(kServer);
  await("Progressing of otter", 60s, progress,
        testing::HasSubstr("Secret otter-own-tls of spec.customTLSSecret"));
  bring("otter-own-tls", "zoo", "otter.example.com", "otter.example.com", "zoo.crt");
  await_ready(kOtter);
  EXPECT_NE(issuer().find("zoo-authority"), std::string::npos) << issuer();
  await_as_asked();
}

// Pods with the old certificate and pods with the new one have to understand each other meanwhile.
TEST_F(CustomTls, AClusterThatRunsIsGivenACertificateForReplicationOfAnotherAuthority) {
  bring("otter-own-replication", "sea", "_crunchyrepl", "_crunchyrepl", "sea.crt");
  apply_with(kBoth);
  await("Progressing of otter", 60s, progress, testing::Ne(kAsAsked));
  await_as_asked();
}

TEST_F(CustomTls, AMistakeInASecretIsNamedAndHarmsNobody) {
  bring("otter-own-tls", "zoo", "otter.example.com", "otter.example.com", "sea.crt");
  must_kubectl("delete secret otter-cluster-cert --wait=false");
  await("Progressing of otter", 90s, progress,
        testing::HasSubstr("ca.crt is not the CA of tls.crt"));
  EXPECT_EQ(superuser(kOtter, "select 'open'"), "open");
  bring("otter-own-tls", "zoo", "otter.example.com", "otter.example.com", "zoo.crt sea.crt");
  await_as_asked();
}

TEST_F(CustomTls, WithoutThemItServesWithOursAgain) {
  apply_with("\\  metadata: {annotations: {certificates: ours}}");
  await("the issuer of the leader's certificate", 240s, issuer,
        testing::HasSubstr("postgres-operator-ca"));
  await_as_asked();
  EXPECT_EQ(psql(kOtter, "select 'verified'"), "verified");
}

}  // namespace
}  // namespace annals::e2e

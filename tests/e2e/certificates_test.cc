// Certificates that the operator signs, when a new one takes the place of an old one: each of the
// servers in a pod shows it within minutes, and nothing is restarted for it. Wants script/demo to
// have run. SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "support/operator_fixture.h"
#include "support/port_forward.h"

namespace annals::e2e {
namespace {

constexpr const char* kGull = "gull";
// A kubelet brings a changed Secret within its sync and its cache's time; the pod looks every five
// seconds.
constexpr auto kUntilShown = 240s;

class Certificates : public Operator {
 protected:
  static void SetUpTestSuite() {
    make_like_hippo(kGull);
    await_settled(kGull);
  }
  static void TearDownTestSuite() { remove(kGull); }

  static std::string replica() {
    return must_kubectl(
        "get pods -o name -l postgres-operator.crunchydata.com/cluster=gull,"
        "postgres-operator.crunchydata.com/role=replica | head -n 1");
  }
  static std::string certs_of(const std::string& pod) {  // "pod/NAME-0" to "NAME-certs"
    const std::string name = pod.substr(pod.find('/') + 1);
    return name.substr(0, name.rfind('-')) + "-certs";
  }
  static std::string serial_in(const std::string& secret, const std::string& key) {
    return must_kubectl("get secret " + secret + " -o json | jq -r '.data[\"" + key +
                        "\"] | @base64d' | openssl x509 -noout -serial");
  }
  // Of the certificate that a server in a pod shows to whoever comes; empty when it shows none.
  static std::string serial_at(const std::string& pod, int port, const std::string& protocol = "") {
    const PortForward forward("postgres-operator", pod, "database", port);
    return run("timeout 10 openssl s_client -connect 127.0.0.1:" + forward.port() + " " + protocol +
               " </dev/null 2>/dev/null | openssl x509 -noout -serial")
        .out;
  }
  // What the pod was given, and what it did about it.
  static std::string given(const std::string& pod) {
    return must_kubectl("exec " + pod +
                        " -c database -- cat '/etc/patroni/~postgres-operator/patroni.crt+key' | "
                        "openssl x509 -noout -serial -startdate") +
           "\n" + must_kubectl("logs --timestamps " + pod + " -c replication-cert-copy") + "\n" +
           must_kubectl("logs --timestamps " + pod + " -c database | tail -n 30");
  }
  static std::string pods() {
    return of_instances(kGull, ".metadata.uid") +
           of_instances(kGull, ".status.containerStatuses[*].restartCount");
  }
};

TEST_F(Certificates, NewOnesAreShownByPodsThatRun) {
  const std::string pod = replica();
  const std::string patroni = certs_of(pod);
  const std::string before = pods();
  const std::string old_server = serial_in("gull-cluster-cert", "tls.crt");
  const std::string old_patroni = serial_in(patroni, "patroni.crt-combined");
  EXPECT_EQ(serial_at(pod, 5432, "-starttls postgres"), old_server);
  EXPECT_EQ(serial_at(pod, 8008), old_patroni);

  // What is not there is made anew, with other keys, as it is in the last third of its validity.
  for (const std::string& secret :
       {std::string("gull-cluster-cert"), std::string("gull-replication-cert"),
        std::string("gull-pgbackrest"), patroni})
    expect_back("secret/" + secret);
  const std::string server = serial_in("gull-cluster-cert", "tls.crt");
  EXPECT_NE(server, old_server);
  await(
      "the serial that PostgreSQL shows", kUntilShown,
      [&] { return serial_at(pod, 5432, "-starttls postgres"); }, server);
  await("the serial that Patroni shows", kUntilShown, [&] { return serial_at(pod, 8008); },
        serial_in(patroni, "patroni.crt-combined"), {.details = [&] { return given(pod); }});
  await(
      "the serial that pgBackRest shows", kUntilShown, [&] { return serial_at(pod, 8432); },
      serial_in(patroni, "pgbackrest-server.crt"));
  EXPECT_EQ(pods(), before) << "a pod or a container was restarted";
}

// With the new ones on all sides: a replica streams anew, the operator asks Patroni, a backup goes
// from the primary to the repository.
TEST_F(Certificates, EverybodyGoesOnWithTheNewOnes) {
  superuser(kGull, "select pg_terminate_backend(pid) from pg_stat_replication");
  await_streaming(kGull, 1);
  patch(kGull, R"({"spec":{"backups":{"pgbackrest":{"manual":{"repoName":"repo1",
                   "options":["--type=incr"]}}}}})");
  annotate(kGull, "pgbackrest-backup=renewed");
  await_condition(kGull, "PGBackRestManualBackupSuccessful", 240s);
  EXPECT_EQ(psql(kGull, "select 'verified'"), "verified");
}

}  // namespace
}  // namespace annals::e2e

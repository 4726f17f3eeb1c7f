// What happens to an operator on a real cluster: its API server is gone, it sleeps past its lease
// while another one leads. Nobody's pods pay for it. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kHippo = "hippo";

// Lets a process run for a tenth of its time only, in bursts, until this ends.
class Slowed {
 public:
  explicit Slowed(const std::string& process)
      : process_(process),
        slower_(must("setsid bash -c 'while kill -STOP " + process +
                     " && sleep 0.27 && kill -CONT " + process +
                     " && sleep 0.03; do :; done' >/dev/null 2>&1 & echo $!")) {}
  Slowed(const Slowed&) = delete;
  Slowed& operator=(const Slowed&) = delete;
  ~Slowed() {
    EXPECT_EQ(run("kill " + slower_).status, 0) << "it was not slow all the while";
    must("kill -CONT " + process_);
  }

 private:
  std::string process_;
  std::string slower_;
};

class Outage : public Operator {
 protected:
  void SetUp() override { await_ready(kHippo); }

  static std::string pods_and_templates() { return Operator::pods_and_templates(kHippo); }
  // The process of this cluster, and of no other on the computer.
  static std::string component(const std::string& name) {
    return must("script/cluster status | awk '$1 == \"control-plane\" && $2 == \"" + name +
                "\" { print $3 }'");
  }
  static std::string holder() {
    return kubectl("get lease annals-leader -o jsonpath={.spec.holderIdentity}").out;
  }
  static void expect_verified() {
    const std::string verdict = replay("verify");
    EXPECT_NE(verdict.find("\n0 differences"), std::string::npos) << verdict;
  }
};

// Longer than every lease and than Patroni's own: its leader steps down, and is elected again.
TEST_F(Outage, OfTheApiServerForAMinute) {
  const std::string before = pods_and_templates();
  const std::string server = component("kube-apiserver");
  must("kill -STOP " + server);
  EXPECT_EQ(run("timeout 60 tail --pid=" + server + " -f /dev/null").status, 124) << "it has ended";
  must("kill -CONT " + server);
  EXPECT_TRUE(eventually(180s, [] { return psql(kHippo, "select 'again'").out == "again"; }));
  must_kubectl("rollout status deployment/annals --timeout 120s", 130s);
  await_ready(kHippo);
  EXPECT_EQ(pods_and_templates(), before);
  expect_verified();
}

// A cluster is made, heals and goes while every write takes long. Nothing is done twice.
TEST_F(Outage, OfAnEtcdThatIsSlow) {
  const std::string before = pods_and_templates();
  {
    const Slowed etcd(component("etcd"));
    make_like_hippo("slowly");
    EXPECT_EQ(psql("slowly", "select 'there'").out, "there");
    expect_back("service/hippo-primary");
    EXPECT_EQ(must_kubectl("get jobs -l postgres-operator.crunchydata.com/cluster=slowly -o name "
                           "| wc -l"),
              "2")
        << "one for the stanza, one for the backup";
    remove("slowly");
  }
  await_ready(kHippo);
  EXPECT_EQ(pods_and_templates(), before);
  expect_verified();
}

// The second has a journal of its own, so it takes over what it finds (I8).
TEST_F(Outage, ASleeperIsFollowedAndDoesNotWriteWhenItWakes) {
  const std::string before = pods_and_templates();
  must(
      "script/cluster kubectl -n postgres-operator get deployment annals -o json | jq '"
      ".metadata = {name: \"annals-second\"} | .status = null |"
      ".spec.selector.matchLabels = {operator: \"second\"} |"
      ".spec.template.metadata.labels = {operator: \"second\"} |"
      ".spec.template.spec.volumes |= map(if .name == \"journal\" then {name, emptyDir: {}} else . "
      "end)' | script/cluster kubectl -n postgres-operator apply -f -");
  const std::string first = holder();
  ASSERT_NE(first, "");
  ASSERT_TRUE(eventually(60s, [] {
    return kubectl("logs deploy/annals-second").out.find("lease") != std::string::npos;
  }));
  const std::string sleeper = process_of("postgres-operator.crunchydata.com/control-plane");
  must("kill -STOP " + sleeper);
  EXPECT_TRUE(eventually(40s, [&] { return !holder().empty() && holder() != first; }));
  must("kill -CONT " + sleeper);
  must_kubectl("rollout status deployment/annals-second --timeout 60s", 70s);
  await_ready(kHippo);
  EXPECT_NE(holder(), first);
  EXPECT_EQ(pods_and_templates(), before);
  const std::string second = must_kubectl("exec deploy/annals-second -- annals-replay verify");
  EXPECT_NE(second.find("\n0 differences"), std::string::npos) << second;
  must_kubectl("delete deployment annals-second --wait");
  must_kubectl("rollout status deployment/annals --timeout 120s", 130s);
  await_ready(kHippo);
  EXPECT_EQ(pods_and_templates(), before);
  expect_verified();
}

// Whoever lost the journal adopts what runs.
TEST_F(Outage, OfTheJournalsVolumeRestartsNothing) {
  const std::string before = pods_and_templates();
  must_kubectl("scale deployment annals --replicas 0");
  must_kubectl(
      "wait --for delete pod -l postgres-operator.crunchydata.com/control-plane --timeout 60s",
      70s);
  must_kubectl("delete persistentvolumeclaim annals-journal");
  must("script/cluster kubectl apply --server-side --force-conflicts -f deploy/operator.yaml");
  must_kubectl("rollout status deployment/annals --timeout 120s", 130s);
  await_ready(kHippo);
  EXPECT_TRUE(eventually(60s, [] {
    return replay("why StatefulSet/" +
                  must_kubectl("get statefulsets -l "
                               "postgres-operator.crunchydata.com/cluster=hippo -o "
                               "jsonpath={.items[0].metadata.name}"))
               .find("exists, and whether it is as asked for is not known") != std::string::npos;
  }));
  EXPECT_EQ(pods_and_templates(), before);
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

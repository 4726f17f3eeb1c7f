// What happens to an operator on a real cluster: its API server is gone, it sleeps past its lease
// while another one leads. Nobody's pods pay for it. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kHippo = "hippo";

// Lets a process run for a tenth of its time only, in bursts, until this ends; or for a quarter of
// an hour, if nobody is left to end it.
class Slowed {
 public:
  explicit Slowed(const std::string& process)
      : process_(process),
        slower_(must("setsid bash -c 'while ((SECONDS < 900)) && kill -STOP " + process +
                     " && sleep 0.27 && kill -CONT " + process +
                     " && sleep 0.03; do :; done' >/dev/null 2>&1 & echo $!")) {}
  Slowed(const Slowed&) = delete;
  Slowed& operator=(const Slowed&) = delete;
  ~Slowed() {
    EXPECT_EQ(run("kill " + slower_).status, 0) << "it was not slow all the while";
    EXPECT_EQ(run("kill -CONT " + process_).status, 0);
  }

 private:
  std::string process_;
  std::string slower_;
};

// A process that sleeps as long as this lives; or for two minutes, if nobody is left to wake it.
class Sleeping {
 public:
  explicit Sleeping(std::string process)
      : process_(std::move(process)),
        waker_(must("kill -STOP " + process_ + " && { setsid bash -c 'sleep 120; kill -CONT " +
                    process_ + "' >/dev/null 2>&1 & echo $!; }")) {}
  Sleeping(const Sleeping&) = delete;
  Sleeping& operator=(const Sleeping&) = delete;
  ~Sleeping() {
    EXPECT_EQ(run("kill " + waker_).status, 0) << "it did not sleep all the while";
    EXPECT_EQ(run("kill -CONT " + process_).status, 0);
  }

 private:
  std::string process_;
  std::string waker_;
};

// Stops a process for as long, whatever becomes of the test, and waits until it goes on.
void stop_for(const std::string& process, std::chrono::seconds time) {
  must("setsid bash -c 'kill -STOP " + process + "; sleep " + std::to_string(time.count()) +
       "; kill -CONT " + process + "' >/dev/null 2>&1 &");
  const auto state = [&] { return must("cut -d ' ' -f 3 /proc/" + process + "/stat"); };
  await("process " + process, 10s, state, "T");
  await("process " + process, time + 10s, state, testing::Ne("T"));
}

class Outage : public Operator {
 protected:
  void SetUp() override { await_ready(kHippo); }
  void TearDown() override {
    // What a test has left that ended half-way.
    remove_the_second();
    must_kubectl("scale deployment annals --replicas 1");
    await_rolled_out("deployment/annals");
  }

  static std::string pods_and_templates() { return Operator::pods_and_templates(kHippo); }
  // The process of this cluster, and of no other on the computer.
  static std::string component(const std::string& name) {
    return must("script/cluster status | awk '$1 == \"control-plane\" && $2 == \"" + name +
                "\" { print $3 }'");
  }
  static std::string holder() {
    return must_kubectl("get lease annals-leader -o jsonpath={.spec.holderIdentity}");
  }
  static void remove_the_second() {
    must_kubectl("delete deployment annals-second --ignore-not-found --wait=false");
    await(
        "pods of annals-second", 120s,
        [] { return must_kubectl("get pods -o wide --no-headers -l operator=second"); },
        testing::IsEmpty());
  }
};

// Longer than every lease and than Patroni's own: its leader steps down, and is elected again.
TEST_F(Outage, OfTheApiServerForAMinute) {
  const std::string before = pods_and_templates();
  stop_for(component("kube-apiserver"), 60s);
  await("hippo's answer", 180s, [] { return psql(kHippo, "select 'again'"); }, "again");
  await_rolled_out("deployment/annals");
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
    EXPECT_EQ(psql("slowly", "select 'there'"), "there");
    expect_back("service/hippo-primary");
    EXPECT_EQ(count("jobs", "slowly"), "2") << "one for the stanza, one for the backup";
    remove("slowly");
  }
  await_ready(kHippo);
  EXPECT_EQ(pods_and_templates(), before);
  expect_verified();
}

// The second has a journal of its own, so it takes over what it finds (I8).
TEST_F(Outage, ASleeperIsFollowedAndDoesNotWriteWhenItWakes) {
  const std::string before = pods_and_templates();
  apply(
      "$KUBECTL -n postgres-operator get deployment annals -o json | jq '"
      ".metadata = {name: \"annals-second\"} | .status = null |"
      ".spec.selector.matchLabels = {operator: \"second\"} |"
      ".spec.template.metadata.labels = {operator: \"second\"} |"
      ".spec.template.spec.volumes |= map(if .name == \"journal\" then {name, emptyDir: {}} else . "
      "end)'");
  const std::string first = holder();
  ASSERT_NE(first, "");
  await(
      "the log of annals-second", 60s, [] { return must_kubectl("logs deploy/annals-second"); },
      testing::HasSubstr("lease"));
  const std::string sleeper = process_of("postgres-operator.crunchydata.com/control-plane");
  {
    const Sleeping asleep(sleeper);
    await("another holder of the lease than " + first, 40s, holder,
          testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(first)));
  }
  await_rolled_out("deployment/annals-second", 60s);
  await_ready(kHippo);
  EXPECT_NE(holder(), first);
  EXPECT_EQ(pods_and_templates(), before);
  EXPECT_THAT(must_kubectl("exec deploy/annals-second -- annals-replay verify"),
              testing::HasSubstr("\n0 differences"));
  remove_the_second();
  await_rolled_out("deployment/annals");
  await_ready(kHippo);
  EXPECT_EQ(pods_and_templates(), before);
  expect_verified();
}

// Whoever lost the journal adopts what runs.
TEST_F(Outage, OfTheJournalsVolumeRestartsNothing) {
  const std::string before = pods_and_templates();
  stop_the_operator();
  must_kubectl("delete persistentvolumeclaim annals-journal --timeout 60s");
  must("$KUBECTL apply --server-side --force-conflicts -f deploy/operator.yaml");
  await_rolled_out("deployment/annals");
  await_ready(kHippo);
  const std::string set = must_kubectl(
      "get statefulsets -l postgres-operator.crunchydata.com/cluster=hippo -o "
      "jsonpath={.items[0].metadata.name}");
  await(
      "why StatefulSet/" + set, 60s, [&] { return replay("why StatefulSet/" + set); },
      testing::HasSubstr("already exists; applying the desired state to adopt it"));
  EXPECT_EQ(pods_and_templates(), before);
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

// A cluster whose Patroni keeps its state in ConfigMaps: made, led by another, rolled and deleted
// as any other, and written to through the Service of its primary throughout. Wants script/demo to
// have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/operator_fixture.h"
#include "support/writer.h"

namespace annals::e2e {
namespace {

constexpr const char* kGecko = "gecko";
// Of sed, for the example's manifest.
constexpr const char* kInConfigMaps =
    R"(s/^  name: gecko$/&\n  annotations: {postgres-operator.crunchydata.com\/patroni-store: configmaps}/)";

class PatroniStore : public Operator {
 protected:
  static void SetUpTestSuite() { make_like_hippo(kGecko, kInConfigMaps); }
  static void TearDownTestSuite() { remove(kGecko); }

  // Of what bears the cluster's label.
  static std::string names(const std::string& kind) {
    return must_kubectl("get " + kind +
                        " -l postgres-operator.crunchydata.com/cluster=gecko -o json | jq -r "
                        "'[.items[].metadata.name] | sort | join(\" \")'");
  }
  // Those of that kind in which Patroni keeps anything.
  static std::string with_state(const std::string& kind) {
    return must_kubectl("get " + kind +
                        " -l postgres-operator.crunchydata.com/cluster=gecko -o json | jq -r "
                        "'[.items[] | select(.metadata.annotations // {} | has(\"leader\") or "
                        "has(\"initialize\") or has(\"config\")) | .metadata.name] | sort | "
                        "join(\" \")'");
  }
  // As kubectl names a pod.
  static std::string holder_of_the_lock() {
    return "pod/" +
           must_kubectl(
               "get configmap gecko-ha-leader -o jsonpath='{.metadata.annotations.leader}'");
  }
  // Where the Service of the leader ends: names of pods.
  static std::string behind_the_service() {
    return must_kubectl(
        "get endpointslices -l kubernetes.io/service-name=gecko-ha -o json | jq -r "
        "'[.items[].endpoints[]? | select(.conditions.ready) | \"pod/\" + .targetRef.name] | "
        "unique | join(\" \")'");
  }
  static void expect_led_as_everybody_says() {
    await("the lock of gecko, as its leader's label says", 120s, holder_of_the_lock,
          testing::Eq(primary(kGecko)), {.details = [] { return conditions(kGecko); }});
    await("the pod behind Service gecko-ha", 120s, behind_the_service,
          testing::Eq(holder_of_the_lock()), {.details = [] { return conditions(kGecko); }});
  }
};

TEST_F(PatroniStore, IsInConfigMapsAlone) {
  EXPECT_EQ(with_state("configmaps"), "gecko-ha-config gecko-ha-leader");
  EXPECT_EQ(with_state("endpoints"), "");
  EXPECT_EQ(must_kubectl("get endpoints gecko-ha-config --ignore-not-found -o name"), "");
  EXPECT_EQ(must_kubectl("get role gecko-instance -o json | jq -r "
                         "'[.rules[].resources[]] | sort | join(\" \")'"),
            "configmaps pods");
  EXPECT_EQ(condition(kGecko, "PatroniStoreDiffers", "status"), "");
  await_streaming(kGecko, 1);
  expect_led_as_everybody_says();
}

TEST_F(PatroniStore, LetsClientsFollowASwitchover) {
  Writer writer(kGecko, "node1");
  await_true(
      "rows through gecko-primary", 120s, [&] { return writer.acknowledged() > 0; },
      [] { return conditions(kGecko); });
  const std::string before = primary(kGecko);
  patch(kGecko, R"({"metadata":{"annotations":{"postgres-operator.crunchydata.com/)"
                R"(trigger-switchover":"1"}},"spec":{"patroni":{"switchover":{"enabled":true}}}})");
  await("another leader of gecko", 120s, [] { return primary(kGecko); },
        testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(before)),
        {.details = [] { return conditions(kGecko); }});
  await_settled(kGecko);
  expect_led_as_everybody_says();
  const long rows = writer.acknowledged();
  await_true(
      "rows by the new leader", 60s, [&] { return writer.acknowledged() > rows; },
      [] { return conditions(kGecko); });
  const std::size_t acknowledged = writer.stop().size();
  EXPECT_GE(std::stol(psql(kGecko, "select count(*) from " + writer.table())),
            static_cast<long>(acknowledged));
}

TEST_F(PatroniStore, RollsItsPodsOneAfterTheOther) {
  const std::string before = of_instances(kGecko, ".metadata.uid");
  patch(kGecko, R"({"spec":{"metadata":{"annotations":{"example.com/rolled":"once"}}}})");
  await("other pods of gecko", 400s, [] { return of_instances(kGecko, ".metadata.uid"); },
        testing::Ne(before), {.details = [] { return conditions(kGecko); }});
  await_settled(kGecko);
  await_ready(kGecko);
  await_streaming(kGecko, 1);
  expect_led_as_everybody_says();
  EXPECT_EQ(with_state("endpoints"), "");
}

TEST_F(PatroniStore, DoesNotChangeWithTheAnnotation) {
  const std::string before = pods_and_templates(kGecko);
  annotate(kGecko, "patroni-store=endpoints");
  await(
      "PatroniStoreDiffers of gecko", 60s,
      [] { return condition(kGecko, "PatroniStoreDiffers", "message"); },
      testing::HasSubstr("kubectl delete --ignore-not-found configmaps gecko-ha-leader"));
  EXPECT_EQ(pods_and_templates(kGecko), before);
  annotate(kGecko, "patroni-store=configmaps");
  await(
      "no PatroniStoreDiffers of gecko", 60s,
      [] { return condition(kGecko, "PatroniStoreDiffers", "status"); }, testing::IsEmpty());
}

// In the order of operations.md.
TEST_F(PatroniStore, GoesOverByAFullStop) {
  annotate(kGecko, "patroni-store=endpoints");
  patch(kGecko, R"({"spec":{"shutdown":true}})");
  await("no pod of an instance", 300s, [] { return of_instances(kGecko, ".metadata.name"); },
        testing::IsEmpty(), {.details = [] { return conditions(kGecko); }});
  must_kubectl(
      "delete --ignore-not-found configmaps gecko-ha-leader gecko-ha-config gecko-ha-failover "
      "gecko-ha-sync");
  await(
      "no PatroniStoreDiffers of gecko", 60s,
      [] { return condition(kGecko, "PatroniStoreDiffers", "status"); }, testing::IsEmpty());
  patch(kGecko, R"({"spec":{"shutdown":false}})");
  await_settled(kGecko);
  await_ready(kGecko);
  await_streaming(kGecko, 1);
  EXPECT_EQ(with_state("endpoints"), "gecko-ha gecko-ha-config");
  EXPECT_EQ(with_state("configmaps"), "");
  EXPECT_EQ(try_psql(kGecko, "select 1").out, "1");
}

TEST_F(PatroniStore, LeavesNothingBehind) {
  remove(kGecko);
  make_like_hippo(kGecko, kInConfigMaps);
  remove(kGecko);
  EXPECT_EQ(names("configmaps"), "");
  EXPECT_EQ(names("endpoints"), "");
}

}  // namespace
}  // namespace annals::e2e

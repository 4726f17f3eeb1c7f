// The node of the primary loses its network in the middle of an operation, and the repository host
// is on that node as well. With synchronous replication no commit that a client was told of is
// lost, one primary is left, and the operation ends when the cable is back, or says what it waits
// for until then. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/node_off.h"
#include "support/operator_fixture.h"
#include "support/writer.h"

namespace annals::e2e {
namespace {

constexpr const char* kOtter = "otter";

// Of sed, for the example's manifest. The default spread is a wish, and there has to be an instance
// on the node that is cut off.
constexpr std::string_view kOneOnEachNode =
    R"(s/^      replicas: 2/      replicas: 3\n      affinity: {podAntiAffinity: )"
    R"({requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io\/hostname, )"
    R"(labelSelector: {matchLabels: {postgres-operator.crunchydata.com\/cluster: otter, )"
    R"(postgres-operator.crunchydata.com\/instance-set: instance1}}}]}}/)";

class CutOff : public Operator {
 protected:
  static void SetUpTestSuite() {
    cut_node_ = another_node_than(node_of_the_operator());
    make_like_hippo(kOtter, std::string(kOneOnEachNode) + "; " + repo_host_on(cut_node_));
    patch(kOtter, R"({"spec":{"patroni":{"dynamicConfiguration":{"synchronous_mode":true},)"
                  R"("switchover":{"enabled":true}}}})");
    await_settled(kOtter);
  }
  static void TearDownTestSuite() { remove(kOtter); }
  void SetUp() override {
    await_settled(kOtter);
    await_replication();
    lead_on_the_cut_node();
  }

  static std::string node_of(const std::string& pod) {
    return must_kubectl("get " + pod + " -o jsonpath={.spec.nodeName}");
  }
  static std::string node_of_the_operator() {
    return must_kubectl(
        "get pods -l postgres-operator.crunchydata.com/control-plane -o "
        "jsonpath='{.items[0].spec.nodeName}'");
  }
  static std::vector<std::string> pods() {
    std::istringstream names(
        named("pods", kOtter, ",postgres-operator.crunchydata.com/instance-set"));
    return {std::istream_iterator<std::string>(names), {}};
  }
  static void await_replication() {
    await("how many replicas are synchronous", 180s,
          [] {
            return superuser(kOtter,
                             "select count(*) from pg_stat_replication where sync_state = 'sync'");
          },
          "1", {.details = [] {
            return superuser(kOtter,
                             "select application_name, state, sync_state from pg_stat_replication");
          }});
  }
  static void ask_for_switchover(const std::string& name) {
    annotate(kOtter, "trigger-switchover=" + name);
  }
  static std::string decisions() {
    return replay("timeline --cluster postgres-operator/otter --kind decision");
  }
  // An operator that is cut off as well has nothing to say.
  static std::string another_node_than(const std::string& node) {
    std::istringstream nodes(
        must_kubectl("get nodes -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'"));
    for (std::string other; nodes >> other;) {
      if (other != node) return other;
    }
    ADD_FAILURE() << "the cluster has no other node than " << node;
    return {};
  }
  // Of sed, for the example's manifest.
  static std::string repo_host_on(const std::string& node) {
    return R"(s/^    pgbackrest:/&\n      repoHost: {affinity: {nodeAffinity: )"
           R"({requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: )"
           R"([{matchExpressions: [{key: kubernetes.io\/hostname, operator: In, values: [)" +
           node + "]}]}]}}}}/";
  }
  static void lead_on_the_cut_node() {
    if (node_of(primary(kOtter)) == cut_node_) return;
    std::string target;
    for (const std::string& pod : pods()) {
      if (node_of(pod) == cut_node_) target = pod;
    }
    ASSERT_NE(target, "") << "no instance is on " << cut_node_;
    // Forced: who is not the synchronous standby takes over in no other way, and nobody writes now.
    target_switchovers(R"("Failover")",
                       '"' +
                           must_kubectl("get " + target +
                                        " -o jsonpath='{.metadata.labels."
                                        "postgres-operator\\.crunchydata\\.com/instance}'") +
                           '"');
    static int asked = 0;  // each request has its own name
    ask_for_switchover("to-the-cut-node-" + std::to_string(++asked));
    await("the primary", 120s, [] { return primary(kOtter); }, target,
          {.details = [] { return conditions(kOtter); }});
    target_switchovers("null", "null");
    await_settled(kOtter);
    await_replication();
  }
  static void target_switchovers(const std::string& type, const std::string& instance) {
    patch(kOtter, R"({"spec":{"patroni":{"switchover":{"type":)" + type + R"(,"targetInstance":)" +
                      instance + "}}}}");
  }

  // While the node is cut off: others take writes again, or the status says why nobody does.
  static void expect_led_or_told(const Writer& writer) {
    const long before = writer.acknowledged();
    const auto start = std::chrono::steady_clock::now();
    const bool led = eventually(90s, [&] { return writer.acknowledged() > before + 100; });
    std::cout << (led ? "writes go on" : "no write goes on") << " after "
              << std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() -
                                                                  start)
              << "\n";
    if (led) return;
    EXPECT_EQ(condition(kOtter, "Ready", "reason"), "NoPrimary")
        << must_kubectl("get postgrescluster otter -o yaml");
  }
  // No wait is silent.
  static void expect_ended_or_told() {
    const std::string waits = condition(kOtter, "Progressing", "message");
    EXPECT_NE(waits, "");
    if (condition(kOtter, "Progressing", "status") == "True") {
      const std::string blockers = replay("blockers --cluster postgres-operator/otter");
      EXPECT_NE(blockers.find("otter"), std::string::npos) << blockers << waits;
    }
  }
  static void expect_one_primary() {
    int primaries = 0;
    for (const std::string& pod : pods()) {
      const std::string is_replica =
          kubectl("exec " + pod + " -c database -- psql -XAtc 'select pg_is_in_recovery()'").out;
      EXPECT_NE(is_replica, "") << pod << " does not answer";
      if (is_replica == "f") ++primaries;
    }
    EXPECT_EQ(primaries, 1);
    EXPECT_EQ(primary(kOtter).find('\n'), std::string::npos) << primary(kOtter);
  }
  static void expect_nothing_lost(Writer& writer) {
    const std::set<long> acknowledged = writer.stop();
    std::istringstream rows(must_kubectl("exec " + primary(kOtter) +
                                         " -c database -- psql -d otter -XAtc 'select id from " +
                                         writer.table() + "'"));
    std::set<long> there;
    for (long row = 0; rows >> row;) there.insert(row);
    std::vector<long> lost;
    std::ranges::set_difference(acknowledged, there, std::back_inserter(lost));
    EXPECT_TRUE(lost.empty()) << lost.size() << " of " << acknowledged.size()
                              << " acknowledged rows are lost, the first is " << lost.front();
    EXPECT_GT(acknowledged.size(), 200U);
    std::cout << acknowledged.size() << " rows were acknowledged, " << there.size()
              << " are there\n";
  }

  void cut_in_the_middle_of(const std::function<void()>& operation,
                            const std::function<std::string()>& look, const Wanted& the_middle) {
    Writer writer(kOtter, node_of_the_operator());
    operation();
    await("the middle of it", 180s, look, the_middle,
          {.details = [] { return conditions(kOtter); }});
    {
      const NodeCut cut(cut_node_);
      expect_led_or_told(writer);
      expect_ended_or_told();
    }
    await_settled(kOtter);
    await_replication();
    expect_one_primary();
    expect_nothing_lost(writer);
    expect_verified();
  }

  static std::string cut_node_;  // the primary's, and the repository host's
};

std::string CutOff::cut_node_;

TEST_F(CutOff, InTheMiddleOfARollingUpdate) {
  const auto purposes = [] { return of_instances(kOtter, ".metadata.annotations.purpose"); };
  cut_in_the_middle_of(
      [] { patch(kOtter, R"({"spec":{"metadata":{"annotations":{"purpose":"cut"}}}})"); }, purposes,
      testing::HasSubstr("cut"));
  EXPECT_EQ(purposes(), "cut,cut,cut,");
}

TEST_F(CutOff, InTheMiddleOfASwitchover) {
  cut_in_the_middle_of([] { ask_for_switchover("cut"); }, decisions,
                       testing::HasSubstr("trigger-switchover: cut"));
}

// The last one: two instances are left.
TEST_F(CutOff, InTheMiddleOfAScaleDown) {
  cut_in_the_middle_of([] { scale(kOtter, 2); }, decisions, testing::HasSubstr("retire-instance"));
  EXPECT_EQ(pods().size(), 2U);
}

}  // namespace
}  // namespace annals::e2e

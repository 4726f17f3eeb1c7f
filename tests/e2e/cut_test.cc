// The node of the primary loses its network in the middle of an operation, and the repository host
// is on that node as well. With synchronous replication no commit that a client was told of is
// lost, one primary is left, and the operation ends when the cable is back, or says what it waits
// for until then. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

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

// A node without a network, as long as this lives.
class Cut {
 public:
  explicit Cut(std::string node) : node_(std::move(node)) {
    must("script/cluster node isolate " + node_);
  }
  ~Cut() { must("script/cluster node rejoin " + node_); }
  Cut(const Cut&) = delete;
  Cut& operator=(const Cut&) = delete;

 private:
  std::string node_;
};

class CutOff : public Operator {
 protected:
  static void SetUpTestSuite() {
    cut_node_ = another_node_than(node_of_the_operator());
    make_like_hippo(kOtter, std::string(kOneOnEachNode) + "; " + repo_host_on(cut_node_));
    patch(R"({"spec":{"patroni":{"dynamicConfiguration":{"synchronous_mode":true},)"
          R"("switchover":{"enabled":true}}}})");
    await_settled(kOtter);
  }
  static void TearDownTestSuite() { remove(kOtter); }
  void SetUp() override {
    await_settled(kOtter);
    await_replication();
    lead_on_the_cut_node();
  }

  static void patch(const std::string& change) {
    must_kubectl("patch postgrescluster otter --type merge --patch '" + change + "'");
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
        must_kubectl("get pods -o name -l postgres-operator.crunchydata.com/cluster=otter,"
                     "postgres-operator.crunchydata.com/instance-set"));
    return {std::istream_iterator<std::string>(names), {}};
  }
  static void await_replication() {
    EXPECT_TRUE(eventually(180s, [] {
      return superuser(kOtter,
                       "select count(*) from pg_stat_replication where sync_state = 'sync'") == "1";
    })) << superuser(kOtter, "select application_name, state, sync_state from pg_stat_replication");
  }
  static void ask_for_switchover(const std::string& name) {
    must_kubectl(
        "annotate --overwrite postgrescluster otter "
        "postgres-operator.crunchydata.com/trigger-switchover=" +
        name);
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
    EXPECT_TRUE(eventually(120s, [&] { return primary(kOtter) == target; }))
        << condition(kOtter, "Progressing", "message");
    target_switchovers("null", "null");
    await_settled(kOtter);
    await_replication();
  }
  static void target_switchovers(const std::string& type, const std::string& instance) {
    patch(R"({"spec":{"patroni":{"switchover":{"type":)" + type + R"(,"targetInstance":)" +
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
                            const std::function<bool()>& is_in_the_middle) {
    Writer writer(kOtter, node_of_the_operator());
    operation();
    EXPECT_TRUE(eventually(180s, is_in_the_middle)) << condition(kOtter, "Progressing", "message");
    {
      const Cut cut(cut_node_);
      expect_led_or_told(writer);
      expect_ended_or_told();
    }
    await_settled(kOtter);
    await_replication();
    expect_one_primary();
    expect_nothing_lost(writer);
    const std::string verdict = replay("verify");
    EXPECT_NE(verdict.find("\n0 differences"), std::string::npos) << verdict;
  }

  static std::string cut_node_;  // the primary's, and the repository host's
};

std::string CutOff::cut_node_;

TEST_F(CutOff, InTheMiddleOfARollingUpdate) {
  const auto purposes = [] {
    return must_kubectl(
        "get pods -l postgres-operator.crunchydata.com/cluster=otter,"
        "postgres-operator.crunchydata.com/instance-set -o "
        "jsonpath='{range .items[*]}{.metadata.annotations.purpose},{end}'");
  };
  cut_in_the_middle_of([] { patch(R"({"spec":{"metadata":{"annotations":{"purpose":"cut"}}}})"); },
                       [&] { return purposes().find("cut") != std::string::npos; });
  EXPECT_EQ(purposes(), "cut,cut,cut,");
}

TEST_F(CutOff, InTheMiddleOfASwitchover) {
  cut_in_the_middle_of([] { ask_for_switchover("cut"); },
                       [] {
                         return replay("timeline --cluster postgres-operator/otter --kind decision")
                                    .find("trigger-switchover: cut") != std::string::npos;
                       });
}

// The last one: two instances are left.
TEST_F(CutOff, InTheMiddleOfAScaleDown) {
  cut_in_the_middle_of(
      [] {
        must_kubectl(R"(patch postgrescluster otter --type json --patch '[{"op":"replace",)"
                     R"("path":"/spec/instances/0/replicas","value":2}]')");
      },
      [] {
        return replay("timeline --cluster postgres-operator/otter --kind decision")
                   .find("retire-instance") != std::string::npos;
      });
  EXPECT_EQ(pods().size(), 2U);
}

}  // namespace
}  // namespace annals::e2e

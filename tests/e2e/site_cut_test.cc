// The node of a site's only instance is cut off, and the other site is promoted. The first one goes
// on writing for whoever reaches it, and comes back: both say that two clusters take writes,
// nothing is thrown away, and by one annotation, which names what is given up, it becomes a
// standby. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "support/node_off.h"
#include "support/operator_fixture.h"
#include "support/writer.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRaven = "raven";  // has a primary, on the node that is cut off
constexpr const char* kCrow = "crow";    // follows it, and is promoted

class SiteCut : public Operator {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kCrow, kRaven}) remove(cluster);
    node = another_node_than_the_operators();
    make_like_hippo(kRaven, one_instance("In") +
                                "; /^spec:/a \\  standby: {enabled: false, host: " + host(kCrow) +
                                "}");
    await_settled(kRaven);
    apply_like_hippo(
        kCrow, one_instance("NotIn") + "; /^spec:/a \\  standby: {host: " + host(kRaven) + "}");
    await("Ready of crow", 400s, [] { return ready(kCrow); }, "StandbyLeaderReady",
          {.details = pods});
    await_settled(kCrow);
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kCrow, kRaven}) remove(cluster);
  }

  static std::string another_node_than_the_operators() {
    const std::string its = must_kubectl(
        "get pods -l postgres-operator.crunchydata.com/control-plane -o "
        "jsonpath='{.items[0].spec.nodeName}'");
    std::istringstream nodes(
        must_kubectl("get nodes -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'"));
    for (std::string other; nodes >> other;) {
      if (other != its) return other;
    }
    throw CommandFailed("the cluster has no other node than " + its);
  }
  // Of sed, for the example's manifest: on that node, or on another one. The repository host stays
  // connected.
  static std::string one_instance(const std::string& where) {
    const auto affinity = [](const std::string& is) {
      return R"(affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: )"
             R"({nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io\/hostname, operator: )" +
             is + ", values: [" + node + "]}]}]}}}";
    };
    return "s/^      replicas: 2/      replicas: 1\\n      " + affinity(where) +
           "/; s/^    pgbackrest:/&\\n      repoHost: {" + affinity("NotIn") + "}/";
  }
  static std::string host(const std::string& cluster) {
    return cluster + "-primary.postgres-operator.svc";
  }
  static std::string ready(const std::string& cluster) {
    return condition(cluster, "Ready", "reason");
  }
  static std::string standby(const std::string& cluster, const std::string& what) {
    return condition(cluster, "Standby", what);
  }
  static std::string pods() {
    return conditions(kRaven) + "\n" + conditions(kCrow) + "\n" +
           must_kubectl("get pods,events -o wide");
  }
  static std::set<long> rows(const std::string& cluster, const std::string& table) {
    std::istringstream lines(must_kubectl("exec " + primary(cluster) +
                                          " -c database -- psql -XAtd " + kRaven +
                                          " -c 'select id from " + table + "'"));
    return {std::istream_iterator<long>(lines), {}};
  }
  static std::string timeline(const std::string& cluster) {
    return superuser(cluster, "select timeline_id from pg_control_checkpoint()");
  }

  static inline std::string node;
  static inline std::unique_ptr<Writer> writer;
  static inline std::set<long> acknowledged;
};

TEST_F(SiteCut, TheOtherOneIsPromotedAndSaysWhatMayBeLost) {
  writer = std::make_unique<Writer>(kRaven, node);
  await("rows of the writer", 60s, [] { return std::to_string(writer->acknowledged()); }, Not("0"));
  {
    const NodeCut cut(node);
    await("Standby of crow", 180s, [] { return standby(kCrow, "reason"); }, "Silent",
          {.details = pods});
    patch(kCrow, R"({"spec":{"standby":{"enabled":false}}})");
    await("Ready of crow", 240s, [] { return ready(kCrow); }, "PrimaryReady", {.details = pods});
    EXPECT_THAT(events(kCrow), HasSubstr("StandbyPromotionUnproven"));
    superuser(kCrow, "create table promoted as select 'of crow' as note");
  }
}

TEST_F(SiteCut, TheFirstOneComesBackAndBothSayThatBothTakeWrites) {
  await("Standby of raven", 240s, [] { return standby(kRaven, "reason"); }, "AnotherClusterWrites",
        {.details = pods});
  EXPECT_THAT(standby(kRaven, "message"),
              AllOf(HasSubstr(host(kCrow) + ":5432 does on timeline 2, and this one on timeline 1"),
                    HasSubstr("give-up-timeline to \"1\"")));
  await("Standby of crow", 120s, [] { return standby(kCrow, "reason"); }, "AnotherClusterWrites",
        {.details = pods});
  EXPECT_THAT(standby(kCrow, "message"), HasSubstr(host(kRaven) + ":5432 does on timeline 1"));
  for (const char* cluster : {kRaven, kCrow})
    EXPECT_THAT(events(cluster), HasSubstr("AnotherClusterWrites"));
  acknowledged = writer->stop();
  const std::set<long> kept = rows(kRaven, writer->table());
  EXPECT_TRUE(std::ranges::includes(kept, acknowledged)) << "nothing is thrown away unasked";
  EXPECT_GT(acknowledged.size(), rows(kCrow, writer->table()).size())
      << "the writer's node was cut off with raven";
}

TEST_F(SiteCut, TheFirstOneBecomesAStandbyByOneAnnotation) {
  patch(kRaven, R"({"spec":{"standby":{"enabled":true}}})");
  await("Standby of raven", 120s, [] { return standby(kRaven, "reason"); }, "NotTakenUp",
        {.details = pods});
  const std::string told = standby(kRaven, "message");
  const std::regex kGivenUp("give-up-timeline[^\"]*\"([0-9]+)\"");
  std::smatch timeline_told;
  ASSERT_TRUE(std::regex_search(told, timeline_told, kGivenUp)) << told;
  EXPECT_EQ(timeline_told[1].str(), timeline(kRaven));
  annotate(kRaven, "give-up-timeline=" + timeline_told[1].str());
  await("Ready of raven", 400s, [] { return ready(kRaven); }, "StandbyLeaderReady",
        {.details = pods});
  await("the table of crow", 120s,
        [] { return superuser(kRaven, "select string_agg(note, ',') from promoted"); }, "of crow",
        {.details = pods});
  EXPECT_EQ(rows(kRaven, writer->table()), rows(kCrow, writer->table()));
  await("Standby of crow", 120s, [] { return standby(kCrow, "reason"); }, "");
  EXPECT_THAT(replay("timeline --cluster postgres-operator/raven --kind decision"),
              HasSubstr("demotion"));
  writer.reset();
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

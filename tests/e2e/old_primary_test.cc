// The primary's site is lost with a write that nobody else has, the other one is promoted, and the
// first one comes back: it takes no writes, says who leads, and becomes a standby by one
// annotation. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <functional>
#include <regex>
#include <sstream>
#include <string>
#include <thread>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kOtter = "otter";    // has a primary, and is lost
constexpr const char* kWeasel = "weasel";  // follows it, and is promoted
constexpr const char* kAnotherLeads = "AnotherClusterLeads";

// Asks all members of a cluster as often as it can, whether any of them takes writes.
class Prober {
 public:
  explicit Prober(std::function<std::string()> ask)
      : ask_(std::move(ask)), thread_([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            std::istringstream answers(ask_());
            for (std::string line; std::getline(answers, line);) {
              if (line == "t") ++follows_;
              if (line == "f") ++writes_;
            }
          }
        }) {}
  int follows() const { return follows_; }
  int writes() const { return writes_; }

 private:
  std::function<std::string()> ask_;
  std::atomic<int> follows_ = 0;
  std::atomic<int> writes_ = 0;
  std::jthread thread_;
};

class OldPrimaryOnPods : public Operator {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kWeasel, kOtter}) remove(cluster);
    make_like_hippo(kOtter, "/^spec:/a \\  standby: {enabled: false, host: " + host(kWeasel) + "}");
    await_settled(kOtter);
    apply_like_hippo(
        kWeasel, "s/replicas: 2/replicas: 1/; /^spec:/a \\  standby: {host: " + host(kOtter) + "}");
    await("Ready of weasel", 400s, [] { return ready(kWeasel); }, "StandbyLeaderReady");
    superuser(kOtter, "create table notes (note text)");
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kWeasel, kOtter}) remove(cluster);
  }

  static std::string host(const std::string& cluster) {
    return cluster + "-primary.postgres-operator.svc";
  }
  static std::string instances(const std::string& kind) {
    return kind + " -l postgres-operator.crunchydata.com/cluster=" + kOtter +
           ",postgres-operator.crunchydata.com/instance";
  }
  static std::string ready(const std::string& cluster) {
    return condition(cluster, "Ready", "reason");
  }
  static void note(const std::string& cluster, const std::string& text) {
    superuser(cluster, "insert into notes values ('" + text + "')");
  }
  static std::string notes(const std::string& cluster) {
    return superuser(cluster, "select string_agg(note, ',' order by note) from notes");
  }
  // "t" or "f" of each member that answers.
  static std::string recoveries() {
    std::istringstream pods(kubectl("get " + instances("pods") + " -o name").out);
    std::string answers;
    for (std::string pod; std::getline(pods, pod);)
      answers +=
          kubectl("exec " + pod + " -c database -- psql -XAt -c 'select pg_is_in_recovery()'").out +
          "\n";
    return answers;
  }
  static std::string pods() { return must_kubectl("get pods,events -o wide"); }
};

// Nobody shuts it down: its pods are killed, and nothing starts others.
TEST_F(OldPrimaryOnPods, IsLostWithAWriteThatNobodyElseHas) {
  note(kOtter, "a: of both");
  await("the row of otter", 60s, [] { return notes(kWeasel); }, "a: of both");
  patch(kWeasel, R"({"spec":{"standby":{"host":"nowhere.invalid"}}})");
  await(
      "Standby of weasel", 120s, [] { return condition(kWeasel, "Standby", "reason"); }, "Silent");
  note(kOtter, "b: given up");
  patch(kOtter, R"({"spec":{"paused":true}})");
  must_kubectl("scale --replicas=0 " + instances("statefulsets"));
  must_kubectl("delete --force --grace-period=0 --wait=false " + instances("pods"));
  await("pods of otter", 120s,
        [] { return count("pods", kOtter, ",postgres-operator.crunchydata.com/instance"); }, "0",
        {.details = pods});
  patch(kWeasel, R"({"spec":{"standby":{"enabled":false}}})");
  await("Ready of weasel", 240s, [] { return ready(kWeasel); }, "PrimaryReady", {.details = pods});
  patch(kWeasel, R"({"spec":{"standby":{"host":")" + host(kOtter) + R"("}}})");
  note(kWeasel, "c: kept");
}

TEST_F(OldPrimaryOnPods, ComesBackAndFollowsByOneAnnotationWithoutTakingAWrite) {
  Prober prober(recoveries);
  patch(kOtter, R"({"spec":{"paused":false}})");
  await("Ready of otter", 300s, [] { return ready(kOtter); }, kAnotherLeads, {.details = pods});
  // Patroni has asked more than once by then.
  await("answers of otter", 240s, [&] { return prober.follows() > 100 ? "many" : "few"; }, "many",
        {.details = pods});
  EXPECT_EQ(prober.writes(), 0);
  EXPECT_EQ(ready(kOtter), kAnotherLeads);
  EXPECT_THAT(events(kOtter), HasSubstr(kAnotherLeads));
  EXPECT_THAT(must_kubectl("logs --prefix --tail=-1 -c database " + instances("")),
              HasSubstr("another cluster leads: " + host(kWeasel) + " takes writes on timeline"));
  EXPECT_THAT(replay("blockers"), HasSubstr(host(kWeasel)));
  const std::string told = condition(kOtter, "Standby", "message");
  const std::regex kGivenUp("give-up-timeline to \"([0-9]+)\"");
  std::smatch timeline;
  ASSERT_TRUE(std::regex_search(told, timeline, kGivenUp)) << told;
  patch(kOtter, R"({"spec":{"standby":{"enabled":true}}})");
  annotate(kOtter, "give-up-timeline=" + timeline[1].str());
  await("Ready of otter", 400s, [] { return ready(kOtter); }, "StandbyLeaderReady",
        {.details = pods});
  await("the rows of otter", 120s, [] { return notes(kOtter); }, "a: of both,c: kept",
        {.details = pods});
  await_streaming(kOtter, 1, 240s);
  note(kWeasel, "d: after it");
  await("the last row", 60s, [] { return notes(kOtter); }, "a: of both,c: kept,d: after it");
  EXPECT_EQ(prober.writes(), 0);
  EXPECT_THAT(events(kOtter), HasSubstr("StandbyDemoted"));
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

// Two clusters that both take writes, since one was promoted by consent while the other one ran:
// the old primary follows once somebody gives its timeline up, and is rewound. Wants script/demo to
// have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kLynx = "lynx";  // has a primary
constexpr const char* kPuma = "puma";  // follows it

class DemotionOnPods : public Operator {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kPuma, kLynx}) remove(cluster);
    make_like_hippo(kLynx, "");
    await_settled(kLynx);
    apply_like_hippo(kPuma,
                     "s/replicas: 2/replicas: 1/; "
                     "/^spec:/a \\  standby: {host: lynx-primary.postgres-operator.svc}");
    await("Ready of puma", 400s, [] { return ready(kPuma); }, "StandbyLeaderReady");
    superuser(kLynx, "create table notes (note text)");
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kPuma, kLynx}) remove(cluster);
  }

  static std::string ready(const std::string& cluster) {
    return condition(cluster, "Ready", "reason");
  }
  static std::string standby(const char* what) { return condition(kLynx, "Standby", what); }
  static void note(const std::string& cluster, const std::string& text) {
    superuser(cluster, "insert into notes values ('" + text + "')");
  }
  static std::string notes(const std::string& cluster) {
    return superuser(cluster, "select string_agg(note, ',' order by note) from notes");
  }
  static std::string pods() { return must_kubectl("get pods,events -o wide"); }
};

TEST_F(DemotionOnPods, ConsentPromotesBesideAPrimaryThatWrites) {
  note(kLynx, "a: of both");
  await("the row of lynx", 60s, [] { return notes(kPuma); }, "a: of both");
  annotate(kPuma, "standby-promotion='a test: both are to write'");
  patch(kPuma, R"({"spec":{"standby":{"enabled":false}}})");
  await("Ready of puma", 240s, [] { return ready(kPuma); }, "PrimaryReady", {.details = pods});
  EXPECT_THAT(events(kPuma), HasSubstr("StandbyPromotionForced"));
  note(kLynx, "b: given up");
  note(kPuma, "c: kept");
}

TEST_F(DemotionOnPods, TheOldPrimaryKeepsItsWritesUntilTheyAreGivenUpByName) {
  patch(kLynx, R"({"spec":{"standby":{"host":"puma-primary.postgres-operator.svc"}}})");
  await("Standby of lynx", 60s, [] { return standby("reason"); }, "NotTakenUp");
  const std::string timeline = superuser(kLynx, "select timeline_id from pg_control_checkpoint()");
  EXPECT_THAT(standby("message"), HasSubstr("give-up-timeline to \"" + timeline + "\""));
  annotate(kLynx, "give-up-timeline=" + std::to_string(std::stoi(timeline) + 1));
  await_settled(kLynx);
  EXPECT_EQ(standby("reason"), "NotTakenUp") << "another timeline is none of its own";
  EXPECT_EQ(notes(kLynx), "a: of both,b: given up");
  annotate(kLynx, "give-up-timeline=" + timeline);
  await("Ready of lynx", 300s, [] { return ready(kLynx); }, "StandbyLeaderReady",
        {.details = pods});
  await("the rows of lynx", 120s, [] { return notes(kLynx); }, "a: of both,c: kept",
        {.details = pods});
  await_streaming(kLynx, 1, 240s);
  EXPECT_THAT(events(kLynx), HasSubstr("StandbyDemoted"));
  EXPECT_THAT(events(kLynx), HasSubstr("ShutdownReceiptWritten"));
  note(kPuma, "d: after it");
  await("the last row", 60s, [] { return notes(kLynx); }, "a: of both,c: kept,d: after it");
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

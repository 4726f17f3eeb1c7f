// Another version of the operator takes over the journal of this one while clusters run: it writes
// nothing and ends no pod until somebody asks for something; and so does this one when it comes
// back (a downgrade). Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kHippo = "hippo";
const std::string kReplay =
    "script/cluster kubectl -n postgres-operator exec deploy/annals -- annals-replay ";

class Upgrade : public Operator {
 protected:
  void SetUp() override {
    await_ready(kHippo);
    await_settled(kHippo);
  }
  void TearDown() override {
    if (!is_next_) return;
    run_this();
    await_ready(kHippo);
  }

  // The operator's own pod stays what it is, with another program in it.
  void run_next() {
    is_next_ = true;
    must_kubectl(
        R"(patch deployment annals --patch '{"spec":{"template":{"spec":{"containers":[{"name":)"
        R"("operator","command":["/next/)" +
        file_name() +
        R"("],"volumeMounts":[{"name":"next","mountPath":"/next","readOnly":true}]}],"volumes":)"
        R"([{"name":"next","hostPath":{"path":")" +
        directory() + R"("}}]}}}}')");
    must_kubectl("rollout status deployment/annals --timeout 120s", 130s);
  }
  void run_this() {
    must_kubectl("rollout undo deployment annals");
    must_kubectl("rollout status deployment/annals --timeout 120s", 130s);
    is_next_ = false;
  }
  static std::string file_name() {
    const std::string path = NEXT_OPERATOR;
    return path.substr(path.rfind('/') + 1);
  }
  static std::string directory() {
    const std::string path = NEXT_OPERATOR;
    return path.substr(0, path.rfind('/'));
  }
  // Of hippo's stream: the number of its newest record of this type.
  static long newest(const std::string& type) {
    const std::string record = must(kReplay + "records --cluster postgres-operator/hippo --type " +
                                    type + " | tail -n 1 | jq .seq");
    return record.empty() ? 0 : std::stol(record);
  }
  static std::string version() {
    return must(kReplay +
                "records --cluster postgres-operator/hippo --type operator-configured | tail -n 1 "
                "| jq -r '.payload | \"\\(.version) \\(.behaviour)\"'");
  }
  // By any cluster's machines since that record.
  static long intents_since(long record) {
    return std::stol(
        must(kReplay + "records --kind intent --from " + std::to_string(record) + " | wc -l"));
  }
  // All is listed and every machine has been asked; twenty seconds later there is still nothing.
  static void expect_nothing_written(long before) {
    EXPECT_TRUE(eventually(120s, [&] { return newest("synced") > before; }));
    const long started = newest("operator-started");
    EXPECT_GT(started, before);
    EXPECT_FALSE(eventually(20s, [&] { return intents_since(started) > 0; }))
        << must(kReplay + "timeline --kind decision --from " + std::to_string(started));
  }

  bool is_next_ = false;
};

TEST_F(Upgrade, AnotherVersionOnTheSameJournalWritesNothingUntilItIsAsked) {
  const std::string pods = pods_and_templates(kHippo);
  const std::string old_version = version();
  long before = newest("synced");
  ASSERT_NO_FATAL_FAILURE(run_next());
  expect_nothing_written(before);
  EXPECT_NE(version(), old_version) << "it is no other version";
  EXPECT_EQ(pods_and_templates(kHippo), pods);

  // It does its work: what was asked for is done, and still no pod is made anew for the version.
  must_kubectl(R"(patch postgrescluster hippo --type merge --patch '{"spec":{"patroni":)"
               R"({"dynamicConfiguration":{"postgresql":{"parameters":{"work_mem":"9MB"}}}}}}')");
  EXPECT_TRUE(eventually(60s, [] { return superuser(kHippo, "show work_mem") == "9MB"; }));
  await_settled(kHippo);
  EXPECT_EQ(pods_and_templates(kHippo), pods);

  before = newest("synced");
  run_this();
  expect_nothing_written(before);
  EXPECT_EQ(version(), old_version);
  EXPECT_EQ(pods_and_templates(kHippo), pods);
  const std::string verdict = replay("verify");
  EXPECT_NE(verdict.find("\n0 differences"), std::string::npos) << verdict;
}

}  // namespace
}  // namespace annals::e2e

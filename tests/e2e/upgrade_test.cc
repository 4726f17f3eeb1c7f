// Another version of the operator takes over the journal of this one while clusters run: it writes
// nothing and ends no pod until somebody asks for something; and so does this one when it comes
// back (a downgrade). Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kHippo = "hippo";
constexpr const char* kNext = "localhost/annals/operator:next";  // of next_image

class Upgrade : public Operator {
 protected:
  void SetUp() override {
    await_ready(kHippo);
    await_settled(kHippo);
    know_the_repository();
    this_ = must_kubectl(
        "get deployment annals -o jsonpath='{.spec.template.spec.containers[0].image}'");
    ASSERT_NE(this_, kNext) << "an upgrade before has not been undone";
  }
  void TearDown() override {
    if (!is_next_) return;
    run_this();
    await_ready(kHippo);
  }

  // Each process looks at repositories when it begins. What it finds there that was not known is
  // told in the status, whichever version it is.
  static void know_the_repository() {
    const std::string segment = superuser(kHippo, "select pg_walfile_name(pg_switch_wal())");
    await(
        "whether segment " + segment + " is archived", 120s,
        [&] {
          return superuser(kHippo,
                           "select last_archived_wal >= '" + segment + "' from pg_stat_archiver");
        },
        "t");
    const long looked = newest("read-repository");
    annotate(kHippo, "pgbackrest-info=" + segment);
    await_true(
        "the outcome of a look at the repository after record " + std::to_string(looked), 60s,
        [&] {
          const long look = newest("read-repository");
          return look > looked && newest("outcome") > look;
        },
        [] { return conditions(kHippo); });
    await_settled(kHippo);
  }

  // As users do it: with another image.
  static void run_image(const std::string& image) {
    must_kubectl("set image deployment/annals operator=" + image);
    await_rolled_out("deployment/annals");
  }
  void run_next() {
    is_next_ = true;
    run_image(kNext);
  }
  void run_this() {
    run_image(this_);
    is_next_ = false;
  }
  // Of hippo's stream: the number of its newest record of this type.
  static long newest(const std::string& type) {
    const std::string record = replay("records --cluster postgres-operator/hippo --type " + type +
                                      " | tail -n 1 | jq .seq");
    return record.empty() ? 0 : std::stol(record);
  }
  static std::string version() {
    return replay(
        "records --cluster postgres-operator/hippo --type operator-configured | tail -n 1 "
        "| jq -r '.payload | \"\\(.version) \\(.behaviour)\"'");
  }
  // By any cluster's machines since that record. They look at archivers and repositories again.
  static long writes_since(long record) {
    return std::stol(replay("records --kind intent --from " + std::to_string(record) +
                            " | jq -c 'select(.type | startswith(\"read-\") | not)' | wc -l"));
  }
  // All is listed and every machine has been asked; twenty seconds later there is still nothing.
  static void expect_nothing_written(long before) {
    await_true(
        "a record that all is listed, after record " + std::to_string(before), 120s,
        [&] { return newest("synced") > before; }, [] { return std::to_string(newest("synced")); });
    const long started = newest("operator-started");
    EXPECT_GT(started, before);
    EXPECT_FALSE(eventually(20s, [&] { return writes_since(started) > 0; }))
        << replay("timeline --kind decision --from " + std::to_string(started));
  }

  std::string this_;  // image
  bool is_next_ = false;
};

TEST_F(Upgrade, AnotherVersionOnTheSameJournalWritesNothingUntilItIsAsked) {
  const std::string pods = pods_and_templates(kHippo);
  const std::string old_version = version();
  long before = newest("synced");
  run_next();
  expect_nothing_written(before);
  EXPECT_NE(version(), old_version) << "it is no other version";
  EXPECT_EQ(pods_and_templates(kHippo), pods);

  // It does its work: what was asked for is done, and still no pod is made anew for the version.
  patch(kHippo, R"({"spec":{"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":)"
                R"({"work_mem":"9MB"}}}}}})");
  await("work_mem", 60s, [] { return superuser(kHippo, "show work_mem"); }, "9MB");
  await_settled(kHippo);
  EXPECT_EQ(pods_and_templates(kHippo), pods);

  before = newest("synced");
  run_this();
  expect_nothing_written(before);
  EXPECT_EQ(version(), old_version);
  EXPECT_EQ(pods_and_templates(kHippo), pods);
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

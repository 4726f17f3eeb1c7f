// The credentials of a bucket: replaced while WAL is archived, so that the old ones are refused at
// once, with nothing restarted and nothing lost; and seen in Secrets alone, whichever generation.
// Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <sstream>
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kLynx = "lynx";
// Both generations, one a line.
constexpr const char* kCanaries = "/tmp/annals-e2e-store-canaries";
constexpr const char* kProcesses = "/tmp/annals-e2e-store-processes";

class StoreKeys : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    remove(kLynx);
    start_store();
    must(std::string("rm -f ") + kCanaries + " " + kProcesses);
    keep_canaries();
    apply_cluster(
        {.name = kLynx,
         .backups = access("1", "/lynx/repo1") + "      repos: [" + bucket("repo1") + "]\n",
         .data_source = {}});
    await_open(kLynx);
    superuser(kLynx, "create table written (at timestamptz default now(), n int)");
  }
  static void TearDownTestSuite() {
    remove(kLynx);
    end_store();
    must(std::string("rm -f ") + kCanaries + " " + kProcesses);
  }

  // Each by itself, and the Secret's whole value as the API has it.
  static void keep_canaries() {
    must(
        "conf=$($KUBECTL -n postgres-operator get secret s3-keys-1 -o "
        "jsonpath='{.data.s3\\.conf}'); "
        "{ echo \"$conf\"; base64 -d <<<\"$conf\" | sed --quiet 's/^repo1[^=]*=//p'; } >>" +
        std::string(kCanaries));
  }
  // All processes of this computer, and so of all pods, as long as it lives.
  static Background processes() {
    return {"while true; do cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | sort -u >>" +
                std::string(kProcesses) + "; sleep 0.2; done",
            "/tmp/annals-e2e-store-processes.log"};
  }
  static std::string write_segment() {
    superuser(kLynx, "insert into written (n) select generate_series(1, 1000)");
    return switch_wal(kLynx);
  }
  static std::string archived() {
    return must_kubectl("exec " + primary(kLynx) +
                        " -c database -- bash -c 'pgbackrest repo-ls --recurse archive/db | "
                        "grep --only-matching \"[0-9A-F]\\{24\\}-\" | sort -u'");
  }
  // Without a gap from this one on: 16 MiB each, 256 to a file of 4 GiB.
  static void expect_no_gap(const std::string& first, const std::string& last) {
    const std::string all = archived();
    const auto number = [](const std::string& segment) {
      return std::stoul(segment.substr(8, 8), nullptr, 16) * 256 +
             std::stoul(segment.substr(16, 8), nullptr, 16);
    };
    std::istringstream lines(all);
    unsigned long expected = number(first);
    for (std::string line; std::getline(lines, line);) {
      if (number(line) < expected) continue;
      ASSERT_EQ(number(line), expected) << "a gap before " << line << " in\n" << all;
      ++expected;
    }
    EXPECT_GT(expected, number(last)) << all;
  }
  static std::string starts_of_containers() {
    return of_instances(kLynx,
                        ".metadata.uid} {.status.containerStatuses[*].restartCount} "
                        "{.status.containerStatuses[*].state.running.startedAt");
  }
};

TEST_F(StoreKeys, AreReplacedWhileWalIsArchivedAndNothingRestartsOrIsLost) {
  const std::string pods = pods_and_templates(kLynx);
  const std::string starts = starts_of_containers();
  const std::string first = write_segment();
  await_archived(kLynx, first);
  rotate_keys();
  for (int i = 0; i < 3; ++i) write_segment();
  await(
      "a refused segment", 120s,
      [] { return superuser(kLynx, "select failed_count > 0 from pg_stat_archiver"); }, "t");
  // The archiver is asked every minute.
  await("the condition that tells of the key", 75s,
        [] { return condition(kLynx, "ContinuousArchiving", "message"); }, HasSubstr("Forbidden"),
        {.details = [] { return trouble(kLynx); }});
  update_secrets();
  keep_canaries();
  const std::string last = write_segment();
  // Kubelets bring it within two minutes.
  await_archived(kLynx, last, 300s);
  await(
      "the condition to be true again", 75s,
      [] { return condition(kLynx, "ContinuousArchiving", "status"); }, "True");
  expect_no_gap(first, last);
  EXPECT_EQ(pods_and_templates(kLynx), pods);
  EXPECT_EQ(starts_of_containers(), starts);
  ask_backup(kLynx, "with-new-keys", "repo1", "incr");
  await_backed_up(kLynx, "with-new-keys");
}

TEST_F(StoreKeys, StandInNoRecordLogEventStatusBundleOrProcess) {
  const Background beside = processes();
  ask_backup(kLynx, "looked-at", "repo1", "full");
  await_archived(kLynx, write_segment());
  await_backed_up(kLynx, "looked-at");
  const std::string ours = "$KUBECTL -n postgres-operator ";
  const std::string mine = " -l postgres-operator.crunchydata.com/cluster=lynx";
  ASSERT_EQ(must(std::string("wc -l <") + kCanaries), "6");
  ASSERT_NE(must(ours + "get secret s3-keys-1 -o yaml | grep -cFf " + kCanaries), "0")
      << "not even where it belongs";
  for (const std::string& told :
       {ours + "exec deploy/annals -- annals-replay records", ours + "logs deploy/annals --tail=-1",
        ours + "exec deploy/annals -- bash -c 'annals-replay export /tmp/lynx.annals --cluster "
               "postgres-operator/lynx >/tmp/lynx.log && annals-replay records --journal "
               "/tmp/lynx.annals && cat /tmp/lynx.annals && rm /tmp/lynx.annals'",
        ours + "get events,postgresclusters,configmaps,jobs,pods,statefulsets -o yaml",
        ours + "logs --prefix --all-containers --tail=-1 --max-log-requests=50" + mine,
        std::string("cat ") + kProcesses}) {
    const Output said = run(told + " | tee /tmp/annals-e2e-told | wc -c");
    EXPECT_GT(std::stol(said.out), 1000) << told << " says nothing: " << said.err;
    EXPECT_EQ(must(std::string("grep -acFf ") + kCanaries + " /tmp/annals-e2e-told || true"), "0")
        << told;
  }
  must("rm /tmp/annals-e2e-told");
}

}  // namespace
}  // namespace annals::e2e

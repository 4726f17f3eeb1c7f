// One cluster with a repository on a volume and one in a bucket: backups of several types in both,
// by schedule and on request; then each of the two is lost for a while, the other goes on, and what
// was missed arrives. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOtary = "otary";
constexpr const char* kHost = "otary-repo-host-0";
// Keeps the pod of the repository host away from all nodes, and no Job of this cluster.
constexpr const char* kTaint = "annals.test/no-repository-host";

class MixedStores : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    let_host_in();
    remove(kOtary);
    start_store();
    // Without an io-timeout of its own: what the operator gives for two kinds is enough.
    apply_cluster({.name = kOtary,
                   .backups = access("2", "/otary/repo2", kS3, "") +
                              "      jobs: {tolerations: [{key: " + kTaint +
                              ", operator: Exists}]}\n      repos: [{name: repo1, volume: "
                              "{volumeClaimSpec: " +
                              kClaim + "}}, " + bucket("repo2") + "]\n",
                   .data_source = {}});
    await_open(kOtary);
    make_notes(kOtary);
  }
  static void TearDownTestSuite() {
    let_host_in();
    remove(kOtary);
    end_store();
  }

  static void keep_host_out() {
    must(std::string("$KUBECTL taint nodes --all --overwrite ") + kTaint + "=:NoSchedule");
    must_kubectl(std::string("delete pod ") + kHost);
  }
  static void let_host_in() {
    must(std::string("$KUBECTL taint nodes --all ") + kTaint + "- || true");
  }

  // "repo1 full incr"
  static std::string backups(int index) {
    const std::string repo = ".status.pgbackrest.repos[" + std::to_string(index) + "].";
    return field(kOtary, repo + "name") + " " + field(kOtary, repo + "contents.backups[*].type");
  }
  static std::string schedules() {
    return must_kubectl(
        "get postgrescluster otary -o jsonpath='{range .status.pgbackrest.scheduledBackups[*]}"
        "{.cronJobName} {.succeeded};{end}'");
  }
  // Which of them have the segment.
  static std::string holders(const std::string& segment) {
    std::string names;
    for (const char* repo : {"1", "2"}) {
      const Output listed =
          kubectl("exec " + primary(kOtary) + " -c database -- pgbackrest repo-ls --repo=" + repo +
                  " archive/db/15-1/" + segment.substr(0, 16));
      if (listed.out.find(segment) != std::string::npos) names += repo;
    }
    return names;
  }
  static void await_in_both(const std::string& segment) {
    await("segment " + segment + " in both repositories", 240s, [&] { return holders(segment); },
          "12", {.details = [] { return trouble(kOtary); }});
  }
};

TEST_F(MixedStores, BothHaveBackupsOnRequest) {
  ask_backup(kOtary, "full-in-the-bucket", "repo2", "full");
  await_backed_up(kOtary, "full-in-the-bucket");
  for (const std::string repo : {"repo1", "repo2"}) {
    ask_backup(kOtary, "incr-in-" + repo, repo, "incr");
    await_backed_up(kOtary, "incr-in-" + repo);
  }
  await("backups on the volume", 120s, [] { return backups(0); }, "repo1 full incr");
  await("backups in the bucket", 120s, [] { return backups(1); }, "repo2 full incr");
}

// Both at the same minute: the second waits for the first.
TEST_F(MixedStores, BothHaveBackupsBySchedule) {
  const auto schedule = [](const std::string& value) {
    for (const char* index : {"0", "1"})
      change(kOtary, std::string(R"({"op":"add","path":"/spec/backups/pgbackrest/repos/)") + index +
                         R"(/schedules","value":)" + value + "}");
  };
  schedule(R"({"differential":"* * * * *"})");
  await("a scheduled backup in each", 300s, schedules,
        AllOf(HasSubstr("otary-repo1-diff 1;"), HasSubstr("otary-repo2-diff 1;")),
        {.details = [] { return trouble(kOtary); }});
  schedule("{}");
  await("no schedule any more", 60s, [] { return named("cronjobs", kOtary); }, "");
  await("no backup under way", 240s,
        [] {
          return must_kubectl(
              "get jobs -l postgres-operator.crunchydata.com/cluster=otary -o "
              "jsonpath='{range .items[*]}{.status.active}{end}'");
        },
        "", {.details = [] { return trouble(kOtary); }});
}

TEST_F(MixedStores, WithoutTheVolumesPodTheBucketGoesOnAndTheVolumeCatchesUp) {
  keep_host_out();
  await(
      "the condition of the repository host", 120s,
      [] { return condition(kOtary, "PGBackRestRepoHostReady", "status"); }, "False");
  note(kOtary, "without the volume");
  const std::string segment = switch_wal(kOtary);
  await("segment " + segment + " in the bucket", 240s,
        [&] {
          return must_kubectl("exec " + primary(kOtary) +
                              " -c database -- pgbackrest repo-ls --repo=2 "
                              "archive/db/15-1/" +
                              segment.substr(0, 16));
        },
        HasSubstr(segment), {.details = [] { return trouble(kOtary); }});
  EXPECT_EQ(condition(kOtary, "RepositoryUnreachable", "status"), "") << "the bucket is there";
  ask_backup(kOtary, "without-the-volume", "repo2", "incr");
  await_backed_up(kOtary, "without-the-volume", 400s);
  let_host_in();
  await_archived(kOtary, segment, 240s);
  await_in_both(segment);
  await(
      "the condition of the repository host", 120s,
      [] { return condition(kOtary, "PGBackRestRepoHostReady", "status"); }, "True");
}

TEST_F(MixedStores, WithoutTheBucketTheVolumeGoesOnAndTheBucketCatchesUp) {
  stop_server();
  note(kOtary, "without the bucket");
  const std::string segment = switch_wal(kOtary);
  annotate(kOtary, "pgbackrest-info=without-the-bucket");
  ask_backup(kOtary, "without-the-bucket", "repo1", "incr");
  await("the condition that names the repository", 300s,
        [] { return condition(kOtary, "RepositoryUnreachable", "message"); },
        AllOf(HasSubstr("repo2"), Not(HasSubstr("repo1"))),
        {.details = [] { return trouble(kOtary); }});
  await_backed_up(kOtary, "without-the-bucket", 600s);
  start_server();
  await_archived(kOtary, segment, 240s);
  await_in_both(segment);
  await(
      "the condition to go", 400s,
      [] { return condition(kOtary, "RepositoryUnreachable", "status"); }, "");
  EXPECT_EQ(notes(kOtary), "without the volume,without the bucket");
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

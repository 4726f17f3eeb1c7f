// Clusters whose backups are in an object store, on a real S3 server (script/s3) over TLS: in a
// bucket alone, restored to a time; a new one from the bucket of one that is gone; a bucket beside
// a volume, with the server stopped, also while WAL is replayed. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSeal = "seal";      // in a bucket alone
constexpr const char* kPup = "pup";        // from seal's bucket
constexpr const char* kWalrus = "walrus";  // on a volume and in a bucket

class S3 : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kPup, kWalrus, kSeal}) remove(cluster);
    start_store();
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kPup, kWalrus, kSeal}) remove(cluster);
    end_store();
  }

  // WAL to be replayed, of which each segment is asked for.
  static void write_much() {
    superuser(kWalrus, "create table if not exists bulk (n int, filler text)");
    for (int segment = 0; segment < 40; ++segment) {
      superuser(kWalrus,
                "insert into bulk select n, repeat('x', 400) from generate_series(1, 20000) n; "
                "select pg_switch_wal()");
    }
  }
  // When some WAL has been replayed, long before all has.
  static void stop_server_while_replaying() {
    await("that WAL is replayed", 400s,
          [] { return kubectl("logs job/walrus-pgbackrest-restore --tail=-1").out; },
          HasSubstr("restored log file"),
          {.looking = Looking::kKeen, .details = [] { return trouble(kWalrus); }});
    stop_server();
  }
  static std::chrono::seconds outage() { return kills(0, 1) == 0 ? 60s : 300s; }
};

TEST_F(S3, ABucketAloneIsEnoughForBackupsAndReplicas) {
  apply_cluster({.name = kSeal,
                 .backups = access("1", "/seal/repo1") + "      repos: [" + bucket("repo1") + "]\n",
                 .data_source = {}});
  await_open(kSeal);
  EXPECT_EQ(must_kubectl("get statefulset seal-repo-host --ignore-not-found -o name"), "");
  EXPECT_EQ(condition(kSeal, "PGBackRestRepoHostReady", "status"), "");
  await(
      "what the bucket holds, in the status", 120s,
      [] { return field(kSeal, ".status.pgbackrest.repos[0].contents.backups[0].type"); }, "full");
  EXPECT_NE(field(kSeal, ".status.pgbackrest.repos[0].repoOptionsHash"), "");
}

TEST_F(S3, ABucketAloneIsRestoredToATime) {
  make_notes(kSeal);
  note(kSeal, "first");
  const std::string time = a_time_between(kSeal);
  note(kSeal, "second");
  await_archived(kSeal, switch_wal(kSeal));
  ask_restore(kSeal, "monday", "repo1", R"("--type=time","--target=\")" + time + R"(\"")");
  await_restored(kSeal, "monday");
  await_open(kSeal);
  EXPECT_EQ(notes(kSeal), "first");
  note(kSeal, "third");
  await_archived(kSeal, switch_wal(kSeal));
}

// The cluster that wrote the backups is gone, with all its objects.
TEST_F(S3, ANewClusterComesFromTheBucketOfOneThatIsGone) {
  remove(kSeal);
  const std::string source =
      "pgbackrest:\n      repo: " + bucket("repo1") + "\n      " + access("1", "/seal/repo1");
  apply_cluster(
      {.name = kPup,
       .backups = access("1", "/seal/repo1/") + "      repos: [" + bucket("repo1") + "]\n",
       .data_source = source});
  await(
      "an Event about the place", 120s, [] { return events(kPup); },
      AllOf(HasSubstr("InvalidDataSource"), HasSubstr("would write into the source's backups")));
  EXPECT_EQ(must_kubectl("get job pup-pgbackrest-restore --ignore-not-found -o name"), "");
  patch(kPup, R"({"spec":{"backups":{"pgbackrest":{"global":{"repo1-path":"/pup/repo1"}}}}})");
  await_open(kPup);
  EXPECT_EQ(notes(kPup), "first,third");
  EXPECT_THAT(events(kPup), HasSubstr("CloneComplete"));
  EXPECT_EQ(must_kubectl("get configmap pup-pgbackrest-source --ignore-not-found -o name"), "");
  EXPECT_THAT(named("statefulsets", kPup), Not(HasSubstr("reader")));
  note(kPup, "fourth");
  await_archived(kPup, switch_wal(kPup));
}

// The volume's repository takes WAL meanwhile, and the bucket gets it afterwards.
TEST_F(S3, ABucketThatIsGoneHoldsUpNoOtherRepository) {
  remove(kPup);
  apply_cluster({.name = kWalrus,
                 .backups = access("2", "/walrus/repo2") +
                            "      repos: [{name: repo1, volume: {volumeClaimSpec: " + kClaim +
                            "}}, " + bucket("repo2") + "]\n",
                 .data_source = {}});
  await_open(kWalrus);
  stop_server();
  make_notes(kWalrus);
  const std::string segment = switch_wal(kWalrus);
  // pgBackRest 2.55 asks the bucket for three minutes first.
  await("segment " + segment + " on the volume", 400s,
        [&] {
          return must_kubectl(
              "exec walrus-repo-host-0 -c pgbackrest -- find /pgbackrest/repo1/archive -name '" +
              segment + "-*.gz' | wc -l");
        },
        "1", {.details = [] { return trouble(kWalrus); }});
  annotate(kWalrus, "pgbackrest-info=outage");
  await("the condition that names the repository", 400s,
        [] { return condition(kWalrus, "RepositoryUnreachable", "message"); }, HasSubstr("repo2"),
        {.details = [] { return trouble(kWalrus); }});
  EXPECT_THAT(condition(kWalrus, "RepositoryUnreachable", "message"), Not(HasSubstr("repo1")));
  EXPECT_EQ(superuser(kWalrus, "select count(*) from notes"), "0");
  start_server();
  await_archived(kWalrus, segment, 240s);
  await(
      "the condition to go", 400s,
      [] { return condition(kWalrus, "RepositoryUnreachable", "status"); }, "");
  expect_verified();
}

// Whatever of the bucket does not answer is no end of the archive.
TEST_F(S3, ABucketThatIsLostWhileItsWalIsReplayedIsWaitedForAndNothingIsMissing) {
  ask_backup(kWalrus, "to-the-bucket", "repo2", "full");
  await_backed_up(kWalrus, "to-the-bucket");
  note(kWalrus, "begin");
  write_much();
  note(kWalrus, "end");
  ask_restore(kWalrus, "from-the-bucket", "repo2");
  stop_server_while_replaying();
  const bool ended = eventually(
      outage(), [] { return field(kWalrus, ".status.pgbackrest.restore.succeeded") == "1"; });
  EXPECT_FALSE(ended) << "opened without its repository";
  EXPECT_EQ(named("pods", kWalrus, ",postgres-operator.crunchydata.com/role=master"), "");
  start_server();
  await_restored(kWalrus, "from-the-bucket");
  await_open(kWalrus);
  EXPECT_EQ(notes(kWalrus), "begin,end");
  EXPECT_EQ(superuser(kWalrus, "select count(*) from bulk"), "800000");
}

TEST_F(S3, ABucketThatIsLostMeanwhileHoldsUpNoRestoreFromTheVolume) {
  write_much();
  note(kWalrus, "last");
  ask_restore(kWalrus, "from-the-volume", "repo1");
  stop_server_while_replaying();
  await_restored(kWalrus, "from-the-volume");
  await_ready(kWalrus);
  EXPECT_EQ(notes(kWalrus), "begin,end,last");
  EXPECT_EQ(superuser(kWalrus, "select count(*) from bulk"), "1600000");
  const std::string segment = switch_wal(kWalrus);
  start_server();
  await_archived(kWalrus, segment, 400s);
  await_open(kWalrus);  // a backup waits for its WAL for a minute, which is not enough meanwhile
  expect_verified();
}

TEST_F(S3, ItsKeysAreInSecretsAlone) {
  const std::string ours = "$KUBECTL -n postgres-operator ";
  for (const char* told :
       {"exec deploy/annals -- annals-replay records", "logs deploy/annals --tail=-1",
        "get events,postgresclusters,configmaps,jobs,pods -o yaml"}) {
    for (const char* key : {"key", "secret"}) {
      const std::string found = must("set -o pipefail; " + ours + told + " | grep -acFf " +
                                     files_of(kS3) + key + " || true");
      EXPECT_EQ(found, "0") << told << ": " << key;
    }
  }
}

}  // namespace
}  // namespace annals::e2e

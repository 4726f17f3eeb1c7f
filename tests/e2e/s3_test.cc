// Clusters whose backups are in an object store, on a real S3 server (script/s3) over TLS: in a
// bucket alone, restored to a time; a new one from the bucket of one that is gone; a bucket beside
// a volume, with the server stopped. Wants script/demo to have run. SPDX-License-Identifier:
// Apache-2.0
#include <chrono>
#include <cstdlib>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSeal = "seal";      // in a bucket alone
constexpr const char* kPup = "pup";        // from seal's bucket
constexpr const char* kWalrus = "walrus";  // on a volume and in a bucket
constexpr const char* kKeys = "store-keys";
constexpr const char* kState = "/var/lib/annals-s3/";
constexpr const char* kRestore = "postgres-operator.crunchydata.com/pgbackrest-restore";

class S3 : public Operator {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kPup, kWalrus, kSeal}) remove(cluster);
    must("script/s3 down && script/s3 up", 180s);
    make_service();
    for (const char* number : {"1", "2"}) make_keys(number);
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kPup, kWalrus, kSeal}) remove(cluster);
    must_kubectl("delete secret store-keys-1 store-keys-2 --ignore-not-found");
    must_kubectl("delete namespace object-store --ignore-not-found", 120s);
    must("script/s3 down");
  }

  // Pods reach it by a name, which its certificate has.
  static void make_service() {
    const char* net = std::getenv("ANNALS_CLUSTER_NET");
    const std::string address = std::string(net == nullptr ? "10.193" : net) + ".0.1";
    must(
        "$KUBECTL apply -f - <<'YAML'\n"
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: object-store}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: s3, namespace: object-store}\n"
        "spec: {ports: [{name: https, port: 443, targetPort: 8334}]}\n---\n"
        "apiVersion: v1\nkind: Endpoints\nmetadata: {name: s3, namespace: object-store}\n"
        "subsets: [{addresses: [{ip: " +
        address + "}], ports: [{name: https, port: 8334}]}]\nYAML");
  }
  // As pgBackRest reads them for the repository of that number; never in an argument.
  static void make_keys(const std::string& number) {
    const std::string name = std::string(kKeys) + "-" + number;
    must("set -o pipefail; $KUBECTL -n postgres-operator create secret generic " + name +
         " --dry-run=client -o yaml --from-file=ca.crt=" + kState +
         "ca.crt --from-file=s3.conf=<(" + "echo '[global]'; sed s/^/repo" + number + "-s3-key=/ " +
         kState + "key; sed s/^/repo" + number + "-s3-key-secret=/ " + kState +
         "secret) | $KUBECTL apply -f -");
  }

  static std::string bucket(const std::string& repo) {
    return "{name: " + repo +
           ", s3: {bucket: backups, endpoint: s3.object-store.svc.cluster.local, region: "
           "us-east-1}}";
  }
  static std::string access(const std::string& number, const std::string& path) {
    const std::string repo = "repo" + number;
    return "configuration: [{secret: {name: store-keys-" + number + "}}]\n      global: {" + repo +
           "-path: " + path + ", " + repo + "-s3-uri-style: path, " + repo +
           "-storage-ca-file: /etc/pgbackrest/conf.d/ca.crt, io-timeout: '10'}\n";
  }
  static constexpr const char* kClaim =
      "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";

  struct Wish {
    std::string name;
    std::string backups;      // of spec.backups.pgbackrest
    std::string data_source;  // of spec.dataSource.pgbackrest
  };
  static void apply_cluster(const Wish& wish) {
    const std::string source =
        wish.data_source.empty() ? "" : "  dataSource:\n    pgbackrest:\n      " + wish.data_source;
    must(
        "$KUBECTL -n postgres-operator apply -f - <<'YAML'\n"
        "apiVersion: postgres-operator.crunchydata.com/v1beta1\nkind: PostgresCluster\n"
        "metadata: {name: " +
        wish.name +
        "}\nspec:\n  postgresVersion: 15\n"
        "  instances: [{name: instance1, replicas: 2, dataVolumeClaimSpec: " +
        kClaim + "}]\n" + source + "  backups:\n    pgbackrest:\n      " + wish.backups + "YAML");
  }

  static void note(const std::string& cluster, const std::string& text) {
    superuser(cluster, "insert into notes (note) values ('" + text + "')");
  }
  static std::string notes(const std::string& cluster) {
    return superuser(cluster, "select string_agg(note, ',' order by at) from notes");
  }
  static std::string a_time_between(const std::string& cluster) {
    const std::string time = superuser(
        cluster,
        "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')||'+00'");
    await(
        "two seconds after " + time, 30s,
        [&] {
          return superuser(
              cluster, "select clock_timestamp() > '" + time + "'::timestamptz + interval '2 s'");
        },
        "t");
    return time;
  }
  static std::string switch_wal(const std::string& cluster) {
    return superuser(cluster, "select pg_walfile_name(pg_switch_wal())");
  }
  static void await_archived(const std::string& cluster, const std::string& segment,
                             std::chrono::seconds limit = 120s) {
    await("whether segment " + segment + " is archived", limit,
          [&] {
            return superuser(
                cluster, "select count(*) from pg_ls_archive_statusdir() where name = '" + segment +
                             ".done'");
          },
          "1", {.details = [&] { return conditions(cluster); }});
  }
  static std::string trouble(const std::string& cluster) {
    return conditions(cluster) + "\n" +
           must_kubectl("get jobs,pods -o wide -l postgres-operator.crunchydata.com/cluster=" +
                        cluster) +
           "\n" + events(cluster);
  }
  static void await_open(const std::string& cluster) {
    await_settled(cluster, 500s);
    await_backup(cluster);
    await_streaming(cluster, 1, 240s);
  }
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
  superuser(kSeal, "create table notes (at timestamptz default now(), note text)");
  note(kSeal, "first");
  const std::string time = a_time_between(kSeal);
  note(kSeal, "second");
  await_archived(kSeal, switch_wal(kSeal));
  patch(kSeal, R"({"metadata":{"annotations":{")" + std::string(kRestore) +
                   R"(":"monday"}},"spec":{"backups":{"pgbackrest":{"restore":{"enabled":true,)"
                   R"("repoName":"repo1","options":["--type=time","--target=\")" +
                   time + R"(\""]}}}}})");
  await("the restore", 500s,
        [] {
          const std::string restore = ".status.pgbackrest.restore.";
          return field(kSeal, restore + "id") + " " + field(kSeal, restore + "succeeded");
        },
        "monday 1", {.details = [] { return trouble(kSeal); }});
  await_open(kSeal);
  EXPECT_EQ(notes(kSeal), "first");
  note(kSeal, "third");
  await_archived(kSeal, switch_wal(kSeal));
}

// The cluster that wrote the backups is gone, with all its objects.
TEST_F(S3, ANewClusterComesFromTheBucketOfOneThatIsGone) {
  remove(kSeal);
  const std::string source = "repo: " + bucket("repo1") + "\n      " + access("1", "/seal/repo1");
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
  must("script/s3 stop");
  superuser(kWalrus, "create table notes (at timestamptz default now(), note text)");
  const std::string segment = switch_wal(kWalrus);
  await("segment " + segment + " on the volume", 240s,
        [&] {
          return must_kubectl(
              "exec walrus-repo-host-0 -c pgbackrest -- find /pgbackrest/repo1/archive -name '" +
              segment + "-*' | wc -l");
        },
        "1", {.details = [] { return trouble(kWalrus); }});
  annotate(kWalrus, "pgbackrest-info=outage");
  await("the condition that names the repository", 400s,
        [] { return condition(kWalrus, "RepositoryUnreachable", "message"); }, HasSubstr("repo2"),
        {.details = [] { return trouble(kWalrus); }});
  EXPECT_THAT(condition(kWalrus, "RepositoryUnreachable", "message"), Not(HasSubstr("repo1")));
  EXPECT_EQ(superuser(kWalrus, "select count(*) from notes"), "0");
  must("script/s3 up", 120s);
  await_archived(kWalrus, segment, 240s);
  await(
      "the condition to go", 400s,
      [] { return condition(kWalrus, "RepositoryUnreachable", "status"); }, "");
  expect_verified();
}

TEST_F(S3, ItsKeysAreInSecretsAlone) {
  const std::string ours = "$KUBECTL -n postgres-operator ";
  for (const char* told :
       {"exec deploy/annals -- annals-replay records", "logs deploy/annals --tail=-1",
        "get events,postgresclusters,configmaps,jobs,pods -o yaml"}) {
    for (const char* key : {"key", "secret"}) {
      const std::string found =
          must("set -o pipefail; " + ours + told + " | grep -acFf " + kState + key + " || true");
      EXPECT_EQ(found, "0") << told << ": " << key;
    }
  }
}

}  // namespace
}  // namespace annals::e2e

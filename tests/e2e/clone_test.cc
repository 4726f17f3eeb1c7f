// New clusters with the data of a running one: in its namespace, to a time; in another namespace;
// and from a request that cannot be done until it is corrected. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <iostream>
#include <string>

#include "support/operator_fixture.h"
#include "support/writer.h"

namespace annals::e2e {
namespace {

constexpr const char* kBeaver = "beaver";
constexpr const char* kCub = "cub";
constexpr const char* kNursery = "nursery";
constexpr const char* kRepository = "/pgbackrest/repo1";

class Clone : public Operator {
 protected:
  static void SetUpTestSuite() {
    remove(kCub);
    remove_nursery();
    make_like_hippo(kBeaver, "s/replicas: 2/replicas: 1/");
    await_settled(kBeaver);
    superuser(kBeaver, "create table notes (at timestamptz default now(), note text)");
    note("first");
    time_ = superuser(
        kBeaver,
        "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')||'+00'");
    await(
        "two seconds after " + time_, 30s,
        [] {
          return superuser(
              kBeaver, "select clock_timestamp() > '" + time_ + "'::timestamptz + interval '2 s'");
        },
        "t");
    note("second");
    archive();
  }
  static void TearDownTestSuite() {
    remove(kCub);
    remove_nursery();
    remove(kBeaver);
  }

  // The cluster before its namespace: in one that is going away the operator may write nothing.
  static void remove_nursery() {
    const std::string nursery = kNursery;
    if (must_kubectl("get namespace " + nursery + " --ignore-not-found -o name").empty()) return;
    in_nursery("delete postgrescluster --all --wait", 300s);
    must_kubectl("delete namespace " + nursery, 300s);
  }

  static void note(const std::string& text) {
    superuser(kBeaver, "insert into notes (note) values ('" + text + "')");
  }
  static void archive() {
    const std::string segment = superuser(kBeaver, "select pg_walfile_name(pg_switch_wal())");
    await(
        "whether segment " + segment + " is archived", 90s,
        [&] {
          return superuser(
              kBeaver,
              "select count(*) from pg_ls_archive_statusdir() where name = '" + segment + ".done'");
        },
        "1");
  }

  // sed's commands for hippo's manifest: two instances, and where their data comes from.
  static std::string cloning(const std::string& source) {
    return "s/^spec:/spec:\\n  dataSource:\\n    postgresCluster: {" + source + "}/";
  }
  static std::string to_time() {
    return R"(options: [--type=time, "--target=\\")" + time_ + R"(\\""])";
  }
  static std::string notes_of(const std::string& place) {
    return must_kubectl(
        "exec " + place +
        " -c database -- psql -XAt -c \"select string_agg(note, ',' order by at) from notes\"");
  }
  static std::string in_nursery(const std::string& arguments, std::chrono::seconds limit = 120s) {
    return must_kubectl("-n " + std::string(kNursery) + " " + arguments, limit);
  }
  static std::string primary_in_nursery() {
    return in_nursery(
        "get pods -o name -l "
        "postgres-operator.crunchydata.com/cluster=cub,postgres-operator.crunchydata.com/"
        "role=master");
  }
  // What the source has of its own in its repository: these files stay as they are.
  static std::string repository(const std::string& then) {
    return must_kubectl("exec beaver-repo-host-0 -c pgbackrest -- bash -c 'cd " +
                        std::string(kRepository) + " && " + then + "'");
  }

  static std::string time_;
};
std::string Clone::time_;

// Whatever is archived meanwhile is the source's own.
TEST_F(Clone, GoesToATimeWhileTheSourceIsWrittenAndLeavesItsRepositoryAsItWas) {
  repository("find archive/db/*/0* backup/db/*F -type f | xargs sha256sum >/tmp/before");
  const std::string node =
      must_kubectl("get " + primary(kBeaver) + " -o jsonpath='{.spec.nodeName}'");
  Writer writer(kBeaver, node);
  make_like_hippo(kCub, cloning("clusterName: beaver, repoName: repo1, " + to_time()));
  await_settled(kCub);
  await_streaming(kCub, 1, 240s);
  EXPECT_EQ(writer.errors(), 0);
  writer.stop();
  EXPECT_EQ(
      repository(
          "sha256sum --check --quiet /tmp/before && wc --lines </tmp/before | sed s/[1-9].*/some/"),
      "some");
  EXPECT_EQ(superuser(kCub, "select string_agg(note, ',' order by at) from notes"), "first");
  EXPECT_EQ(psql(kCub, "select 1"), "1") << "by the new cluster's own Secret";
  EXPECT_EQ(condition(kCub, "PostgresDataInitialized", "reason"), "PGBackRestRestoreComplete");
  EXPECT_THAT(events(kCub), testing::HasSubstr("CloneComplete"));
  EXPECT_EQ(must_kubectl("get secret,configmap cub-pgbackrest-source --ignore-not-found -o name"),
            "");
  // Who watches the clone's database sees the source's, and the repositories are two.
  superuser(kCub, "insert into notes (note) values ('of the clone')");
  EXPECT_THAT(superuser(kBeaver, "select string_agg(note, ',' order by at) from notes"),
              testing::StartsWith("first,second"));
  std::cout << replay("timeline --story --cluster postgres-operator/cub | grep -F clone") << "\n";
}

// Nothing is asked for twice: the field may go.
TEST_F(Clone, ItsSourceMayBeTakenOutOfTheSpec) {
  const std::string before = pods_and_templates(kCub);
  change(kCub, R"({"op":"remove","path":"/spec/dataSource"})");
  await_settled(kCub);
  EXPECT_EQ(pods_and_templates(kCub), before);
}

TEST_F(Clone, InAnotherNamespaceWaitsForARepositoryThatIsThere) {
  must_kubectl("create namespace " + std::string(kNursery));
  const std::string manifest =
      "sed -e 's/postgresVersion: 15/postgresVersion: " + postgres_version() +
      "/' -e 's/\\bhippo\\b/cub/g' -e 's/^spec:/spec:\\n  dataSource:\\n "
      "   postgresCluster: {clusterName: beaver, clusterNamespace: "
      "postgres-operator, repoName: ";
  const std::string file = "}/' examples/hippo.yaml";
  apply(manifest + "repo3" + file, "-n nursery apply");
  await(
      "an Event about the repository", 120s,
      [] {
        return in_nursery("get events -o jsonpath='{range .items[*]}{.message}{\"\\n\"}{end}'");
      },
      testing::HasSubstr("no repository of cluster postgres-operator/beaver: choose from repo1"));
  apply(manifest + "repo1" + file, "-n nursery apply");
  await(
      "the clone", 400s,
      [] {
        return in_nursery(
            "get postgrescluster cub -o jsonpath='{.status.conditions[?(@.type==\"Ready\")].status}"
            " {.status.conditions[?(@.type==\"PGBackRestReplicaCreate\")].status}'");
      },
      "True True", {.details = [] { return in_nursery("get pods,events -o wide"); }});
  EXPECT_THAT(notes_of("-n nursery " + primary_in_nursery()), testing::StartsWith("first,second"));
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

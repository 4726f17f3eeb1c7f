// A new cluster from the repository of a cluster of PGO v4 in a bucket, which stays as it is; and
// one that goes on in it, as PGO's guide of an upgrade from v4 by backups has it. Wants script/demo
// to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

constexpr const char* kStork = "stork";  // with a place of its own
constexpr const char* kHeron = "heron";  // at the place of v4
constexpr const char* kOldPath = "/backrestrepo/hippo-backrest-shared-repo";

class S3OfV4 : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kStork, kHeron}) remove(cluster);
    start_store();
    old_repository_ = make_old_repository();
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kStork, kHeron}) remove(cluster);
    end_store();
  }

  // Returns what is in it.
  static std::string make_old_repository() {
    must_kubectl("delete pod hippo-v4 --ignore-not-found");
    must_kubectl("apply -f tests/e2e/manifests/pgo-v4.yaml");
    await("a repository as of PGO v4", 240s,
          [] { return must_kubectl("get pod hippo-v4 -o jsonpath={.status.phase}"); }, "Succeeded",
          {.details = [] {
            return must_kubectl("describe pod hippo-v4") + kubectl("logs hippo-v4").out;
          }});
    const std::string held = must_kubectl("logs hippo-v4 --tail=1");
    must_kubectl("delete pod hippo-v4");
    return held;
  }
  static std::string types_of_backups(const std::string& cluster) {
    return field(cluster, ".status.pgbackrest.repos[0].contents.backups[*].type");
  }

  static std::string old_repository_;
};
std::string S3OfV4::old_repository_;

TEST_F(S3OfV4, BecomesTheDataOfANewClusterAndStaysAsItIs) {
  const std::string source = "pgbackrest:\n      stanza: db\n      repo: " + bucket("repo1") +
                             "\n      " + access("1", kOldPath);
  apply_cluster(
      {.name = kStork,
       .backups = access("1", "/stork/repo1") + "      repos: [" + bucket("repo1") + "]\n",
       .data_source = source});
  await_open(kStork);
  EXPECT_EQ(notes(kStork), "of v4,after its backup");
  EXPECT_EQ(psql(kStork, "select 1"), "1") << "by the new cluster's own Secret";
  note(kStork, "of the stork");
  await_archived(kStork, switch_wal(kStork));
  await("its own backup, the only one", 120s, [] { return types_of_backups(kStork); }, "full");
  EXPECT_EQ(
      must_kubectl("exec " + primary(kStork) +
                   " -c database -- pgbackrest repo-ls --recurse --output=json --repo1-path=" +
                   kOldPath + " | sha256sum"),
      old_repository_);
}

TEST_F(S3OfV4, GoesOnAtItsPlaceWithANewCluster) {
  apply_cluster({.name = kHeron,
                 .backups = access("1", kOldPath) + "      repos: [" + bucket("repo1") + "]\n",
                 .data_source = "postgresCluster: {repoName: repo1}"});
  await_open(kHeron);
  EXPECT_EQ(notes(kHeron), "of v4,after its backup");
  EXPECT_EQ(psql(kHeron, "select 1"), "1") << "by the new cluster's own Secret";
  note(kHeron, "of the heron");
  await_archived(kHeron, switch_wal(kHeron));
  await("the backups of both", 120s, [] { return types_of_backups(kHeron); }, "full incr");
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e

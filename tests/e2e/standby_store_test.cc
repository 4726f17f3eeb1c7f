// Clusters that follow the repository of another one, on a real S3 server (script/s3): a new one
// comes from its newest backup, reads its archive, and is promoted when the other one is gone.
// Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kOrca = "orca";        // has a primary
constexpr const char* kDolphin = "dolphin";  // follows its bucket

class StandbyStore : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kDolphin, kOrca}) remove(cluster);
    start_store();
    apply_cluster({.name = kOrca, .backups = repository(), .data_source = {}});
    await_open(kOrca);
    make_notes(kOrca);
    note(kOrca, "first");
    await_archived(kOrca, switch_wal(kOrca));
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kDolphin, kOrca}) remove(cluster);
    end_store();
  }

  static std::string repository() {
    return access("1", "/orca/repo1") + "      repos: [" + bucket("repo1") + "]\n";
  }
};

TEST_F(StandbyStore, IsMadeFromABackupAndFollowsTheArchive) {
  apply_cluster(
      {.name = kDolphin, .backups = repository(), .data_source = {}, .standby = "repoName: repo1"});
  await("Ready of dolphin", 500s, [] { return condition(kDolphin, "Ready", "reason"); },
        "StandbyLeaderReady", {.details = [] { return trouble(kDolphin); }});
  await_settled(kDolphin, 500s);
  EXPECT_THAT(condition(kDolphin, "Standby", "message"), HasSubstr("repository repo1"));
  EXPECT_EQ(condition(kDolphin, "RepositoryPlaceTaken", "status"), "");
  await("the first row", 120s, [] { return notes(kDolphin); }, "first");
  note(kOrca, "second");
  await_archived(kOrca, switch_wal(kOrca));
  await("the second row", 240s, [] { return notes(kDolphin); }, "first,second");
  EXPECT_EQ(superuser(kDolphin, "select count(*) from pg_stat_wal_receiver"), "0");
}

// As one does when the other site is gone: its repository stays, and goes on as the standby's own.
TEST_F(StandbyStore, IsPromotedAndGoesOnInTheRepositoryOfTheOneThatIsGone) {
  remove(kOrca);
  change(kDolphin, R"({"op":"remove","path":"/spec/standby"})");
  await("Ready of dolphin", 300s, [] { return condition(kDolphin, "Ready", "reason"); },
        "PrimaryReady", {.details = [] { return trouble(kDolphin); }});
  await_open(kDolphin);
  EXPECT_THAT(notes(kDolphin), StartsWith("first,second"));
  note(kDolphin, "third");
  await_archived(kDolphin, switch_wal(kDolphin));
  EXPECT_EQ(psql(kDolphin, "select 'own password'"), "own password");
  EXPECT_THAT(events(kDolphin), HasSubstr("StandbyPromoted"));
}

}  // namespace
}  // namespace annals::e2e

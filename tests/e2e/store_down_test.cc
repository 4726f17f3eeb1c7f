// Clusters with an object store that is down when they are made, or that another cluster has.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kOrca = "orca";      // its bucket is down at first, its volume is not
constexpr const char* kBeluga = "beluga";  // wants the place that orca has
constexpr const char* kStanza = "RepositoryWithoutStanza";
constexpr const char* kPlace = "RepositoryPlaceTaken";

class StoreDown : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kOrca, kBeluga}) remove(cluster);
    start_store();
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kOrca, kBeluga}) remove(cluster);
    end_store();
  }

  static std::string bucket_and_volume(const std::string& path) {
    // What the operator gives for a store beside a volume is enough.
    return access("1", path, kS3, "") + "      repos: [" + bucket("repo1") +
           ", {name: repo2, volume: {volumeClaimSpec: " + kClaim + "}}]\n";
  }
};

TEST_F(StoreDown, HoldsUpNeitherTheOtherRepositoryNorTheFirstBackup) {
  stop_server();
  apply_cluster({.name = kOrca, .backups = bucket_and_volume("/orca/repo1"), .data_source = {}});
  await("the condition that names the repository", 400s,
        [] { return condition(kOrca, kStanza, "message"); },
        AllOf(HasSubstr("repo1, s3 bucket backups at"), HasSubstr("to connect"),
              HasSubstr("spec.backups.pgbackrest.repos[0].s3.endpoint")),
        {.details = [] { return trouble(kOrca); }});
  // Each batch of WAL waits until pgBackRest has given up the bucket.
  await("the first backup on the volume", 600s,
        [] { return condition(kOrca, "PGBackRestReplicaCreate", "message"); },
        HasSubstr("from repository repo2"), {.details = [] { return trouble(kOrca); }});
  EXPECT_EQ(field(kOrca, ".status.pgbackrest.repos[0].stanzaCreated"), "false");
  EXPECT_EQ(field(kOrca, ".status.pgbackrest.repos[1].replicaCreateBackupComplete"), "true");
}

TEST_F(StoreDown, GetsItsStanzaWhenItIsBack) {
  start_server();
  await("the condition to go", 400s, [] { return condition(kOrca, kStanza, "status"); }, "",
        {.details = [] { return trouble(kOrca); }});
  EXPECT_EQ(field(kOrca, ".status.pgbackrest.repos[0].stanzaCreated"), "true");
  EXPECT_THAT(events(kOrca), HasSubstr("StanzaCreated"));
  make_notes(kOrca);
  await_archived(kOrca, switch_wal(kOrca), 240s);
}

TEST_F(StoreDown, APlaceOfAnotherClusterIsLeftAlone) {
  const std::string before = field(kOrca, ".status.patroni.systemIdentifier");
  apply_cluster({.name = kBeluga, .backups = bucket_and_volume("/orca/repo1"), .data_source = {}});
  await("the condition that names the other cluster", 60s,
        [] { return condition(kBeluga, kPlace, "message"); },
        AllOf(HasSubstr("path /orca/repo1"), HasSubstr("/orca has its repo1")),
        {.details = [] { return trouble(kBeluga); }});
  EXPECT_EQ(condition(kBeluga, kPlace, "reason"), "PlaceTaken");
  await("the first backup on the volume", 400s,
        [] { return condition(kBeluga, "PGBackRestReplicaCreate", "message"); },
        HasSubstr("from repository repo2"), {.details = [] { return trouble(kBeluga); }});
  EXPECT_EQ(field(kBeluga, ".status.pgbackrest.repos[0].stanzaCreated"), "false");
  EXPECT_EQ(condition(kBeluga, kStanza, "status"), "") << "nobody has tried";
  EXPECT_EQ(condition(kOrca, kPlace, "status"), "");

  remove(kOrca);
  await("the condition that names the other database", 400s,
        [] { return condition(kBeluga, kStanza, "message"); },
        AllOf(HasSubstr("belongs to another database"), HasSubstr(before)),
        {.details = [] { return trouble(kBeluga); }});
  EXPECT_EQ(condition(kBeluga, kStanza, "reason"), "OtherDatabase");
  EXPECT_EQ(condition(kBeluga, kPlace, "status"), "");
  patch(kBeluga,
        R"({"spec":{"backups":{"pgbackrest":{"global":{"repo1-path":"/beluga/repo1"}}}}})");
  await("its stanza", 400s,
        [] { return field(kBeluga, ".status.pgbackrest.repos[0].stanzaCreated"); }, "true",
        {.details = [] { return trouble(kBeluga); }});
  EXPECT_EQ(condition(kBeluga, kStanza, "status"), "");
}

}  // namespace
}  // namespace annals::e2e

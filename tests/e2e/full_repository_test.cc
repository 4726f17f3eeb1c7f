// A repository whose volume is full: told soon and with the remedy, while the database takes
// writes; with room again, everything that waits is archived. The volume is of one node's memory,
// since the volumes of script/cluster have no limit. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

constexpr const char* kStoat = "stoat";
constexpr const char* kArchiving = "ContinuousArchiving";
constexpr const char* kFolder = "/var/lib/annals-e2e-full-repository";
constexpr const char* kPid = "$(cut -d ' ' -f 1 /var/lib/annals-cluster/machines/node1/pid)";

class FullRepository : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    clean();
    in_node(std::string("mkdir -p ") + kFolder + " && mount -t tmpfs -o size=144m,mode=777 full " +
            kFolder);
    must(std::string("$KUBECTL apply -f - <<'YAML'\n") +
         "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: of-stoat}\nspec:\n"
         "  capacity: {storage: 144Mi}\n  accessModes: [ReadWriteOnce]\n"
         "  storageClassName: of-stoat\n  persistentVolumeReclaimPolicy: Retain\n"
         "  local: {path: " +
         kFolder +
         "}\n  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: "
         "kubernetes.io/hostname, operator: In, values: [node1]}]}]}}\nYAML");
    apply_cluster({.name = kStoat,
                   .backups = "global: {compress-type: none}\n      repos: [{name: repo1, volume: "
                              "{volumeClaimSpec: {accessModes: [ReadWriteOnce], storageClassName: "
                              "of-stoat, resources: {requests: {storage: 144Mi}}}}}]\n",
                   .data_source = {}});
    await_open(kStoat);
    make_notes(kStoat);
  }
  static void TearDownTestSuite() { clean(); }

  static void clean() {
    remove(kStoat);
    must_kubectl("delete pv of-stoat --ignore-not-found");
    in_node(std::string("! mountpoint -q ") + kFolder + " || umount " + kFolder);
  }
  static void in_node(const std::string& command) {
    must(std::string("nsenter --target ") + kPid + " --mount -- bash -ceu '" + command + "'");
  }
  static std::string write_segment() {
    note(kStoat, "one more");
    return switch_wal(kStoat);
  }
  static std::string archiving(const std::string& field) {
    return condition(kStoat, kArchiving, field);
  }
};

TEST_F(FullRepository, IsToldWithTheRemedyAndTheDatabaseGoesOn) {
  std::string last;
  for (int i = 0; i < 10; ++i) last = write_segment();
  // pgBackRest pauses a minute after three attempts; the archiver is asked every minute.
  await("the condition", 200s, [] { return archiving("status"); }, "False",
        {.details = [] { return trouble(kStoat); }});
  EXPECT_THAT(archiving("reason"), AnyOf("NoSpaceLeft", "ArchiveCommandFailed"));
  EXPECT_THAT(archiving("message"), AllOf(HasSubstr("fill the primary's volume"),
                                          AnyOf(HasSubstr("enlarge the repository's volume"),
                                                HasSubstr("unable to write"))));
  note(kStoat, "while it is full");
  EXPECT_THAT(notes(kStoat), HasSubstr("while it is full"));
  EXPECT_EQ(condition(kStoat, "Ready", "status"), "True");
}

TEST_F(FullRepository, WithRoomAgainAllThatWaitsIsArchived) {
  const std::string last = write_segment();
  in_node(std::string("mount -o remount,size=1g ") + kFolder);
  await_archived(kStoat, last, 240s);
  await("the condition to be true again", 75s, [] { return archiving("status"); }, "True",
        {.details = [] { return trouble(kStoat); }});
  ask_backup(kStoat, "with-room", "repo1", "incr");
  await_backed_up(kStoat, "with-room");
}

}  // namespace
}  // namespace annals::e2e

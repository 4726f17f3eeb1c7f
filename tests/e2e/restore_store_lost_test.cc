// One of two repositories is lost while a restore from it replays WAL. Nothing is taken for the end
// of the archive: the database opens with all that there was, from the other repository or once the
// lost one is back. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kErmine = "ermine";

class RestoreStoreLost : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    remove(kErmine);
    start_store();
    apply_cluster({.name = kErmine,
                   .backups = access("1", "/ermine/repo1", kS3, "") + "      repos: [" +
                              bucket("repo1") +
                              ", {name: repo2, volume: {volumeClaimSpec: " + kClaim + "}}]\n",
                   .data_source = {}});
    await_open(kErmine);
    make_notes(kErmine);
  }
  static void TearDownTestSuite() {
    remove(kErmine);
    end_store();
  }

  static std::string log() {
    return kubectl("logs job/ermine-pgbackrest-restore --all-containers --tail=-1").out;
  }
  static std::string phase() { return field(kErmine, ".status.pgbackrest.restore.succeeded"); }
  // Five minutes with ANNALS_TEST_LONG.
  static std::chrono::seconds outage() { return kills(0, 1) == 0 ? 60s : 300s; }
};

TEST_F(RestoreStoreLost, WhatItHeldIsThereWhenTheDatabaseOpens) {
  note(kErmine, "begin");
  // Some WAL to be replayed, of which each segment is asked for.
  superuser(kErmine, "create table bulk (n int, filler text)");
  std::string last;
  for (int segment = 0; segment < 30; ++segment) {
    superuser(kErmine,
              "insert into bulk select n, repeat('x', 400) from generate_series(1, 20000) n");
    last = switch_wal(kErmine);
  }
  note(kErmine, "end");
  await_archived(kErmine, switch_wal(kErmine), 240s);
  ask_restore(kErmine, "lost", "repo1");
  await("that WAL is replayed", 300s, log, HasSubstr("restored log file"),
        {.looking = Looking::kKeen, .details = [] { return trouble(kErmine); }});
  stop_server();
  const bool ended = eventually(outage(), [] { return phase() == "1"; });
  if (ended) {
    EXPECT_EQ(superuser(kErmine, "select count(*) from bulk"), "600000")
        << "opened without what the lost repository held";
  }
  start_server();
  await_restored(kErmine, "lost");
  EXPECT_THAT(notes(kErmine), HasSubstr("begin,end"));
  EXPECT_EQ(superuser(kErmine, "select count(*) from bulk"), "600000");
  await_archived(kErmine, switch_wal(kErmine), 240s);
}

}  // namespace
}  // namespace annals::e2e

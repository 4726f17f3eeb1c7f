// WAL that pgBackRest drops while a bucket is lost (archive-push-queue-max): PostgreSQL takes it
// for archived. The operator finds the gap, backs up behind it, and restores nothing into it. Wants
// script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDesman = "desman";

class WalDropped : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    remove(kDesman);
    start_store();
    apply_cluster({.name = kDesman,
                   .backups = access("1", "/desman/repo1", kS3,
                                     "io-timeout: '5', archive-push-queue-max: 48MiB") +
                              "      repos: [" + bucket("repo1") + "]\n",
                   .data_source = {}});
    await_open(kDesman);
    make_notes(kDesman);
  }
  static void TearDownTestSuite() {
    remove(kDesman);
    end_store();
  }

  static std::string write_segment() {
    note(kDesman, "one more");
    return switch_wal(kDesman);
  }
  static std::string contents(const std::string& path) {
    return field(kDesman, ".status.pgbackrest.repos[0].contents." + path);
  }
  static std::string last_archived() {
    return superuser(kDesman, "select last_archived_wal from pg_stat_archiver");
  }
  static std::string dropped() {
    return must_kubectl("exec " + primary(kDesman) +
                        " -c database -- bash -c 'grep --no-messages --count dropped "
                        "/pgdata/pgbackrest/log/db-archive-push-async.log || true'");
  }
  // The repository is read every ten minutes, and at once on request.
  static void look() { annotate(kDesman, "pgbackrest-info=" + std::to_string(++looks_)); }
  static inline int looks_ = 0;
};

TEST_F(WalDropped, ABackupBeginsBehindTheGapAndNoRestoreGoesIntoIt) {
  await_archived(kDesman, write_segment());
  stop_server();
  const std::string lost = write_segment();
  for (int i = 0; i < 5; ++i) write_segment();
  const std::string in_the_gap = a_time_between(kDesman);
  await("WAL that is dropped", 400s, dropped, Not(AnyOf("", "0")),
        {.details = [] { return trouble(kDesman); }});
  start_server();
  await_archived(kDesman, write_segment(), 300s);
  // Until then it may be late.
  await("the gap", 700s,
        [] {
          look();
          return contents("missingWAL[0].first");
        },
        lost, {.details = [] { return trouble(kDesman); }});
  EXPECT_THAT(events(kDesman), HasSubstr("BackupForMissingWAL"));
  await("the backup behind it", 400s, [] { return condition(kDesman, "WALMissing", "status"); }, "",
        {.details = [] { return trouble(kDesman); }});
  // Of one form and zone. What it leads to begins within the second after its end.
  EXPECT_GE(contents("missingWAL[0].restorableFrom"), contents("backups[-1:].stopTime"));

  ask_restore(kDesman, "into-the-gap", "repo1",
              R"("--type=time","--target=\")" + in_the_gap + R"(\"")");
  await("the refusal", 120s,
        [] { return condition(kDesman, "PGBackRestoreProgressing", "message"); },
        AllOf(HasSubstr("out of reach"), HasSubstr(lost), HasSubstr("choose a time before"),
              HasSubstr("or what backup")),
        {.details = [] { return trouble(kDesman); }});
  EXPECT_EQ(condition(kDesman, "Ready", "status"), "True");
}

// Nobody writes any more, and nobody asks for a look. Only PostgreSQL knows that there was more.
TEST_F(WalDropped, WhatNothingFollowsIsMissedToo) {
  // A checkpoint or a vacuum alone ends no segment.
  superuser(kDesman, "alter system set archive_timeout = 0");
  superuser(kDesman, "select pg_reload_conf()");
  await_archived(kDesman, write_segment(), 300s);
  stop_server();
  const std::string lost = write_segment();
  std::string last;
  for (int i = 0; i < 5; ++i) last = write_segment();
  const std::string in_the_gap = a_time_between(kDesman);
  await("WAL that PostgreSQL takes for archived", 400s, last_archived, last,
        {.details = [] { return trouble(kDesman); }});
  start_server();
  await("the gap", 700s, [] { return contents("missingWAL[-1:].first"); }, lost,
        {.details = [] { return trouble(kDesman); }});
  EXPECT_EQ(contents("missingWAL[-1:].last"), last);
  EXPECT_THAT(events(kDesman), HasSubstr("lacks WAL " + lost + " to " + last));
  await("the backup behind it", 400s, [] { return condition(kDesman, "WALMissing", "status"); }, "",
        {.details = [] { return trouble(kDesman); }});
  EXPECT_GE(contents("missingWAL[-1:].restorableFrom"), contents("backups[-1:].stopTime"));

  ask_restore(kDesman, "into-the-second-gap", "repo1",
              R"("--type=time","--target=\")" + in_the_gap + R"(\"")");
  await("the refusal", 120s,
        [] { return condition(kDesman, "PGBackRestoreProgressing", "message"); },
        AllOf(HasSubstr("out of reach"), HasSubstr(lost), HasSubstr("or what backup")),
        {.details = [] { return trouble(kDesman); }});
  EXPECT_EQ(condition(kDesman, "Ready", "status"), "True");
}

}  // namespace
}  // namespace annals::e2e

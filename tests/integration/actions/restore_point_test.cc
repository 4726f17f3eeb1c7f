// MakeRestorePoint and CheckArchived against a real PostgreSQL that archives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "actions/check_archived.h"
#include "actions/make_restore_point.h"
#include "base/concat.h"
#include "tests/integration/actions/with_postgres.h"

namespace annals::actions {
namespace {

using testing::HasSubstr;

class RestorePoints : public WithPostgres {
 protected:
  RestorePoints() {
    server_.restart_with(
        "archive_mode = on\narchive_command = 'false'\nmin_wal_size = 32MB\n"
        "max_wal_size = 32MB\ntrack_commit_timestamp = on\n");
  }

  Answer<ActionResult> try_to_make(const std::string& name) {
    fsm::MakeRestorePoint intent;
    intent.host = "localhost";
    intent.port = server_.port();
    intent.authority_secret = "authority";
    intent.name = name;
    return run(actions::run(std::move(intent), {ClusterUid("c"), "pg", "hippo"}, context_));
  }
  fsm::RestorePoint make(const std::string& name) {
    const Answer<ActionResult> made = try_to_make(name);
    EXPECT_TRUE(made) << to_string(made.error());
    return made.value().restore_point.value();
  }
  Answer<ActionResult> try_to_check(const std::string& segment) {
    fsm::CheckArchived intent;
    intent.host = "localhost";
    intent.port = server_.port();
    intent.authority_secret = "authority";
    intent.segment = segment;
    return run(actions::run(std::move(intent), {ClusterUid("c"), "pg", "hippo"}, context_));
  }
  fsm::ArchiveSeen check(const std::string& segment) {
    const Answer<ActionResult> seen = try_to_check(segment);
    EXPECT_TRUE(seen) << to_string(seen.error());
    return seen.value().archive.value();
  }
  void archive_by(const std::string& command) {
    ask(concat("ALTER SYSTEM SET archive_command = '", command, "'"));
    ask("SELECT pg_reload_conf()");
  }
  std::string trouble_of(const std::string& segment) {
    std::string trouble;
    run_until([&] { return !(trouble = check(segment).trouble).empty(); });
    return trouble;
  }
  void await_archived(const std::string& segment) {
    run_until([&] { return check(segment).archived; });
  }
  bool has_file(const std::string& segment) {
    return ask(concat("SELECT count(*) FROM pg_ls_waldir() WHERE name = '", segment, "'")) == "1";
  }
};

TEST_F(RestorePoints, AreInTheSegmentThatTheyNameBehindACommitOfALaterTime) {
  const fsm::RestorePoint point = make("annals-restore-1");
  EXPECT_EQ(point.name, "annals-restore-1");
  EXPECT_EQ(point.timeline, 1);
  EXPECT_EQ(point.segment, ask(concat("SELECT pg_walfile_name('", point.lsn, "'::pg_lsn - 1)")));
  EXPECT_LT(point.segment, ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())"))
      << "the segment is complete, so that it is archived";
  EXPECT_EQ(ask(concat("SELECT timestamp > '", point.time, "' FROM pg_last_committed_xact()")),
            "t");
  EXPECT_EQ(ask(concat("SELECT now() - '", point.time, "' < '1 minute'")), "t");
  EXPECT_THAT(server_.log(),
              HasSubstr(concat("restore point \"annals-restore-1\" created at ", point.lsn)));
}

TEST_F(RestorePoints, MadeAgainAreLater) {
  const fsm::RestorePoint first = make("annals-restore-1");
  const fsm::RestorePoint second = make("annals-restore-1");
  EXPECT_EQ(ask(concat("SELECT '", first.lsn, "'::pg_lsn < '", second.lsn, "'")), "t");
  EXPECT_LT(first.segment, second.segment);
  EXPECT_LT(first.time, second.time);
}

TEST_F(RestorePoints, ASegmentIsArchivedWhenTheArchiverHasTakenItAndStaysSo) {
  const std::string segment = make("annals-restore-1").segment;
  EXPECT_THAT(trouble_of(segment), HasSubstr("archive_command failed for 00000001"));
  EXPECT_FALSE(check(segment).archived);
  archive_by("true");
  await_archived(segment);
  EXPECT_EQ(check(segment),
            (fsm::ArchiveSeen{.segment = segment, .archived = true, .trouble = {}}));
  run_until([&] {
    await_archived(make("annals-restore-2").segment);
    ask("CHECKPOINT");
    return !has_file(segment);
  });
  EXPECT_TRUE(check(segment).archived) << "it has gone from the server";
}

TEST_F(RestorePoints, ASegmentThatIsBeingWrittenIsNotArchived) {
  archive_by("true");
  const std::string segment = ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
  EXPECT_FALSE(check(segment).archived);
  EXPECT_EQ(check(segment).trouble, "");
}

// What it has received from its leader it marks as done, whatever its leader has archived.
TEST_F(RestorePoints, OfAServerThatFollowsThereAreNoneAndItsMarksProveNothing) {
  const std::string segment = make("annals-restore-1").segment;
  server_.restart_as_standby();
  for (const Answer<ActionResult>& refused :
       {try_to_make("annals-restore-2"), try_to_check(segment)}) {
    ASSERT_FALSE(refused);
    EXPECT_THAT(to_string(refused.error()), HasSubstr("recovery"));
  }
  ask("SELECT pg_promote()");
  run_until([&] { return ask("SELECT pg_is_in_recovery()") == "f"; });
  archive_by("true");
  const fsm::ArchiveSeen of_before = check(segment);
  EXPECT_FALSE(of_before.archived);
  EXPECT_EQ(of_before.trouble, "the primary writes timeline 00000002 by now");
  const fsm::RestorePoint point = make("annals-restore-2");
  EXPECT_EQ(point.timeline, 2);
  await_archived(point.segment);
}

}  // namespace
}  // namespace annals::actions

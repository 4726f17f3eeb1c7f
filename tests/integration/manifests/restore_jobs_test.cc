// The Jobs of a restore, on a real PostgreSQL and a real pgBackRest.
#include "manifests/pgbackrest/restore_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/concat.h"
#include "spec/restore_target.h"
#include "tests/integration/manifests/restored_database.h"

namespace annals::manifests {
namespace {

using spec::TargetType;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// Rows 1 before the backup, 2 and 3 after it, each with the WAL archived; the server is stopped.
class RestoreJobs : public testing::Test {
 protected:
  RestoreJobs() {
    database_.write(1);
    database_.back_up();
    database_.write(2);
    database_.sql("SELECT pg_create_restore_point('between two and three')");
    between_ = database_.sql("SELECT clock_timestamp() AT TIME ZONE 'UTC'") + "+00";
    lsn_ = database_.sql("SELECT pg_current_wal_insert_lsn()");
    xid_ = database_.sql("BEGIN; INSERT INTO t VALUES (3); SELECT pg_current_xact_id(); COMMIT");
  }

  void stop_archived() {
    database_.stop();
    ASSERT_TRUE(database_.run_job(database_.archive_request())) << database_.log();
  }
  RestoreJob to(TargetType type, const std::string& text, bool exclusive = false) const {
    RestoreJob job = database_.request();
    job.options.target.type = type;
    job.options.target.text = text;
    job.options.target.exclusive = exclusive;
    return job;
  }
  void expect_restored(const RestoreJob& job, const std::string& rows) {
    ASSERT_TRUE(database_.run_job(job)) << database_.log();
    EXPECT_FALSE(database_.succeeds("test -e $data"));
    database_.start_restored();
    EXPECT_EQ(database_.rows(), rows) << spec::to_string(job.options.target.type);
    EXPECT_EQ(database_.sql("SELECT ltrim(left(pg_walfile_name(pg_current_wal_lsn()), 8), '0')"),
              database_.said("timeline"));
  }
  // Nothing was opened: the data is on the timeline on which it was, and still recovers.
  void expect_closed() const {
    EXPECT_FALSE(database_.succeeds("test -e $restored"));
    EXPECT_THAT(database_.run("pg_controldata \"$data\""),
                HasSubstr("Latest checkpoint's TimeLineID:       1\n"));
    EXPECT_TRUE(database_.succeeds("test -e $data/standby.signal"));
    const char* a_segment = "ls $data/pg_wal/00000002????????????????";
    EXPECT_FALSE(database_.succeeds(a_segment)) << "the history of a timeline may be there";
  }

  // As the server has left it.
  void expect_closed_as_stopped() const {
    EXPECT_FALSE(database_.succeeds("test -e $restored || test -e $data/standby.signal"));
    EXPECT_THAT(database_.run("pg_controldata \"$data\""),
                HasSubstr("Database cluster state:               shut down\n"));
  }

  RestoredDatabase database_;
  std::string between_, lsn_, xid_;
};

TEST_F(RestoreJobs, RestoreToTheEndOfTheArchive) {
  stop_archived();
  EXPECT_EQ(database_.said("timeline"), "1");
  const std::string end = database_.said("lsn");
  RestoreJob whole = database_.request();
  whole.least_lsn = *spec::parse_lsn(end);
  expect_restored(whole, "1 2 3");
  EXPECT_EQ(database_.said("timeline"), "2");
  EXPECT_EQ(database_.said("from"), "1");
  EXPECT_EQ(database_.said("lsn"), end);
  EXPECT_THAT(database_.said("stopped"), MatchesRegex("20[0-9 :.-]+[+]00"));
}

// Each begins from the same backup on the first timeline, and none follows the one before it.
TEST_F(RestoreJobs, RestoreToEachKindOfTarget) {
  stop_archived();
  expect_restored(to(TargetType::kTime, between_), "1 2");
  stop_archived();
  expect_restored(to(TargetType::kLsn, lsn_), "1 2");
  stop_archived();
  expect_restored(to(TargetType::kName, "between two and three"), "1 2");
  stop_archived();
  expect_restored(to(TargetType::kXid, xid_), "1 2 3");
  stop_archived();
  expect_restored(to(TargetType::kXid, xid_, true), "1 2");
  stop_archived();
  expect_restored(to(TargetType::kImmediate, ""), "1");
  EXPECT_EQ(database_.said("timeline"), "7");
}

TEST_F(RestoreJobs, UndoGoesToTheEndOfTheTimelineThatWasLeft) {
  stop_archived();
  RestoreJob undo = database_.request();
  undo.least_wal = database_.said("segment");
  expect_restored(to(TargetType::kTime, between_), "1 2");
  database_.write(4);
  database_.back_up();
  stop_archived();
  expect_restored(undo, "1 2 3");
  database_.back_up();
  EXPECT_EQ(database_.said("timeline"), "3");
}

// A clone's volume is empty, or holds what the clone has written.
TEST_F(RestoreJobs, ACloneWritesOverNoDatabase) {
  stop_archived();
  RestoreJob clone = database_.request();
  clone.clone = true;
  EXPECT_FALSE(database_.run_job(clone));
  EXPECT_THAT(database_.message(), HasSubstr("the volume holds a database already"));
  expect_closed_as_stopped();
  database_.run("rm --recursive $data ${data}_wal");
  expect_restored(clone, "1 2 3");
  EXPECT_TRUE(database_.succeeds("test -e ${data}_cloning"));
  database_.stop();
  expect_restored(clone, "1 2 3");
}

TEST_F(RestoreJobs, AServerThatWasKilledLosesNothing) {
  database_.write(5);
  database_.kill();
  ASSERT_TRUE(database_.run_job(database_.archive_request())) << database_.log();
  EXPECT_NE(database_.said("pushed"), "0");
  expect_restored(database_.request(), "1 2 3 5");
}

TEST_F(RestoreJobs, WhatTheServerCouldNotArchiveIsArchived) {
  database_.run("mv $repo $repo.gone");
  database_.write(5);
  database_.stop();
  EXPECT_FALSE(database_.run_job(database_.archive_request()));
  EXPECT_THAT(database_.message(), HasSubstr("pgbackrest archive-push: exit status "));
  database_.run("mv $repo.gone $repo");
  ASSERT_TRUE(database_.run_job(database_.archive_request())) << database_.log();
  EXPECT_NE(database_.said("pushed"), "0");
  ASSERT_TRUE(database_.run_job(database_.archive_request())) << database_.log();
  EXPECT_EQ(database_.said("pushed"), "0");
  expect_restored(database_.request(), "1 2 3 5");
}

TEST_F(RestoreJobs, ASegmentWithAnotherContentIsNotTheSegment) {
  stop_archived();
  const std::string segment = database_.said("segment");
  database_.run(concat("cp --archive $repo/archive/db/15-1/", segment.substr(0, 16),
                       " $folder/kept; ", "rm $repo/archive/db/15-1/*/", segment, "-*"));
  EXPECT_FALSE(database_.run_job(database_.archive_request()));
  EXPECT_THAT(database_.message(), HasSubstr(concat(segment, " is not in repository repo1")));
}

// While it is gone nothing is opened; then everything is there.
TEST_F(RestoreJobs, ARepositoryThatIsLostInTheMiddleIsWaitedFor) {
  const std::string lost = database_.switch_wal();
  database_.write(5);
  stop_archived();
  database_.stand_in(concat("if [[ \"$*\" == *archive-get*", lost,
                            "* && ! -e $folder/back ]]; then ",
                            "mv $repo $repo.gone; fi; exec $real \"$@\""));
  database_.begin_job(database_.request());
  database_.await("grep 'asked again' pod.log");
  expect_closed();
  database_.run("touch $folder/back; mv $repo.gone $repo");
  EXPECT_TRUE(database_.wait_for_job()) << database_.log();
  database_.start_restored();
  EXPECT_EQ(database_.rows(), "1 2 3 5");
}

TEST_F(RestoreJobs, ARepositoryThatStaysAwayFailsTheJobAndAnotherAttemptSucceeds) {
  const std::string lost = database_.switch_wal();
  stop_archived();
  database_.set_patience(1);
  database_.stand_in(
      concat("if [[ \"$*\" == *archive-get*", lost, "* ]]; then ",
             "echo 'ERROR: [103]: repo1-s3-key-secret=abc, no answer'; exit 103; fi; ",
             "exec $real \"$@\""));
  EXPECT_FALSE(database_.run_job(database_.request()));
  EXPECT_THAT(database_.message(), HasSubstr("repo1 was lost while its WAL was replayed"));
  EXPECT_THAT(database_.message(), HasSubstr("exit status 103"));
  EXPECT_THAT(database_.message(), HasSubstr("repo1-s3-key-secret=***, no answer"));
  expect_closed();
  database_.run("rm bin/pgbackrest");
  expect_restored(database_.request(), "1 2 3");
}

TEST_F(RestoreJobs, AGapInTheArchiveIsNotItsEnd) {
  const std::string gap = database_.switch_wal();
  database_.write(5);
  stop_archived();
  database_.run(concat("rm $repo/archive/db/15-1/*/", gap, "-*"));
  EXPECT_FALSE(database_.run_job(database_.request()));
  EXPECT_THAT(database_.message(), HasSubstr(concat("does not have WAL segment ", gap)));
  expect_closed();
}

// Nothing in the archive says that there was more; who asks knows it.
TEST_F(RestoreJobs, AnEndThatIsGoneFromTheArchiveIsMissed) {
  database_.switch_wal();
  database_.write(5);
  stop_archived();
  RestoreJob job = database_.request();
  job.least_wal = database_.said("segment");
  database_.run(concat("rm $repo/archive/db/15-1/*/", job.least_wal, "-*"));
  EXPECT_FALSE(database_.run_job(job));
  EXPECT_THAT(database_.message(), HasSubstr(concat("WAL segment ", job.least_wal)));
  expect_closed();
}

TEST_F(RestoreJobs, ABackupWhoseOwnWalIsGoneNeverOpens) {
  stop_archived();
  database_.run("rm --recursive $repo/archive/db/15-1/0*");
  EXPECT_FALSE(database_.run_job(database_.request()));
  EXPECT_THAT(database_.message(), HasSubstr("is not consistent"));
  expect_closed();
}

TEST_F(RestoreJobs, ATargetThatIsNotReachedSaysWhereTheArchiveEnds) {
  stop_archived();
  EXPECT_FALSE(database_.run_job(to(TargetType::kTime, "2100-01-01 00:00:00+00")));
  EXPECT_THAT(database_.message(),
              HasSubstr("the target time 2100-01-01 00:00:00+00 was not reached"));
  EXPECT_THAT(database_.message(), HasSubstr("its last transaction is of 20"));
  expect_closed();
}

// The archive of the first timeline goes on after the second has begun, and PostgreSQL would read
// on there.
TEST_F(RestoreJobs, WalOfATimelineThatWasLeftIsNoneOfTheTarget) {
  database_.write(5);
  stop_archived();
  expect_restored(to(TargetType::kTime, between_), "1 2");
  database_.write(6);
  stop_archived();
  RestoreJob second = database_.request();
  second.options.timeline = "2";
  expect_restored(second, "1 2 6");
  EXPECT_EQ(database_.said("from"), "2");
  stop_archived();
  database_.run("rm $repo/archive/db/15-1/0000000200000000/000000020*");
  EXPECT_FALSE(database_.run_job(second));
  EXPECT_THAT(database_.message(), HasSubstr("does not have WAL segment 00000002"));
  expect_closed();
}

TEST_F(RestoreJobs, ACorruptedBackupSaysSoAndAnotherOneIsRestored) {
  const RestoreJob good = database_.request();
  database_.back_up();
  stop_archived();
  const RestoreJob bad = database_.request();
  database_.run(concat("find $repo/backup/db/", bad.options.set, " -name 1255.gz -exec ",
                       "dd if=/dev/urandom of={} bs=64 seek=9 count=9 conv=notrunc ';'"));
  database_.run("find $data/base -name 1255 -delete");  // what is as in the backup is not read
  EXPECT_FALSE(database_.run_job(bad));
  EXPECT_THAT(database_.message(), HasSubstr("pgbackrest restore: exit status "));
  EXPECT_THAT(database_.message(), HasSubstr("\nERROR: ")) << "at once, since Events are short";
  expect_restored(good, "1 2 3");
}

// The server asks for what its parameters were when the WAL was written.
TEST_F(RestoreJobs, ParametersThatWereRaisedAfterTheBackupAreFollowed) {
  database_.sql("ALTER SYSTEM SET max_connections = 60");
  database_.sql("ALTER SYSTEM SET max_prepared_transactions = 7");
  database_.stop();
  database_.start();
  database_.write(5);
  stop_archived();
  expect_restored(database_.request(), "1 2 3 5");
}

// What ALTER SYSTEM has left would not start in the Job, or would reach out of it.
TEST_F(RestoreJobs, TheServersOwnSettingsHaveNoSay) {
  database_.sql("ALTER SYSTEM SET shared_buffers = '1TB'");
  database_.sql("ALTER SYSTEM SET listen_addresses = '*'");
  database_.sql("ALTER SYSTEM SET restore_command = 'exit 1'");
  database_.back_up();
  database_.sql("ALTER SYSTEM RESET ALL");
  stop_archived();
  ASSERT_TRUE(database_.run_job(database_.request())) << database_.log();
  EXPECT_THAT(database_.log(), Not(HasSubstr("listening on IP")));
}

// With the annotation a restore goes on without its last WAL; it is not thrown away.
TEST_F(RestoreJobs, WhatIsNotArchivedIsKeptBesideTheData) {
  database_.run("mv $repo $repo.gone");
  database_.write(5);
  const std::string segment = database_.sql("SELECT pg_walfile_name(pg_switch_wal())");
  database_.stop();
  database_.run("mv $repo.gone $repo");
  ASSERT_TRUE(database_.run_job(database_.request())) << database_.log();
  EXPECT_TRUE(database_.succeeds(concat("test -s $data.unarchived/", segment)));
}

TEST_F(RestoreJobs, AJobThatWasKilledBeginsAnew) {
  stop_archived();
  database_.stand_in(
      "[[ \"$*\" != *archive-get* ]] || { touch $folder/replays; sleep 60; }; "
      "exec $real \"$@\"");
  database_.begin_job(database_.request());
  database_.await("[[ -e $folder/replays ]]");
  database_.kill_job();
  database_.run("rm bin/pgbackrest");
  expect_restored(database_.request(), "1 2 3");
}

TEST_F(RestoreJobs, OtherDatabasesCanBeLeftOut) {
  database_.sql("CREATE DATABASE app");
  database_.back_up();
  stop_archived();
  RestoreJob job = database_.request();
  job.options.db_include = {"app"};
  ASSERT_TRUE(database_.run_job(job)) << database_.log();
  database_.start_restored();
  EXPECT_EQ(database_.run("psql --dbname=app -Atc 'SELECT 1'"), "1");
}

}  // namespace
}  // namespace annals::manifests

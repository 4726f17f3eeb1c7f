// The Job of a restore drill, on a real PostgreSQL and a real pgBackRest, beside a server that
// runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/concat.h"
#include "tests/integration/manifests/restored_database.h"

namespace annals::manifests {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// A table with an index and some pages.
class RestoreDrill : public testing::Test {
 protected:
  RestoreDrill() {
    database_.sql(
        "CREATE TABLE k (id int PRIMARY KEY, at timestamptz DEFAULT now(), note text); "
        "INSERT INTO k (id, note) SELECT n, repeat('x', 100) FROM generate_series(1, 2000) n");
  }

  int drill() { return database_.run_drill(database_.drill_request()); }
  int drill(const std::string& query, const std::string& age_query = {}) {
    DrillJob job = database_.drill_request();
    job.query = query;
    job.age_query = age_query;
    return database_.run_drill(job);
  }
  // Writes over the file of the table while nobody has it open.
  void write_over_table(const std::string& dd) {
    const std::string file = database_.sql("CHECKPOINT; SELECT pg_relation_filepath('k')");
    database_.stop();
    database_.run(concat("dd of=$data/", file, " bs=8192 conv=notrunc ", dd));
    database_.start();
  }

  RestoredDatabase database_;
};

TEST_F(RestoreDrill, ProvesTheBackupAndTheWalAfterItAndChangesNothing) {
  database_.back_up();
  database_.write(1);
  database_.switch_wal();
  const std::string before = database_.run("cd $repo; find . -type f | sort | xargs sha1sum");
  ASSERT_EQ(drill("SELECT count(*) FROM t", "SELECT max(at) FROM k;\n"), 0) << database_.log();
  EXPECT_EQ(database_.said("backup"), database_.last_backup());
  EXPECT_EQ(database_.said("checks"), "wal,amcheck,rows,query,age,checksums");
  EXPECT_EQ(database_.said("databases"), "2");
  EXPECT_EQ(database_.said("tables"), "2");
  EXPECT_EQ(database_.said("rows"), "2001");
  EXPECT_EQ(database_.said("answer"), "1") << "of after the backup";
  EXPECT_THAT(database_.said("age"), MatchesRegex("[0-9]+"));
  EXPECT_THAT(database_.said("lsn"), MatchesRegex("[0-9A-F]+/[0-9A-F]+"));
  EXPECT_THAT(database_.log(), Not(HasSubstr("listening on IP")));
  EXPECT_EQ(database_.run("cd $repo; find . -type f | sort | xargs sha1sum"), before);
  database_.write(2);
  EXPECT_EQ(database_.rows(), "1 2") << "the server goes on";
}

TEST_F(RestoreDrill, FindsAnIndexThatLacksRows) {
  const std::string ready = "UPDATE pg_index SET indisready = ";
  const std::string of_k = " WHERE indexrelid = 'k_pkey'::regclass";
  database_.sql(concat(ready, "false", of_k));
  database_.sql("INSERT INTO k (id) VALUES (5000)");
  database_.sql(concat(ready, "true", of_k));
  database_.back_up();
  EXPECT_EQ(drill(), kDrillFoundDamage) << database_.log();
  EXPECT_THAT(database_.message(), HasSubstr("pg_amcheck: exit status 2"));
  EXPECT_THAT(database_.message(), HasSubstr("k_pkey"));
}

// pg_amcheck has nothing to say of it, nor have checksums.
TEST_F(RestoreDrill, FindsRowsThatAreGoneWithTheirPage) {
  database_.sql("VACUUM k");
  write_over_table("if=/dev/zero seek=3 count=1");
  database_.back_up();
  EXPECT_EQ(drill(), kDrillFoundDamage) << database_.log();
  EXPECT_THAT(database_.message(), HasSubstr("table public.k has "));
  EXPECT_THAT(database_.message(), HasSubstr("rows by its pages, and 2000 by an index"));
}

TEST_F(RestoreDrill, FindsRowsThatAreGoneWithTheirPageBeforeAnyVacuum) {
  write_over_table("if=/dev/zero seek=3 count=1");
  database_.back_up();
  EXPECT_EQ(drill(), kDrillFoundDamage) << database_.log();
  EXPECT_THAT(database_.message(), HasSubstr("2000 by an index"));
}

TEST_F(RestoreDrill, FindsAPageWhoseChecksumIsWrong) {
  write_over_table("if=/dev/urandom seek=24580 bs=1 count=4");
  database_.run("pgbackrest --stanza=db --type=full backup || true");
  EXPECT_EQ(drill(), kDrillFoundDamage) << database_.log();
  EXPECT_THAT(database_.message(), HasSubstr("invalid page in block 3"));
}

TEST_F(RestoreDrill, ABackupFileThatIsCorruptedSaysPgBackRestsError) {
  database_.back_up();
  database_.run(concat("find $repo/backup/db/", database_.last_backup(), " -name 1255.gz -exec ",
                       "dd if=/dev/urandom of={} bs=64 seek=9 count=9 conv=notrunc ';'"));
  const int status = drill();
  EXPECT_NE(status, 0);
  EXPECT_NE(status, kDrillFoundDamage);
  EXPECT_THAT(database_.message(), HasSubstr("pgbackrest restore: exit status "));
  EXPECT_THAT(database_.message(), HasSubstr("ERROR: "));
}

TEST_F(RestoreDrill, WalThatIsGoneIsNotTheEnd) {
  database_.back_up();
  const std::string gap = database_.switch_wal();
  database_.write(1);
  database_.switch_wal();
  database_.run(concat("rm $repo/archive/db/15-1/*/", gap, "-*"));
  EXPECT_EQ(drill(), 1) << database_.log();
  EXPECT_THAT(database_.message(), HasSubstr(concat("does not have WAL segment ", gap)));
}

TEST_F(RestoreDrill, AQueryHasToAnswerOneRowAndToWriteNothing) {
  database_.back_up();
  EXPECT_EQ(drill("SELECT no_such_column FROM k"), kDrillQueryFailed);
  EXPECT_THAT(database_.message(), HasSubstr("the query failed in database postgres"));
  EXPECT_THAT(database_.message(), HasSubstr("no_such_column"));
  EXPECT_EQ(drill("SELECT id FROM k"), kDrillQueryFailed);
  EXPECT_THAT(database_.message(), HasSubstr("2000 lines in its answer, and one row is expected"));
  EXPECT_EQ(drill("DELETE FROM k RETURNING 1"), kDrillQueryFailed);
  EXPECT_THAT(database_.message(), HasSubstr("read-only transaction"));
  EXPECT_EQ(drill("\\! touch $folder/escaped"), kDrillQueryFailed);
  EXPECT_FALSE(database_.succeeds("test -e $folder/escaped"));
  EXPECT_EQ(drill("", "SELECT max(at) FROM k WHERE false"), kDrillQueryFailed);
  EXPECT_THAT(database_.message(), HasSubstr("the query for the newest row found none"));
}

TEST_F(RestoreDrill, OfALongAnswerTheBeginningIsKept) {
  database_.back_up();
  ASSERT_EQ(drill("SELECT repeat('y', 10000)"), 0) << database_.log();
  EXPECT_EQ(database_.said("answer"), std::string(256, 'y') + "...");
}

TEST_F(RestoreDrill, NamesOfTablesAndDatabasesMayBeAnything) {
  database_.run("psql -c 'CREATE DATABASE \"an app=1\"'");
  database_.run(
      "PGDATABASE='an app=1' psql -c 'CREATE SCHEMA \"a.b\"; "
      "CREATE TABLE \"a.b\".\"t \"\"1[0]\" (id int PRIMARY KEY); "
      "INSERT INTO \"a.b\".\"t \"\"1[0]\" VALUES (1), (2)'");
  database_.back_up();
  ASSERT_EQ(drill(), 0) << database_.log();
  EXPECT_EQ(database_.said("databases"), "3");
  EXPECT_EQ(database_.said("rows"), "2002");
}

}  // namespace
}  // namespace annals::manifests

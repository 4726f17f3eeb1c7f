// ReadCollations against a real PostgreSQL: which indexes are named where a version differs, and
// that they are not named any more once they were rebuilt as it is said.
#include "actions/read_collations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "base/concat.h"
#include "tests/integration/actions/with_postgres.h"

namespace annals::actions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kIcuDatabase =
    " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'";

class ReadCollations : public WithPostgres {
 protected:
  ReadCollations() {
    ask(concat("CREATE DATABASE zoo", kIcuDatabase));
    ask(concat("CREATE DATABASE \"The Barn\"", kIcuDatabase));
    ask(concat("CREATE DATABASE closed", kIcuDatabase));
    ask("ALTER DATABASE closed ALLOW_CONNECTIONS false");
    for (const char* sql :
         {"CREATE COLLATION german (provider = icu, locale = 'de-u-co-phonebk')",
          "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', "
          "deterministic = false)",
          "CREATE TABLE notes (id int PRIMARY KEY, own text, german text COLLATE german, "
          "bytes text COLLATE \"C\", loose text COLLATE loose, french text COLLATE \"fr-x-icu\")",
          "CREATE INDEX own ON notes (own)", "CREATE INDEX own_hash ON notes USING hash (own)",
          "CREATE INDEX own_pattern ON notes (own text_pattern_ops)",
          "CREATE INDEX german ON notes (id, german)", "CREATE INDEX bytes ON notes (bytes)",
          "CREATE INDEX loose_hash ON notes USING hash (loose)",
          "CREATE INDEX french ON notes (french)", "CREATE SCHEMA \"Apart\"",
          "CREATE TABLE \"Apart\".parted (id int, own text) PARTITION BY RANGE (id)",
          "CREATE TABLE one PARTITION OF \"Apart\".parted FOR VALUES FROM (0) TO (10)",
          "CREATE TABLE two PARTITION OF \"Apart\".parted FOR VALUES FROM (10) TO (20)",
          "CREATE INDEX \"Parted\" ON \"Apart\".parted (own)"})
      in("zoo", sql);
  }

  // The first column of the first row; empty for none.
  std::string in(const std::string& database, const std::string& sql) {
    postgres::ConnectOptions options = server_.as_superuser();
    options.database = database;
    Result<postgres::Connection> connection = run(postgres::Connection::connect(options));
    if (!connection) throw std::runtime_error(to_string(connection.error()));
    const Result<postgres::Rows> rows = run(connection->query({sql, {}}));
    if (!rows) throw std::runtime_error(concat(sql, ": ", to_string(rows.error())));
    return rows->rows.empty() ? std::string() : rows->rows[0][0].value_or("");
  }
  void database_was_made_with_another_version(const std::string& database) {
    ask(concat("UPDATE pg_database SET datcollversion = '2.19' WHERE datname = '", database, "'"));
  }
  void was_made_with_another_version(const std::string& collation) {
    in("zoo",
       concat("UPDATE pg_collation SET collversion = '1.1' WHERE collname = '", collation, "'"));
  }
  Answer<ActionResult> try_to_read() {
    fsm::ReadCollations intent;
    intent.host = "localhost";
    intent.port = server_.port();
    intent.authority_secret = "authority";
    return run(actions::run(std::move(intent), {ClusterUid("c"), "pg", "hippo"}, context_));
  }
  fsm::DifferingCollations read() {
    const Answer<ActionResult> answer = try_to_read();
    if (!answer) throw std::runtime_error(to_string(answer.error()));
    return answer->collations.value();
  }
  std::string version() {
    return ask(
        "SELECT pg_database_collation_actual_version(oid) FROM pg_database WHERE datname = 'zoo'");
  }
};

TEST_F(ReadCollations, FindsNothingWhereAllAgree) { EXPECT_EQ(read(), fsm::DifferingCollations()); }

TEST_F(ReadCollations, NamesTheIndexesOfADatabaseThatDiffersAndOfNoOther) {
  database_was_made_with_another_version("zoo");
  const fsm::DifferingCollations found = read();
  ASSERT_EQ(found.databases.size(), 1);
  const fsm::DifferingDatabase& zoo = found.databases.front();
  EXPECT_EQ(zoo.name, "zoo");
  EXPECT_EQ(zoo.recorded, "2.19");
  EXPECT_EQ(zoo.actual, version());
  EXPECT_THAT(zoo.collations, IsEmpty());
  EXPECT_THAT(zoo.indexes, ElementsAre("\"Apart\".\"Parted\"", "public.own"))
      << "no pattern, no hash, no C, and a partitioned index once";
  EXPECT_EQ(zoo.index_count, 2);
}

TEST_F(ReadCollations, NamesCollationsThatDifferAndTheirIndexes) {
  for (const char* each : {"german", "loose", "fr-x-icu", "it-x-icu"})
    was_made_with_another_version(each);
  const fsm::DifferingCollations found = read();
  ASSERT_EQ(found.databases.size(), 1);
  const fsm::DifferingDatabase& zoo = found.databases.front();
  EXPECT_EQ(zoo.recorded, "") << "its own does not differ";
  std::vector<std::string> names;
  for (const fsm::DifferingCollation& each : zoo.collations) {
    names.push_back(each.name);
    EXPECT_EQ(each.recorded, "1.1");
    EXPECT_NE(each.actual, "1.1");
  }
  EXPECT_THAT(names, ElementsAre("pg_catalog.\"fr-x-icu\"", "public.german", "public.loose"))
      << "no index uses the Italian one";
  EXPECT_THAT(zoo.indexes, ElementsAre("public.french", "public.german", "public.loose_hash"));
}

TEST_F(ReadCollations, FindsNothingAfterWhatItNamesWasRebuiltAndRefreshed) {
  database_was_made_with_another_version("zoo");
  was_made_with_another_version("german");
  for (const fsm::DifferingDatabase& database : read().databases) {
    for (const std::string& index : database.indexes) in("zoo", concat("REINDEX INDEX ", index));
    for (const fsm::DifferingCollation& each : database.collations)
      in("zoo", concat("ALTER COLLATION ", each.name, " REFRESH VERSION"));
    in("zoo", concat("ALTER DATABASE ", database.name, " REFRESH COLLATION VERSION"));
  }
  EXPECT_THAT(read().databases, IsEmpty());
}

TEST_F(ReadCollations, LeavesOutADatabaseThatTakesNoConnections) {
  database_was_made_with_another_version("closed");
  database_was_made_with_another_version("The Barn");
  const fsm::DifferingCollations found = read();
  ASSERT_EQ(found.databases.size(), 1);
  EXPECT_EQ(found.databases.front().name, "\"The Barn\"");
  EXPECT_THAT(found.databases.front().indexes, IsEmpty());
  EXPECT_THAT(found.unseen, IsEmpty());
}

TEST_F(ReadCollations, NamesTwentyAndCountsTheRest) {
  for (int i = 0; i < 21; ++i) in("zoo", concat("CREATE INDEX more_", i, " ON notes (own)"));
  database_was_made_with_another_version("zoo");
  const fsm::DifferingDatabase zoo = read().databases.front();
  EXPECT_EQ(zoo.indexes.size(), fsm::kCollationNamesMax);
  EXPECT_EQ(zoo.index_count, 23);
}

// Whoever owns a database chooses what its sessions begin with.
TEST_F(ReadCollations, RunsNothingThatUsersHavePutIntoTheirDatabase) {
  in("zoo", "CREATE SCHEMA trap");
  in("zoo",
     "CREATE FUNCTION trap.same(oid, oid) RETURNS bool LANGUAGE plpgsql AS "
     "'BEGIN RAISE EXCEPTION ''trapped''; END'");
  in("zoo", "CREATE OPERATOR trap.= (leftarg = oid, rightarg = oid, function = trap.same)");
  ask("ALTER DATABASE zoo SET search_path = trap, pg_catalog");
  EXPECT_THROW(in("zoo", "SELECT 1::oid = 1::oid"), std::runtime_error) << "the trap works";
  database_was_made_with_another_version("zoo");
  const fsm::DifferingCollations found = read();
  EXPECT_THAT(found.unseen, IsEmpty());
  ASSERT_EQ(found.databases.size(), 1);
  EXPECT_EQ(found.databases.front().index_count, 2);
}

TEST_F(ReadCollations, ToldByAServerThatIsNotThereAreNotKnown) {
  fsm::ReadCollations intent;
  intent.host = "localhost";
  intent.port = 1;
  intent.authority_secret = "authority";
  const Answer<ActionResult> refused =
      run(actions::run(std::move(intent), {ClusterUid("c"), "pg", "hippo"}, context_));
  ASSERT_FALSE(refused);
  EXPECT_THAT(to_string(refused.error()), HasSubstr("localhost:1"));
}

}  // namespace
}  // namespace annals::actions

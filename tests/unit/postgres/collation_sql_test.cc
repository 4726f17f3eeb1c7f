// Which questions each version of PostgreSQL understands; what it answers is seen in
// tests/integration/actions.
#include "postgres/sql/collation_sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(CollationSql, DatabasesHaveVersionsOfTheirOwnSincePostgreSql15) {
  EXPECT_EQ(database_collations(140'012).sql,
            "SELECT datname, pg_catalog.quote_ident(datname), NULL::text, NULL::text "
            "FROM pg_catalog.pg_database WHERE datallowconn AND datconnlimit <> -2 "
            "ORDER BY datname");
  EXPECT_THAT(database_collations(150'000).sql,
              HasSubstr("datcollversion, pg_catalog.pg_database_collation_actual_version(oid)"));
}

TEST(CollationSql, PartitionedIndexesAreRebuiltAsOneSincePostgreSql14) {
  EXPECT_THAT(indexes_to_rebuild(true, 130'020, 7).parameters, ElementsAre("t", "f", "7"));
  EXPECT_THAT(indexes_to_rebuild(false, 140'000, 7).parameters, ElementsAre("f", "t", "7"));
  EXPECT_THAT(differing_collations(9).parameters, ElementsAre("9"));
}

TEST(CollationSql, NamesNoSchemaOfUsers) {
  for (const Statement& statement : {differing_collations(1), indexes_to_rebuild(true, 150'000, 1)})
    for (const char* function : {" unnest(", " quote_ident(", " count(", " pg_class", " pg_index"})
      EXPECT_THAT(statement.sql, Not(HasSubstr(function)));
}

}  // namespace
}  // namespace annals::postgres

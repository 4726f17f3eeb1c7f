#include "postgres/sql/collation_sql.h"

#include <string>

#include "base/concat.h"

namespace annals::postgres {
namespace {

// One whose DROP was interrupted takes no connections either (datconnlimit -2).
constexpr const char* kTakesConnections =
    " FROM pg_catalog.pg_database WHERE datallowconn AND datconnlimit <> -2 ORDER BY datname";

// A version is computed for those collations alone that order an index: a library may be unable to
// open others, and there are some hundreds of each initdb. Classes of operators that compare bytes,
// and hashes of equal bytes, know no version.
constexpr const char* kDifferingCollations = R"sql(
WITH used AS MATERIALIZED (
  SELECT DISTINCT i.indexrelid AS index, k.coll, l.relispartition
  FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS l ON l.oid = i.indexrelid
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(i.indcollation::oid[]),
                                  pg_catalog.unnest(i.indclass::oid[])) AS k (coll, class)
    JOIN pg_catalog.pg_opclass AS o ON o.oid = k.class
    JOIN pg_catalog.pg_am AS m ON m.oid = o.opcmethod
    JOIN pg_catalog.pg_collation AS c ON c.oid = k.coll
  WHERE l.relkind = 'i' AND l.relpersistence <> 't'
    AND o.opcname NOT IN ('text_pattern_ops', 'varchar_pattern_ops', 'bpchar_pattern_ops')
    AND NOT (m.amname = 'hash' AND c.collisdeterministic)),
versioned AS MATERIALIZED (
  SELECT c.oid, n.nspname, c.collname, c.collversion
  FROM pg_catalog.pg_collation AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
  WHERE c.collversion IS NOT NULL AND c.oid IN (SELECT coll FROM used)),
differing AS MATERIALIZED (
  SELECT v.oid, v.collversion AS recorded, a.version AS actual,
    pg_catalog.quote_ident(v.nspname) || '.' || pg_catalog.quote_ident(v.collname) AS name
  FROM versioned AS v
    CROSS JOIN LATERAL pg_catalog.pg_collation_actual_version(v.oid) AS a (version)
  WHERE v.collversion <> a.version)
)sql";

constexpr const char* kCollationRows = R"sql(
SELECT name, recorded, actual, pg_catalog.count(*) OVER () FROM differing
ORDER BY name COLLATE "C" LIMIT $1::int8
)sql";

// 100 stands for the database's own, whatever that is.
constexpr const char* kIndexRows = R"sql(
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(r.relname),
  pg_catalog.count(*) OVER ()
FROM (
    SELECT DISTINCT CASE WHEN $2::bool AND u.relispartition
      THEN pg_catalog.pg_partition_root(u.index)::oid ELSE u.index END AS oid
    FROM used AS u
    WHERE ($1::bool AND u.coll = 100) OR u.coll IN (SELECT oid FROM differing)) AS named
  JOIN pg_catalog.pg_class AS r ON r.oid = named.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
ORDER BY n.nspname, r.relname LIMIT $3::int8
)sql";

std::string bool_text(bool value) { return value ? "t" : "f"; }

}  // namespace

Statement database_collations(std::int64_t server_version) {
  const bool is_recorded = server_version >= kDatabaseCollationsSince;
  const char* versions =
      is_recorded ? "datcollversion, pg_catalog.pg_database_collation_actual_version(oid)"
                  : "NULL::text, NULL::text";
  return {.sql = concat("SELECT datname, pg_catalog.quote_ident(datname), ", versions,
                        kTakesConnections)};
}

Statement differing_collations(std::size_t rows_max) {
  return {.sql = concat(kDifferingCollations, kCollationRows), .parameters = {concat(rows_max)}};
}

Statement indexes_to_rebuild(bool database_differs, std::int64_t server_version,
                             std::size_t rows_max) {
  const bool is_whole = server_version >= kPartitionedReindexSince;
  return {.sql = concat(kDifferingCollations, kIndexRows),
          .parameters = {bool_text(database_differs), bool_text(is_whole), concat(rows_max)}};
}

}  // namespace annals::postgres

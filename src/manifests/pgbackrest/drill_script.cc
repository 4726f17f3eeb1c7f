#include "manifests/pgbackrest/drill_script.h"

#include "base/concat.h"
#include "manifests/pgbackrest/restore_scripts.h"

namespace annals::manifests {
namespace {

// found_damage, query_failed: told from a restore that fails by the exit status. in_database: the
// name of a database is no connection string.
constexpr const char* kCheckFunctions = R"bash(
found_damage() { (fail "$@") || exit 3; }
query_failed() { (fail "$@") || exit 4; }
in_database() {
  PGDATABASE=$1 psql --no-psqlrc --quiet --no-align --tuples-only --field-separator=$'\t' --set=ON_ERROR_STOP=1 \
    --host="$work" --port=5432 --username=postgres "${@:2}" 2>"$work/psql"
}
check_checksums() {
  [[ $(control 'Data page checksum version') != 0 ]] || return 0
  pg_checksums --check -D "$data" >"$output" 2>&1 || found_damage "pg_checksums: exit status $?" "$output"
  checks+=,checksums
}
check_structures() {
  command -v pg_amcheck >/dev/null || return 0
  pg_amcheck --host="$work" --port=5432 --username=postgres --maintenance-db=template1 --all --install-missing \
    --heapallindexed --parent-check >"$output" 2>&1 || found_damage "pg_amcheck: exit status $?" "$output"
  checks+=,amcheck
}
)bash";

// pg_amcheck says nothing of rows whose page is gone with them. An index still has them. So each
// table is counted by its pages, and by the entries of one of its indexes, which PostgreSQL counts
// while it reads them. Only complete B-trees are asked, one of each table.
// clean_up: afterwards each entry has a row that everybody sees.
constexpr const char* kCountFunctions = R"bash(
clean_up() {
  in_database "$1" <<END
$( ((major < 14)) || echo 'SET vacuum_failsafe_age = 2100000000;')
SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_catalog.pg_prepared_xacts WHERE database = current_database() \gexec
VACUUM (TRUNCATE false, INDEX_CLEANUP on);
END
}
count_by_pages() {
  in_database "$1" <<'END'
SET search_path = '';
SET enable_bitmapscan = off;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SELECT format('SELECT %L, count(*) FROM ONLY %s', c.oid::regclass, c.oid::regclass)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND c.relispopulated
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') \gexec
END
}
count_by_index() {
  in_database "$1" <<'END'
SET search_path = '';
SET enable_bitmapscan = off;
SET enable_seqscan = off;
SET max_parallel_workers_per_gather = 0;
SET track_counts = on;
SELECT format('SELECT %L, count(*), (SELECT sum(pg_catalog.pg_stat_get_xact_tuples_returned(indexrelid))
  FROM pg_catalog.pg_index WHERE indrelid = %s) FROM ONLY %s', c.oid::regclass, c.oid, c.oid::regclass)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND c.relispopulated
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    JOIN pg_catalog.pg_am a ON a.oid = x.relam
    WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND a.amname = 'btree') \gexec
END
}
count_rows() {
  local name number entries
  local -A by_pages=()
  clean_up "$1" || found_damage "database $1 cannot be vacuumed" "$work/psql"
  count_by_pages "$1" >"$work/by-pages" || found_damage "the rows of database $1 cannot be counted" "$work/psql"
  count_by_index "$1" >"$work/by-index" || found_damage "the rows of database $1 cannot be counted by an index" "$work/psql"
  while IFS=$'\t' read -r name number; do
    by_pages[$name]=$number tables=$((tables + 1)) rows=$((rows + number))
  done <"$work/by-pages"
  while IFS=$'\t' read -r name number entries; do
    [[ ${by_pages[$name]} == "$number" && $number == "$entries" ]] ||
      echo "database $1: table $name has ${by_pages[$name]} rows by its pages, and $entries by an index" >>"$work/differences"
  done <"$work/by-index"
}
check_rows() {
  local name
  : >"$work/differences"
  sql 'SELECT datname FROM pg_database WHERE datallowconn AND datconnlimit <> -2 ORDER BY 1' >"$work/databases"
  while IFS= read -r name <&3; do
    count_rows "$name"
    databases=$((databases + 1))
  done 3<"$work/databases"
  [[ ! -s $work/differences ]] || found_damage "rows are missing, or an index has too many or too few" "$work/differences"
  checks+=,rows
}
)bash";

// What a user asks is never a command of psql, because of the blank before it. Of the one row that
// is expected no more than the message has room for is kept.
constexpr const char* kQueryFunctions = R"bash(
ask() {
  local lines
  PGOPTIONS='-c default_transaction_read_only=on -c statement_timeout=10min' in_database "$database" --command=" $2" \
    >"$work/answer" || query_failed "the $1 failed in database $database" "$work/psql"
  lines=$(wc --lines <"$work/answer")
  ((lines == 1)) || query_failed "the $1 has $lines lines in its answer, and one row is expected"
}
ask_query() {
  [[ -n $query ]] || return 0
  ask "query" "$query"
  answer=$(head --bytes=256 "$work/answer")
  (($(wc --bytes <"$work/answer") <= 257)) || answer+=...
  checks+=,query
}
ask_age() {
  [[ -n $age_query ]] || return 0
  local text=$age_query
  while [[ $text == *[[:space:]\;] ]]; do text=${text%?}; done
  ask "query for the newest row" "SELECT floor(extract(epoch FROM clock_timestamp() - (
$text
)::timestamptz))::bigint"
  age=$(<"$work/answer")
  [[ -n $age ]] || query_failed "the query for the newest row found none"
  checks+=,age
}
)bash";

constexpr const char* kDrillScript = R"bash(
checks=wal databases=0 tables=0 rows=0 answer='' age=''
end=$(sql 'SELECT pg_last_wal_replay_lsn()')
stopped=$(last_transaction)
check_structures
check_rows
ask_query
ask_age
stop_server
[[ $(control 'Database cluster state') == 'shut down' ]] || fail "PostgreSQL did not shut down after it was checked" "$server_log"
check_checksums
printf '%s\n' "backup $backup" "timeline $timeline" "lsn $end" "stopped $stopped" "checks $checks" "databases $databases" \
  "tables $tables" "rows $rows" "seconds $SECONDS" "age $age" "answer $answer" | tee "$message"
)bash";

}  // namespace

std::string drill_script() {
  const std::string functions = concat(kCheckFunctions, kCountFunctions, kQueryFunctions);
  return concat(recovery_script(functions.c_str()), kDrillScript);
}

}  // namespace annals::manifests

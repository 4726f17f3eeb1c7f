# The contract of an upgrade image: every major version that it holds can be upgraded to its newest.
contracts=$(dirname "$0")
source "$contracts/prelude.sh"
source "$contracts/postgres-steps.sh"

expected=${IMAGE#*:}
# PGO's images have the one path, Debian's and ours the other.
mapfile -t majors < <(printf '%s\n' /usr/pgsql-*/bin/postgres | sed 's|^/usr/pgsql-\([0-9]*\)/.*|\1|' | sort -n)
newest=${majors[-1]}
bin=/usr/pgsql-$newest/bin

prepare_old() {
  local old=$1
  make_cluster "/usr/pgsql-$old/bin" "/pgdata/pg$old" && start_server "/usr/pgsql-$old/bin" "/pgdata/pg$old" || return
  sql 'CREATE EXTENSION pgaudit; CREATE EXTENSION pg_stat_statements;
    CREATE TABLE kept AS SELECT n, md5(n::text) AS word FROM generate_series(1, 1000) AS n;
    CREATE INDEX ON kept (word)' || return
  stop_server "/usr/pgsql-$old/bin" "/pgdata/pg$old"
  make_cluster "$bin" "/pgdata/pg$newest-from-$old"
}
upgrade_from() {
  local old=$1
  shift
  cd /pgdata && "$bin/pg_upgrade" --old-bindir="/usr/pgsql-$old/bin" --new-bindir="$bin" \
    --old-datadir="/pgdata/pg$old" --new-datadir="/pgdata/pg$newest-from-$old" --socketdir="$work" "$@"
}
data_is_there() {
  start_server "$bin" "/pgdata/pg$newest-from-$1" || return
  [[ $(sql 'SELECT count(*), max(word) FROM kept') == "1000|"* ]] || return
  # pgAudit has no update from one major version to another; it keeps no data.
  sql 'ALTER EXTENSION pg_stat_statements UPDATE; DROP EXTENSION pgaudit; CREATE EXTENSION pgaudit' || return
  stop_server "$bin" "/pgdata/pg$newest-from-$1"
}

check_surroundings
check "two major versions at least: ${majors[*]}" [ "${#majors[@]}" -ge 2 ]
check_version "the newest is postgres" "$expected" "$bin/postgres" --version
is_known_as_postgres || use_nss_wrapper
for old in "${majors[@]:0:${#majors[@]}-1}"; do
  check_version "the older is postgres" "$old" "/usr/pgsql-$old/bin/postgres" --version
  check "clusters of $old and $newest with pgaudit" prepare_old "$old"
  check "pg_upgrade --check from $old to $newest" upgrade_from "$old" --check
  check "pg_upgrade --link from $old to $newest" upgrade_from "$old" --link
  check "$newest starts with the data of $old" data_is_there "$old"
done

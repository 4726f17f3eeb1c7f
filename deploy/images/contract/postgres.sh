# The contract of a postgres image: docs/images.md.
contracts=$(dirname "$0")
source "$contracts/prelude.sh"
source "$contracts/postgres-steps.sh"

expected=${IMAGE#*:}
major=${expected%%-*}
data=/pgdata/pg
bin=''

# By the interpreter that patroni itself names.
imports_its_kubernetes_store() { $(sed -n '1s/^#!//p' "$(command -v patroni)") -c 'import patroni.dcs.kubernetes'; }
has_no_configuration_of_its_own() {
  [[ ! -e /etc/pgbackrest.conf && -z $(find /etc/patroni /etc/pgbackrest -type f) ]]
}
extensions_work() {
  sql 'CREATE EXTENSION pgaudit; CREATE EXTENSION pg_stat_statements;
    CREATE EXTENSION pgcrypto; CREATE EXTENSION postgres_fdw;
    SET jit = on; SET jit_above_cost = 0; SELECT sum(n) FROM generate_series(1, 1000) AS n'
}
sorts_by_locale() {
  [[ $(sql "SELECT string_agg(w, '' ORDER BY w) FROM (VALUES ('b'), ('A'), ('a'), ('B')) AS v(w)") == aAbB ]]
}
make_and_start_primary() {
  make_cluster "$(dirname "$(command -v initdb)")" "$data" || return
  cat >>"$data/postgresql.conf" <<'END'
archive_mode = on
archive_command = 'pgbackrest --stanza=db archive-push "%p"'
restore_command = 'pgbackrest --stanza=db archive-get %f "%p"'
END
  start_server "$(dirname "$(command -v pg_ctl)")" "$data"
}
make_and_start_replica() {
  pg_basebackup --host="$work" --pgdata=/pgdata/replica --wal-method=stream --checkpoint=fast \
    --write-recovery-conf || return
  echo "port = 5433" >>/pgdata/replica/postgresql.conf
  start_server "$(dirname "$(command -v pg_ctl)")" /pgdata/replica
  succeeds_within 10 "psql -h $work -Atc 'SELECT state FROM pg_stat_replication' | grep streaming"
}
# The replica is promoted, so that the primary has to be rewound to follow it.
rewind() {
  pg_ctl --pgdata=/pgdata/replica --wait promote && sql 'CREATE TABLE lost (n int)' || return
  pg_ctl --pgdata="$data" --wait --mode=fast stop || return
  pg_rewind --target-pgdata="$data" --source-server="host=$work port=5433 dbname=postgres" --restore-target-wal \
    --config-file="$data/postgresql.conf"
}
back_up_and_restore() {
  pgbackrest --stanza=db stanza-create && pgbackrest --stanza=db --type=full --start-fast backup || return
  pgbackrest --stanza=db --pg1-path=/pgdata/restored --link-all restore && pg_controldata /pgdata/restored
}

check_surroundings
check "programs of the database container" all_on_path postgres initdb pg_ctl pg_controldata pg_rewind pg_basebackup \
  pg_dump psql patroni patronictl pgbackrest
check_version "postgres" "$major" postgres --version
check_version "patroni" '' patroni --version
check_version "pgbackrest" '' pgbackrest version
check "patroni has its Kubernetes store" imports_its_kubernetes_store
check "no configuration that would be read with the mounted one" has_no_configuration_of_its_own
is_known_as_postgres || use_nss_wrapper
export PGBACKREST_PG1_PATH=$data PGBACKREST_PG1_SOCKET_PATH=$work PGBACKREST_REPO1_PATH=/pgbackrest/repo1 \
  PGBACKREST_LOG_LEVEL_FILE=off PGBACKREST_REPO1_RETENTION_FULL=1
check "initdb, and a server that preloads pgaudit and pg_stat_statements" make_and_start_primary
check "extensions and contrib modules" extensions_work
check "the default locale sorts as en_US.utf8" sorts_by_locale
check "pgbackrest archives, backs up and restores" back_up_and_restore
check "pg_basebackup, and a replica that streams" make_and_start_replica
check "promotion and pg_rewind" rewind

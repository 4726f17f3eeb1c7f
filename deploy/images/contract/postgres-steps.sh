# Steps with real clusters that the contracts of postgres and upgrade share. Sourced after prelude.sh,
# which sets `work`.
# shellcheck disable=SC2154

# make_cluster BIN FOLDER: as an operator makes it, with what it must preload.
make_cluster() {
  "$1/initdb" --pgdata="$2" --data-checksums --encoding=UTF8 --auth-local=peer >/dev/null || return
  cat >>"$2/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$work'
shared_preload_libraries = 'pgaudit,pg_stat_statements'
fsync = off
END
}

start_server() { "$1/pg_ctl" --pgdata="$2" --wait --silent --log="$2.log" start || { cat "$2.log" && return 1; }; }
stop_server() { "$1/pg_ctl" --pgdata="$2" --wait --silent --mode=fast stop; }
sql() {
  "${bin:+$bin/}psql" --no-psqlrc --no-align --tuples-only --quiet --set=ON_ERROR_STOP=1 \
    --host="$work" --dbname=postgres --command="$1"
}

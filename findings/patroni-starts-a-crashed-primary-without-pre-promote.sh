#!/usr/bin/env bash
# When Patroni asks `pre_promote`, a command that may hold a promotion back. A guess: before each start as the primary, so
# that a server which crashed under a Patroni that keeps the lock is asked for as well. Seen: Patroni 3.0 starts it as a
# replica and asks; 4.0 and 4.1 start it as the primary at once, and ask nobody. A start of both is asked for in all.
set -euo pipefail
: "${POSTGRES_MAJOR:=15}"
work=$(mktemp -d)
finish() {
  [[ -z ${patroni:-} ]] || kill "$patroni" 2>/dev/null || true
  [[ -z ${etcd:-} ]] || kill "$etcd" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

mkdir "$work/packages" "$work/root" && cd "$work/packages"
apt-get download "postgresql-$POSTGRES_MAJOR" "postgresql-client-$POSTGRES_MAJOR" libpq5 etcd-server &>/dev/null
for package in *.deb; do dpkg -x "$package" "$work/root"; done
bin=$work/root/usr/lib/postgresql/$POSTGRES_MAJOR/bin
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
chown 65534 "$work" && chmod 755 "$work"
cat >"$work/patroni.yml" <<END
scope: finding
name: one
etcd3: {host: '127.0.0.1:23791'}
restapi: {listen: '127.0.0.1:18008', connect_address: '127.0.0.1:18008'}
bootstrap: {dcs: {loop_wait: 2, ttl: 20, retry_timeout: 3}, initdb: [{auth: trust}]}
postgresql:
  listen: 127.0.0.1:15432
  connect_address: 127.0.0.1:15432
  data_dir: $work/data
  bin_dir: $bin
  pgpass: $work/pgpass
  pre_promote: "bash -c 'echo asked >>$work/asked'"
  authentication: {superuser: {username: nobody, password: x}, replication: {username: replicator, password: x}}
  parameters: {unix_socket_directories: $work}
END

# PostgreSQL does not work as root.
as_user() { exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$@"; }
answers() { (as_user "$bin/psql" -h "$work" -p 15432 -U nobody -d postgres -XqAtc "select $1" 2>/dev/null) || true; }
is_primary() { [[ $(answers 'not pg_is_in_recovery()') == t && $(answers 'pg_backend_pid()') != "" ]]; }
await() { # await SECONDS WHAT COMMAND...
  local until=$((SECONDS + $1))
  while ! "${@:3}"; do
    ((SECONDS < until)) || { echo "not within $1 s: $2" >&2 && tail -5 "$work/log" >&2 && exit 1; }
    sleep 0.2
  done
}
was_started() { is_primary && [[ $(answers 'pg_postmaster_start_time()') != "$1" ]]; }

# try VERSION: prints how often pre_promote was asked after a crash of the server alone.
try() {
  /usr/bin/python3 -m venv "$work/$1" && "$work/$1/bin/pip" install --quiet "patroni[etcd3]==$1" psycopg2-binary
  rm -rf "$work/data" "$work/etcd" "$work/asked" "$work/log"
  "$work/root/usr/bin/etcd" --data-dir "$work/etcd" --listen-client-urls http://127.0.0.1:23791 --advertise-client-urls http://127.0.0.1:23791 \
    --listen-peer-urls http://127.0.0.1:23792 --initial-advertise-peer-urls http://127.0.0.1:23792 \
    --initial-cluster default=http://127.0.0.1:23792 &>"$work/etcd.log" &
  etcd=$!
  (as_user "$work/$1/bin/patroni" "$work/patroni.yml") &>"$work/log" &
  patroni=$!
  await 120 "a primary with Patroni $1" is_primary
  await 60 "a loop of Patroni" grep -q 'no action' "$work/log"
  rm -f "$work/asked"
  local before
  before=$(answers 'pg_postmaster_start_time()')
  kill -KILL "$(head -1 "$work/data/postmaster.pid")"
  await 120 "the primary again" was_started "$before"
  if [[ -e $work/asked ]]; then asked=yes; else asked=no; fi
  kill "$patroni" && wait "$patroni" || true
  kill "$etcd" && wait "$etcd" || true
  echo "Patroni $1: after a crash of PostgreSQL alone pre_promote was asked: $asked"
}
try 3.0.2 && [[ $asked == yes ]] || { echo "this has changed" >&2 && exit 1; }
try 4.0.7 && [[ $asked == no ]] || { echo "this has changed" >&2 && exit 1; }
try 4.1.5 && [[ $asked == no ]] || { echo "this has changed" >&2 && exit 1; }

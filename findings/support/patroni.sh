# shellcheck shell=bash
# Patroni of PyPI with PostgreSQL and etcd of Debian's packages, in a temporary folder that goes with the script, and with it
# the processes that start_patroni has started. One member, named "one", on ports of 127.0.0.1. Sourced.
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
apt-get download "postgresql-$POSTGRES_MAJOR" "postgresql-client-$POSTGRES_MAJOR" libpq5 etcd-server etcd-client &>/dev/null
for package in *.deb; do dpkg -x "$package" "$work/root"; done
bin=$work/root/usr/lib/postgresql/$POSTGRES_MAJOR/bin
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
chown 65534 "$work" && chmod 755 "$work"

# PostgreSQL does not work as root.
as_user() { exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$@"; }
etcdctl() { "$work/root/usr/bin/etcdctl" --endpoints http://127.0.0.1:23791 "$@"; }

# install_patroni VERSION: into $work/VERSION.
install_patroni() {
  /usr/bin/python3 -m venv "$work/$1"
  "$work/$1/bin/pip" install --quiet "patroni[etcd3]==$1" psycopg2-binary
}

# configure_patroni BOOTSTRAP [RESTAPI [POSTGRESQL [TAGS]]]: in YAML's flow style, what these sections have besides.
configure_patroni() {
  cat >"$work/patroni.yml" <<END
scope: finding
name: one
etcd3: {host: '127.0.0.1:23791'}
restapi: {listen: '127.0.0.1:18008', connect_address: '127.0.0.1:18008'${2:+, $2}}
bootstrap: {$1}
postgresql:
  listen: 127.0.0.1:15432
  connect_address: 127.0.0.1:15432
  data_dir: $work/data
  bin_dir: $bin
  pgpass: $work/pgpass
  authentication: {superuser: {username: nobody, password: x}, replication: {username: replicator, password: x}}
  parameters: {unix_socket_directories: $work}
  ${3:-}
tags: {${4:-}}
END
}

# start_patroni VERSION: without anything that was there before. Its process is $patroni, its log $work/log.
start_patroni() {
  rm -rf "$work/data" "$work/etcd" "$work/log"
  "$work/root/usr/bin/etcd" --data-dir "$work/etcd" --listen-client-urls http://127.0.0.1:23791 --advertise-client-urls http://127.0.0.1:23791 \
    --listen-peer-urls http://127.0.0.1:23792 --initial-advertise-peer-urls http://127.0.0.1:23792 \
    --initial-cluster default=http://127.0.0.1:23792 &>"$work/etcd.log" &
  etcd=$!
  (as_user "$work/$1/bin/patroni" "$work/patroni.yml") &>"$work/log" &
  patroni=$!
  await 120 "a loop of Patroni $1" grep -q 'no action' "$work/log"
}
stop_patroni() {
  kill "$patroni" && wait "$patroni" || true
  kill "$etcd" && wait "$etcd" || true
}

await() { # await SECONDS WHAT COMMAND...
  local until=$((SECONDS + $1))
  while ! "${@:3}"; do
    ((SECONDS < until)) || { echo "not within $1 s: $2" >&2 && tail -5 "$work/log" >&2 && exit 1; }
    sleep 0.2
  done
}

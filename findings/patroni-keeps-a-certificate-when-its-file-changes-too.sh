#!/usr/bin/env bash
# Patroni that is told by one SIGHUP of a changed configuration file and of a new certificate of its REST API. A guess: it
# loads both, as it does when each comes alone. Seen: it loads the file and goes on showing the old certificate; a second
# SIGHUP, with nothing changed, brings the new one. Where both come from volumes of one pod, one signal for both is normal.
set -euo pipefail
: "${PATRONI_VERSION:=4.0.7}" "${POSTGRES_MAJOR:=15}"
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
/usr/bin/python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet "patroni[etcd3,psycopg3]==$PATRONI_VERSION" psycopg-binary
bin=$work/root/usr/lib/postgresql/$POSTGRES_MAJOR/bin
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu

# PostgreSQL does not work as root.
as_user() { exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$@"; }
new_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
  chown 65534 "$work/tls.key"
}
configure() { # configure PRIORITY: what is in the file besides does not change
  cat >"$work/patroni.yml" <<END
scope: finding
name: one
etcd3: {host: '127.0.0.1:23791'}
restapi: {listen: '127.0.0.1:18008', connect_address: '127.0.0.1:18008', certfile: $work/tls.crt, keyfile: $work/tls.key}
bootstrap: {dcs: {loop_wait: 2, ttl: 20, retry_timeout: 3}}
postgresql:
  listen: 127.0.0.1:15432
  connect_address: 127.0.0.1:15432
  data_dir: $work/data
  bin_dir: $bin
  pgpass: $work/pgpass
  authentication: {superuser: {username: nobody, password: x}, replication: {username: replicator, password: x}}
  parameters: {unix_socket_directories: $work}
tags: {failover_priority: $1}
END
}
shown() { openssl s_client -connect 127.0.0.1:18008 </dev/null 2>/dev/null | openssl x509 -noout -serial; }
on_disk() { openssl x509 -noout -serial -in "$work/tls.crt"; }
# The number of loops that it has run, as its log has them.
loops() { grep -c 'no action' "$work/log" || true; }
after_loops() {
  local until=$(($(loops) + $1))
  until (($(loops) >= until)); do sleep 0.5; done
}

new_certificate && configure 1
chown 65534 "$work" && chmod 755 "$work"
"$work/root/usr/bin/etcd" --data-dir "$work/etcd" --listen-client-urls http://127.0.0.1:23791 --advertise-client-urls http://127.0.0.1:23791 \
  --listen-peer-urls http://127.0.0.1:23792 --initial-advertise-peer-urls http://127.0.0.1:23792 \
  --initial-cluster default=http://127.0.0.1:23792 &>"$work/etcd.log" &
etcd=$!
(as_user "$work/python/bin/patroni" "$work/patroni.yml") &>"$work/log" &
patroni=$!
timeout 120 bash -c "until grep -q 'no action' '$work/log'; do sleep 0.5; done" || { cat "$work/log" >&2 && exit 1; }

new_certificate && kill -HUP "$patroni" && after_loops 3
[[ $(shown) == "$(on_disk)" ]] && alone=new || alone=old
new_certificate && configure 2 && kill -HUP "$patroni" && after_loops 3
[[ $(shown) == "$(on_disk)" ]] && together=new || together=old
kill -HUP "$patroni" && after_loops 3
[[ $(shown) == "$(on_disk)" ]] && again=new || again=old
echo "$("$work/python/bin/patroni" --version): after SIGHUP for a certificate alone the $alone one is shown, for a certificate and a" \
  "changed file the $together one, after one more SIGHUP the $again one"
[[ $alone == new && $together == old && $again == new ]] || { echo "this has changed" >&2 && exit 1; }

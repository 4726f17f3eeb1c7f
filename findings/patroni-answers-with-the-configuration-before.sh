#!/usr/bin/env bash
# Patroni's GET /config right after a PUT /config that was answered with 200. A guess: it is what was put. Seen: it is the
# configuration before, in most cases, although the store has the new one: the member answers with what it has read last, and
# reads when it hears of a change. A program that asks what became of its write takes the old configuration for the new one.
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
apt-get download "postgresql-$POSTGRES_MAJOR" "postgresql-client-$POSTGRES_MAJOR" libpq5 etcd-server etcd-client &>/dev/null
for package in *.deb; do dpkg -x "$package" "$work/root"; done
/usr/bin/python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet "patroni[etcd3,psycopg3]==$PATRONI_VERSION" psycopg-binary
bin=$work/root/usr/lib/postgresql/$POSTGRES_MAJOR/bin
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu

# PostgreSQL does not work as root.
as_user() { exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$@"; }
configure() {
  cat >"$work/patroni.yml" <<END
scope: finding
name: one
etcd3: {host: '127.0.0.1:23791'}
restapi: {listen: '127.0.0.1:18008', connect_address: '127.0.0.1:18008'}
bootstrap: {dcs: {loop_wait: 8, ttl: 20, retry_timeout: 3}}
postgresql:
  listen: 127.0.0.1:15432
  connect_address: 127.0.0.1:15432
  data_dir: $work/data
  bin_dir: $bin
  pgpass: $work/pgpass
  authentication: {superuser: {username: nobody, password: x}, replication: {username: replicator, password: x}}
  parameters: {unix_socket_directories: $work}
END
}
configure
chown 65534 "$work" && chmod 755 "$work"
"$work/root/usr/bin/etcd" --data-dir "$work/etcd" --listen-client-urls http://127.0.0.1:23791 --advertise-client-urls http://127.0.0.1:23791 \
  --listen-peer-urls http://127.0.0.1:23792 --initial-advertise-peer-urls http://127.0.0.1:23792 \
  --initial-cluster default=http://127.0.0.1:23792 &>"$work/etcd.log" &
etcd=$!
(as_user "$work/python/bin/patroni" "$work/patroni.yml") &>"$work/log" &
patroni=$!
timeout 120 bash -c "until grep -q 'no action' '$work/log'; do sleep 0.5; done" || { cat "$work/log" >&2 && exit 1; }

stored() { "$work/root/usr/bin/etcdctl" --endpoints http://127.0.0.1:23791 get --print-value-only /service/finding/config; }
cat >"$work/ask.py" <<'END'
import http.client, json, time
api = http.client.HTTPConnection("127.0.0.1", 18008)
def ask(method, body=None):
    api.request(method, "/config", body)
    return json.loads(api.getresponse().read()).get("maximum_lag_on_failover")
stale = 0
for number in range(1000001, 1000011):
    put = ask("PUT", json.dumps({"loop_wait": 8, "ttl": 20, "maximum_lag_on_failover": number}))
    assert put == number
    stale += ask("GET") != number
    while ask("GET") != number:
        time.sleep(0.2)
print(stale)
END
stale=$(python3 "$work/ask.py")
[[ $(stored) == *1000010* ]] || { echo "it was not written" >&2 && exit 1; }
echo "$("$work/python/bin/patroni" --version): of 10 requests right after a PUT, $stale were answered with the configuration before"
((stale > 0)) || { echo "this has changed" >&2 && exit 1; }

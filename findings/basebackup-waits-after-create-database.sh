#!/usr/bin/env bash
# pg_basebackup of a small server that nobody writes to, just after CREATE DATABASE; with the options that Patroni passes
# when it creates a replica: none about checkpoints. A guess: the 30 MB are copied in seconds, as they were up to
# PostgreSQL 14. Seen: since 15, CREATE DATABASE writes the new database through shared buffers (strategy wal_log). The
# backup's checkpoint is spread, so it writes these thousand pages at ten a second, and the replica waits for minutes.
# After `strategy file_copy`, the way of 14, or with --checkpoint=fast it starts at once.
set -euo pipefail
: "${POSTGRES_MAJOR:=15}"
work=$(mktemp -d)
chmod 755 "$work"
finish() {
  [[ ! -f $work/data/postmaster.pid ]] || as_user "$bin/pg_ctl" stop -m immediate -D "$work/data" >/dev/null
  rm -rf "$work"
}
trap finish EXIT

mkdir "$work/packages" "$work/root" && cd "$work/packages"
apt-get download "postgresql-$POSTGRES_MAJOR" "postgresql-client-$POSTGRES_MAJOR" libpq5 &>/dev/null
for package in *.deb; do dpkg -x "$package" "$work/root"; done
bin=$work/root/usr/lib/postgresql/$POSTGRES_MAJOR/bin
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu PGHOST=$work

# PostgreSQL does not run as root.
as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$@"; }
sql() { as_user "$bin/psql" -XqAt -d postgres -c "$1"; }

# seconds OPTION...: how long a base backup takes, in whole seconds.
seconds() {
  local begin=$SECONDS
  as_user "$bin/pg_basebackup" -D "$work/copy" -X stream "$@" 2>/dev/null
  rm -rf "$work/copy"
  echo $((SECONDS - begin))
}

mkdir "$work/data"
chown 65534:65534 "$work/data"
chmod 700 "$work/data"
chmod 777 "$work"
as_user "$bin/initdb" -D "$work/data" -A trust -U nobody --no-sync >/dev/null
as_user "$bin/pg_ctl" start -w -D "$work/data" -l "$work/data/log" \
  -o "-c listen_addresses= -c unix_socket_directories=$work" >/dev/null
sql checkpoint
sql "create database copied strategy file_copy"
copied=$(seconds)
sql "create database logged"
fast=$(seconds --checkpoint=fast)
sql "create database logged_too"
logged=$(seconds)
echo "$(as_user "$bin/postgres" --version): a base backup took $copied s after strategy file_copy, $logged s after the default" \
  "one, $fast s with --checkpoint=fast"
((copied < 20 && fast < 20 && logged > 40)) || { echo "this has changed" >&2 && exit 1; }

#!/usr/bin/env bash
# A standby is promoted while its primary is shut down; later the old primary is started by way of recovery as well, as
# Patroni starts every server, and so is promoted too. Both have left timeline 1 at the same place, and each calls its
# own history timeline 2. A guess: pg_rewind finds out where they parted, and brings the one to the other's history.
# Seen: "no rewind required", exit status 0, and nothing is done: timelines are compared by number. As a standby of the
# other one it then waits for ever, with "invalid record length" or "record with incorrect prev-link" in its log, and
# keeps its own rows. Patroni 4.0 compares the same numbers before it calls pg_rewind.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/pgbackrest.sh"

chmod 777 "$work"
for server in data other; do
  mkdir "$work/$server" && chown 65534:65534 "$work/$server" && chmod 700 "$work/$server"
done
as_user "$bin/initdb" -k -D "$work/data" -A trust -U nobody >/dev/null
start() { as_user "$bin/pg_ctl" start -w -D "$work/$1" -l "$work/$1/log" \
  -o "-c port=$2 -c listen_addresses= -c unix_socket_directories=$work -c wal_log_hints=on" >/dev/null; }
stop() { as_user "$bin/pg_ctl" stop -m fast -w -D "$work/$1" >/dev/null; }
sql_at() { as_user "$bin/psql" -XqAt -p "$1" -d postgres -c "$2"; }
promote() { sql_at "$1" "select pg_promote()" >/dev/null && sql_at "$1" checkpoint; }

start data 5432
sql_at 5432 "create table rows (text text)"
as_user "$bin/pg_basebackup" -D "$work/other" -R -c fast -p 5432
start other 5433
stop data
promote 5433
sql_at 5433 "insert into rows values ('of the new primary')"
as_user touch "$work/data/standby.signal"
start data 5432
promote 5432
sql_at 5432 "insert into rows values ('of the old primary')"
stop data

timelines=$(as_user "$bin/pg_controldata" -D "$work/data" | sed -n "s/^Latest checkpoint's TimeLineID: *//p")/$(sql_at 5433 "select timeline_id from pg_control_checkpoint()")
exit=0
said=$(as_user "$bin/pg_rewind" -D "$work/data" --source-server="host=$work port=5433 dbname=postgres user=nobody" 2>&1) || exit=$?
rm -f "$work/data/standby.signal"
start data 5432
rows=$(sql_at 5432 "select text from rows")
stop other
"$bin/pg_rewind" --version
echo "timelines $timelines, exit $exit: $said"
echo "rows of the old primary afterwards: $rows"
[[ $timelines == 2/2 && $exit == 0 && $said == *"no rewind required"* && $rows == "of the old primary" ]] ||
  { echo "this has changed" >&2 && exit 1; }

#!/usr/bin/env bash
# pgBackRest's stanza-create where the stanza exists, while archive_command of the same server archives. A guess: it
# finds the stanza valid, as at any other time; or it waits, as archive-push does for its own process. Seen: it ends with
# 50 at once, since both take the archive lock of the stanza. With the repository on another host the lock can be met on
# the server's host, as "unable to check pg1", and then stanza-create ends with 56, "unable to find primary cluster". The
# first stanza-create of a new server meets it too: archive_command tries from the first segment on.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/pgbackrest.sh"

cat >"$work/pgbackrest.conf" <<END
[global]
repo1-path=$work/repo
lock-path=$work/lock
spool-path=$work/spool
log-level-file=off
log-level-console=warn
archive-async=y
process-max=1
compress-type=gz
compress-level=9
[db]
pg1-path=$work/data
pg1-socket-path=$work
pg1-user=nobody
pg1-database=postgres
END
mkdir "$work"/{data,repo,lock,spool}
chown -R 65534:65534 "$work"/{data,repo,lock,spool}
chmod 700 "$work/data"
chmod 777 "$work"
as_user "$bin/initdb" -D "$work/data" -A trust -U nobody >/dev/null
as_user "$bin/pg_ctl" start -w -D "$work/data" -l "$work/data/log" \
  -o "-c listen_addresses= -c unix_socket_directories=$work -c archive_mode=on -c archive_command=false" >/dev/null
sql "create table filler as select g, md5(g::text) from generate_series(1, 1000) g"
pgbackrest stanza-create
twice=0
pgbackrest stanza-create || twice=$?

# Segments that wait, so that one process archives for seconds.
for _ in {1..12}; do
  sql "insert into filler select g, md5(g::text) from generate_series(1, 90000) g"
  sql "select pg_switch_wal()" >/dev/null
done
first=$(cd "$work/data/pg_wal/archive_status" && printf '%s\n' *.ready | head -n 1)
(cd "$work/data" && pgbackrest archive-push "pg_wal/${first%.ready}" >"$work/push" 2>&1) &
push=$!
until [[ -e $work/lock/db-archive.lock || -e $work/lock/db-archive-1.lock ]]; do :; done
meanwhile=0
pgbackrest stanza-create >"$work/output" 2>&1 || meanwhile=$?
wait $push || true
echo "$(pgbackrest version): stanza-create a second time ended with $twice; while a segment is archived with $meanwhile:"
cat "$work/output"
[[ $twice == 0 && $meanwhile == 50 ]] || { echo "this has changed" >&2 && exit 1; }

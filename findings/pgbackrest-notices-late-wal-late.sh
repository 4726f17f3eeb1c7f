#!/usr/bin/env bash
# How soon pgBackRest notices WAL that arrives late, with a long archive-timeout (for a store that is slow, or lost beside
# another one). A guess: archive-timeout is a limit, so how often it looks for the segment does not depend on it, and a
# backup goes on within a second or so. Seen: each pause is the sum of the two before, so WAL that arrives after 105 s is
# noticed after 160 s (the pauses are 61 s, then 99, 160, 258), while the repository has it and `info` shows it. With the
# default of 60 s the longest pause is 23 s. A backup that waits for WAL twice, before and after it copies, loses
# minutes by a limit of ten.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/pgbackrest.sh"

cat >"$work/pgbackrest.conf" <<END
[global]
repo1-path=$work/repo
lock-path=$work/lock
log-level-file=off
log-level-console=warn
[db]
pg1-path=$work/data
pg1-socket-path=$work
pg1-user=nobody
pg1-database=postgres
END
mkdir "$work"/{data,repo,lock}
chown -R 65534:65534 "$work"/{data,repo,lock}
chmod 700 "$work/data"
chmod 777 "$work"
cat >"$work/pgbackrest-when-open" <<END
#!/bin/bash
export LD_LIBRARY_PATH=$LD_LIBRARY_PATH
until [[ -e $work/open ]]; do sleep 0.2; done
exec "$work/root/usr/bin/pgbackrest" --config=$work/pgbackrest.conf --stanza=db archive-push "\$1"
END
chmod 755 "$work/pgbackrest-when-open"
as_user "$bin/initdb" -D "$work/data" -A trust -U nobody >/dev/null
as_user "$bin/pg_ctl" start -w -D "$work/data" -l "$work/data/log" \
  -o "-c listen_addresses= -c unix_socket_directories=$work -c archive_mode=on -c 'archive_command=$work/pgbackrest-when-open %p'" >/dev/null
pgbackrest stanza-create

SECONDS=0
(sleep 105 && touch "$work/open") &
pgbackrest check --archive-timeout=600
noticed=$SECONDS
arrived=$(($(stat -c %Y "$(ls -t "$work"/repo/archive/db/*/*/*-* | head -n 1)") - $(stat -c %Y "$work/open")))
echo "$(pgbackrest version): WAL was in the repository $((105 + arrived)) s after check began to wait, which ended after $noticed s"
((arrived < 10 && noticed >= 150 && noticed <= 175)) || { echo "this has changed" >&2 && exit 1; }

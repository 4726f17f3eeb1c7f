#!/usr/bin/env bash
# stanza-create where an earlier one was interrupted between its files: the process was killed, or the store went away.
# It writes archive.info, archive.info.copy, backup.info and backup.info.copy, one after the other. A guess: the next one
# writes what is missing; the documentation calls the command safe to run again. Seen: it ends with 55, "archive.info
# exists but backup.info is missing", and so does each later one, though the repository holds nothing else. There is no
# option that goes on (--force has gone), and stanza-delete wants a stopped cluster. Without that one file it works.
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
as_user "$bin/initdb" -D "$work/data" -A trust -U nobody >/dev/null
as_user "$bin/pg_ctl" start -w -D "$work/data" -l "$work/data/log" \
  -o "-c listen_addresses= -c unix_socket_directories=$work -c archive_mode=on -c archive_command=false" >/dev/null

pgbackrest stanza-create
# As it is left after the first file.
rm -r "$work/repo/backup" "$work/repo/archive/db/archive.info.copy"
again=0 third=0 mended=0
said=$(pgbackrest stanza-create 2>&1) || again=$?
pgbackrest stanza-create &>/dev/null || third=$?
rm "$work/repo/archive/db/archive.info"
pgbackrest stanza-create || mended=$?
echo "$(pgbackrest version): stanza-create after an interrupted one: exit $again, then $third:"
head -n 1 <<<"$said"
echo "without archive.info: exit $mended"
[[ $again == 55 && $third == 55 && $mended == 0 && $said == *"backup.info is missing"* ]] || { echo "this has changed" >&2 && exit 1; }

#!/usr/bin/env bash
# What archive-push-queue-max costs when one of two repositories is lost. A guess: WAL is dropped for the lost one, and the
# other one has all of it. Seen: archive-async stops pushing to both once the queue is over its limit, so the repository
# that could be reached ends early too, and PostgreSQL counts all of it as archived. Nothing tells: with the lost one
# back, `info` ends before the gap, and says "ok".
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/pgbackrest.sh"

# configure FOLDER: of the second repository
configure() {
  cat >"$work/pgbackrest.conf" <<END
[global]
archive-async=y
archive-timeout=10
archive-push-queue-max=48MiB
repo1-path=$work/repo1
repo2-path=$work/$1
lock-path=$work/lock
spool-path=$work/spool
log-path=$work/log
log-level-console=off
log-level-file=warn
[db]
pg1-path=$work/data
pg1-socket-path=$work
pg1-user=nobody
pg1-database=postgres
END
}
mkdir "$work"/{data,repo1,repo2,lock,spool,log}
chown -R 65534:65534 "$work"/{data,repo1,repo2,lock,spool,log}
chmod 700 "$work/data"
chmod 777 "$work"
configure repo2
as_user "$bin/initdb" -D "$work/data" -A trust -U nobody >/dev/null
as_user "$bin/pg_ctl" start -w -D "$work/data" -l "$work/data/log" -o "-c listen_addresses= -c archive_mode=on \
  -c unix_socket_directories=$work -c archive_command='$work/root/usr/bin/pgbackrest --stanza=db archive-push %p'" >/dev/null
pgbackrest stanza-create
sql "create table t (n int)"

# Prints its name.
write_segment() { sql "insert into t values (1); select pg_walfile_name(pg_switch_wal())" | tail -1; }
# await SECONDS COMMAND...
await() {
  local until=$((SECONDS + $1))
  while ! "${@:2}"; do ((SECONDS < until)) && sleep 0.2 || { echo "not within $1 s: ${*:2}" >&2 && exit 1; }; done
}
is_taken_for_archived() { [[ $(sql "select last_archived_wal from pg_stat_archiver") == "$1" ]]; }
has() { [[ -n $(compgen -G "$work/repo$1/archive/db/*/*/$2-*") ]]; }

await 60 is_taken_for_archived "$(write_segment)"
for repo in 1 2; do pgbackrest --repo=$repo --start-fast --type=full --repo1-retention-full=9 --repo2-retention-full=9 backup; done
configure lost
for _ in {1..7}; do last=$(write_segment); done
await 120 is_taken_for_archived "$last"
configure repo2
has 1 "$last" && reached=yes || reached=no
dropped=$(grep -c 'dropped WAL' "$work"/log/db-archive-push-async.log)
info=$(pgbackrest info --output=json)
[[ $info == *'"status":{"code":0,'*'"message":"ok"}'* ]] && quiet=yes || quiet=no
[[ $info == *"\"max\":\"$last\""* ]] && ends_there=yes || ends_there=no
echo "$(pgbackrest version): $dropped segments were dropped for one lost repository; the other one has the last of them: $reached;" \
  "info of both ends with it: $ends_there, complains of nothing: $quiet"
[[ $reached == no && $ends_there == no && $quiet == yes ]] && ((dropped > 0)) || { echo "this has changed" >&2 && exit 1; }

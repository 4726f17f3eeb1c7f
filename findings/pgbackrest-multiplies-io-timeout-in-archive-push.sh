#!/usr/bin/env bash
# How long archive-push with several repositories holds a batch of WAL when one of them, an object store, refuses
# connections. A guess: io-timeout is the limit, so with 5 s the segment is in the other repository after some 5 s. Seen:
# attempts are nested (socket, TLS, HTTP), each with the limit for itself, so that one file of the lost store takes 20 s,
# and three are asked for before the other repository gets anything: a minute. As a local path where nothing is, for this
# command alone, it is refused in a second, and the other one has the segment.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/pgbackrest.sh"

cat >"$work/volume.conf" <<END
[global]
repo2-path=$work/repo
lock-path=$work/lock
spool-path=$work/spool
log-level-file=off
log-level-console=warn
[db]
pg1-path=$work/data
pg1-socket-path=$work
pg1-user=nobody
pg1-database=postgres
END
cat - "$work/volume.conf" >"$work/both.conf" <<END
[global]
archive-async=y
archive-timeout=600
io-timeout=5
repo1-type=s3
repo1-path=/lost
repo1-s3-bucket=bucket
repo1-s3-endpoint=localhost:1
repo1-s3-key=key
repo1-s3-key-secret=secret
repo1-s3-region=region
repo1-s3-uri-style=path
END
cat "$work/both.conf" - >"$work/refused.conf" <<END
[db:archive-push]
repo1-type=posix
repo1-path=/nothing-is-here
END
mkdir "$work"/{data,repo,lock,spool}
chown -R 65534:65534 "$work"/{data,repo,lock,spool}
chmod 700 "$work/data"
chmod 777 "$work"
as_user "$bin/initdb" -D "$work/data" -A trust -U nobody >/dev/null
as_user "$bin/pg_ctl" start -w -D "$work/data" -l "$work/data/log" \
  -o "-c listen_addresses= -c unix_socket_directories=$work -c archive_mode=on -c archive_command=false" >/dev/null
pgbackrest --config="$work/volume.conf" stanza-create
sql "create table t (n int)"

# push CONF: writes a segment and pushes it; prints after how many seconds that ended, which it does with an error, and
# whether the volume has the segment then.
push() {
  local segment start=$SECONDS has=no
  sql "insert into t values (1)"
  segment=$(sql "select pg_walfile_name(pg_switch_wal())")
  ! pgbackrest --config="$work/$1.conf" archive-push "$work/data/pg_wal/$segment" &>/dev/null
  [[ -z $(compgen -G "$work/repo/archive/db/*/*/$segment-*") ]] || has=yes
  echo "$((SECONDS - start)) $has"
}
read -r lost _ < <(push both)
read -r refused has < <(push refused)
echo "$(pgbackrest --config="$work/volume.conf" version): archive-push held the WAL for $lost s with io-timeout=5, for" \
  "$refused s with a path where nothing is; in the other repository then: $has"
((lost >= 30 && refused <= 5)) && [[ $has == yes ]] || { echo "this has changed" >&2 && exit 1; }

#include "manifests/pgbackrest/restore_scripts.h"

#include "base/concat.h"

namespace annals::manifests {
namespace {

// fail: the first line of the termination message, and a file of which it shows the end.
// keep_errors: of pgBackRest's words its errors come last, and an Event has room for a thousand
// bytes.
// needs: what a server of this data is to have at least, by its control file, which it changes
// while it replays.
// start_server: one that nobody but this script reaches, and that writes no more than it has to. It
// reads neither the user's configuration nor what ALTER SYSTEM has left: options of the command
// line come before both. What it has not archived it leaves to the next server.
constexpr const char* kPrelude = R"bash(
export LC_ALL=C PGBACKREST_LOG_LEVEL_CONSOLE=${level:-warn}
work=/tmp/restore
message=/dev/termination-log
output=$work/output server_log=$work/postgres.log server=''
mkdir --parents "$work"

without_secrets() {
  sed --regexp-extended 's/((key|secret|token|pass|password|passphrase|sig|signature)["'\'']?[=:] *)[^ ,;&]+/\1***/Ig'
}
fail() {
  { printf '%s\n' "$1"
    if [[ -s ${2-} ]]; then tail --lines=12 "$2" | tail --bytes=3000; fi; } | without_secrets | tee "$message" >&2
  exit 1
}
trap stop_server EXIT
trap 'exit 143' TERM

keep_errors() {
  local errors
  errors=$(sed --quiet --regexp-extended '/ P[0-9]+ +(ERROR|ASSERT): /,$ { / P[0-9]+ +(INFO|DETAIL|DEBUG): /d; s/^[-0-9]+ [0-9:.]+ P[0-9]+ +//; p }' "$1")
  [[ -z $errors ]] || printf '%s\n' "$errors" >"$1"
}
run_pgbackrest() {
  local status=0
  pgbackrest "$@" 2>&1 | tee "$output" || status=$?
  ((status == 0)) || { keep_errors "$output"; fail "pgbackrest $1: exit status $status" "$output"; }
}
in_repository() { pgbackrest repo-ls --repo="$repo" "$1" 2>"$output"; }

control() { pg_controldata -D "$data" | sed --quiet "s/^$1: *//p"; }
number() { local high=${1%/*} low=${1#*/}; echo $(((16#$high << 32) + 16#$low)); }
lsn() { printf '%X/%X\n' $(($1 >> 32)) $(($1 & 0xFFFFFFFF)); }

needs() {
  pg_controldata -D "$data" | sed --quiet --regexp-extended \
    -e 's/^(max_connections|max_worker_processes|max_wal_senders|track_commit_timestamp|wal_level|wal_log_hints) setting: */\1=/p' \
    -e 's/^max_prepared_xacts setting: */max_prepared_transactions=/p' \
    -e 's/^max_locks_per_xact setting: */max_locks_per_transaction=/p'
}
start_server() {
  local settings=(
    "config_file=$work/postgresql.conf" "hba_file=$work/pg_hba.conf" "ident_file=$work/pg_ident.conf"
    listen_addresses= "unix_socket_directories=$work" port=5432 ssl=off
    shared_buffers=128MB huge_pages=off shared_preload_libraries= session_preload_libraries= local_preload_libraries=
    archive_mode=on archive_command= primary_conninfo= primary_slot_name= synchronous_standby_names=
    max_replication_slots=1000 max_logical_replication_workers=0 autovacuum=off
    logging_collector=off log_destination=stderr log_timezone=UTC TimeZone=UTC lc_messages=C)
  ((major < 15)) || settings+=(archive_library=)
  used=$(needs)
  mapfile -t -O "${#settings[@]}" settings <<<"$used"
  : >"$work/postgresql.conf"
  : >"$work/pg_ident.conf"
  echo 'local all postgres peer' >"$work/pg_hba.conf"
  postgres -D "$data" "${settings[@]/#/--}" "${@/#/--}" > >(tee --append "$server_log") 2>&1 &
  server=$!
}
is_running() { [[ -n $server ]] && kill -0 "$server" 2>/dev/null; }
stop_server() {
  if is_running; then kill -INT "$server"; fi
  [[ -z $server ]] || wait "$server" || true
  server=''
}
sql() {
  psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 \
    --host="$work" --port=5432 --username=postgres --dbname=template1 --command="$1" 2>"$work/psql"
}
)bash";

// complete: a server that was shut down has switched WAL before its last checkpoint, which is then
// the first record of a segment, behind that segment's header of 40 bytes; all that matters is in
// the segments before it.
// find_in_repository: pgBackRest names a segment by its checksum too. A segment that is gone here
// was archived, or the server would have kept it.
constexpr const char* kArchiveScript = R"bash(
complete() {
  checkpoint=$(number "$(control 'Latest checkpoint location')")
  [[ $(control 'Database cluster state') == 'shut down'* ]] && ((checkpoint % size == 40))
}
complete_by_a_start() {
  [[ ! -e $data/standby.signal && ! -e $data/recovery.signal ]] ||
    fail "the instance was a replica when it stopped, and its last WAL is not known to be complete"
  echo "the server was not shut down: it is started alone, so that its last segment becomes complete"
  start_server
  until sql 'SELECT 1' >/dev/null; do
    is_running || fail "PostgreSQL does not start" "$server_log"
    sleep 0.2
  done
  stop_server
  complete || fail "the last segment of WAL did not become complete" "$server_log"
}
push() {
  local ready name
  for ready in "$data"/pg_wal/archive_status/*.ready; do
    [[ -e $ready ]] || continue
    name=$(basename "$ready" .ready)
    run_pgbackrest archive-push --stanza="$stanza" --pg1-path="$data" --no-archive-async "$data/pg_wal/$name"
    mv "$ready" "${ready%.ready}.done"
    pushed=$((pushed + 1))
  done
}
find_in_repository() {
  local folder name=$1
  [[ ! -e $data/pg_wal/$1 ]] || name+=-$(sha1sum <"$data/pg_wal/$1" | cut --delimiter=' ' --fields=1)
  for folder in $(in_repository "archive/$stanza"); do
    [[ $folder == *-* ]] || continue
    [[ $(in_repository "archive/$stanza/$folder/${1:0:16}") != *"$name"* ]] || return 0
  done
  return 1
}

pushed=0
[[ -e $data/PG_VERSION ]] || fail "there is no database in $data"
size=$(control 'Bytes per WAL segment')
rm --force "$data/postmaster.pid"
complete || complete_by_a_start
push
timeline=$(control "Latest checkpoint's TimeLineID")
last=$((checkpoint / size - 1)) of_log=$(((1 << 32) / size))
segment=$(printf '%08X%08X%08X' "$timeline" $((last / of_log)) $((last % of_log)))
find_in_repository "$segment" || fail "WAL segment $segment is not in repository repo$repo" "$output"
printf '%s\n' "system $(control 'Database system identifier')" "timeline $timeline" "segment $segment" \
  "lsn $(lsn $((checkpoint - 40)))" "pushed $pushed" | tee "$message"
)bash";

// archive-get: PostgreSQL takes every failure up to 125 for the end of the archive. So a failure of
// pgBackRest that does not say that there is no such segment becomes 255, at which recovery ends
// without promotion. It also takes a segment of a timeline that the target has left where it does
// not find the target's own; those from the fork on are refused.
// Segments are fetched ahead: alone, each needs a TLS connection of its own. They wait in a
// directory of their own, since they may be of another cluster.
constexpr const char* kArchiveGetScript = R"bash(
write_archive_get() {
  cat >"$work/archive-get" <<'END'
if [[ $1 =~ ^[0-9A-F]{24}$ && -s $work/history ]]; then
  while read -r left fork _; do
    [[ $left =~ ^[0-9]+$ ]] && ((left == 16#${1:0:8})) || continue
    high=${fork%/*} low=${fork#*/}
    (((16#$high << 32) + 16#$low < (16#${1:8:8} << 32) + (16#${1:16:8} + 1) * size)) || continue
    printf '%08X%s\n' "$timeline" "${1:8}" >>"$work/missing"
    exit 1
  done <"$work/history"
fi
status=0
pgbackrest archive-get --stanza="$stanza" --pg1-path="$data" --repo="$repo" --archive-async --spool-path="$spool" "$1" "$2" \
  >"$work/get" 2>&1 || status=$?
case $status in
  0)
    : >"$work/missing"
    if [[ $1 =~ ^[0-9A-F]{24}$ && ${1:8} > $(<"$work/furthest") ]]; then echo "${1:8}" >"$work/furthest"; fi ;;
  1) [[ $1 == *.history ]] || echo "$1" >>"$work/missing" ;;
  *)
    { echo "pgbackrest archive-get: exit status $status"; cat "$work/get"; } | tee "$work/trouble"
    status=255 ;;
esac
exit "$status"
END
}
)bash";

// The server follows the archive as a standby, which never promotes itself: at the target it
// pauses, at the end of the archive it waits for more.
// claim_volume: a clone writes on what is empty, or what it has written itself.
// keep_unarchived: only a restore that may go on without them finds any.
// fork_in: where the timeline of a history begins. Empty lines may follow.
// out_of_patience: since the first failure after the last segment that was new.
// state: open, paused, waiting, replaying; nothing while there is no connection, as until the
// database is consistent.
// last_segment: in the repository. It is looked for before anything is replayed: an archive may
// grow meanwhile, and its new end would be out of reach for ever. reached_the_end: that segment has
// been read, and all before it; for an undo, the last commit too.
constexpr const char* kRestoreScript = R"bash(
keep_unarchived() {
  local ready name
  for ready in "$data"/pg_wal/archive_status/*.ready; do
    [[ -e $ready ]] || continue
    name=$(basename "$ready" .ready)
    mkdir --parents "$data.unarchived"
    mv "$data/pg_wal/$name" "$data.unarchived/"
    echo "not archived, kept in $data.unarchived: $name"
  done
}
claim_volume() {
  [[ -n ${cloning-} && ! -e $cloning ]] || return 0
  [[ ! -e $data && ! -e $restored ]] ||
    fail "the volume holds a database already, in $data, which this clone has not made: nothing is written. Give the cluster an empty volume, or remove spec.dataSource"
  : >"$cloning"
}
restore() {
  claim_volume
  [[ -e $data || ! -e $restored ]] || mv "$restored" "$data"
  install --directory --mode=0700 "$data" "$wal"
  rm --force "$data/postmaster.pid"
  keep_unarchived
  run_pgbackrest restore --stanza="$stanza" --pg1-path="$data" --repo="$repo" --set="$backup" --delta --type=none \
    --link-map=pg_wal="$wal" "$@"
}
fork_in() { sed --quiet --regexp-extended 's/^[0-9]+[[:space:]]+([0-9A-F]+\/[0-9A-F]+).*/\1/p' "$1" | tail --lines=1; }
get_history() {
  ((timeline > 1)) || return 0
  run_pgbackrest archive-get --stanza="$stanza" --pg1-path="$data" --repo="$repo" --no-archive-async \
    "$(printf '%08X.history' "$timeline")" "$work/history"
}

recover() {
  local goal=()
  : >"$work/trouble"
  rm --force "$data/recovery.signal"
  touch "$data/standby.signal"
  case $type in
    default) ;;
    immediate) goal=(recovery_target=immediate) ;;
    *) goal=("recovery_target_$type=$target" "recovery_target_inclusive=$inclusive") ;;
  esac
  start_server hot_standby=on "recovery_target_timeline=$timeline" recovery_target_action=pause "${goal[@]}" \
    "restore_command=bash $work/archive-get %f %p" wal_retrieve_retry_interval=500ms recovery_min_apply_delay=0 \
    recovery_end_command= archive_cleanup_command=
}
out_of_patience() { ((SECONDS - since > patience)); }
server_ended() {
  stop_server
  if [[ $(needs) == "$used" ]]; then
    [[ -s $work/trouble ]] || fail "PostgreSQL ended while it recovered" "$server_log"
    if [[ $(<"$work/furthest") > $reached ]]; then reached=$(<"$work/furthest") since=$SECONDS; fi
    ! out_of_patience || fail "the repository repo$repo was lost while its WAL was replayed" "$work/trouble"
    echo "the repository repo$repo does not answer; asked again"
    sleep 5
  fi
  recover
}
state() {
  sql "SELECT CASE WHEN NOT pg_is_in_recovery() THEN 'open' WHEN pg_is_wal_replay_paused() THEN 'paused'
    WHEN EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'startup' AND
      wait_event IN ('RecoveryRetrieveRetryInterval', 'RecoveryWalStream')) THEN 'waiting' ELSE 'replaying' END" || true
}
is_stuck() { (($(wc --lines <"$work/missing") > 12)); }
last_segment() {
  local prefix folder
  prefix=$(printf '%08X' "$timeline")
  folder=$(in_repository "archive/$stanza/$archive" | sed --quiet --regexp-extended "/^${prefix}[0-9A-F]{8}$/p" | sort | tail --lines=1) ||
    return 1
  [[ -n $folder ]] || return 0
  in_repository "archive/$stanza/$archive/$folder" | sed --quiet --regexp-extended "s/^(${prefix}[0-9A-F]{16})-.*/\1/p" | sort | tail --lines=1
}
find_end() {
  since=$SECONDS
  until last=$(last_segment); do
    ! out_of_patience || fail "the repository repo$repo does not say what it holds" "$output"
    sleep 5
  done
}
begin_of() { echo $(((16#${1:8:8} << 32) + 16#${1:16:8} * size)); }
at_least() { (($1 <= end)) || end=$1; }
reached_the_end() {
  local begin end replayed
  replayed=$(sql 'SELECT pg_last_wal_replay_lsn()')
  [[ $type == default ]] || fail "the target $type $target was not reached: the WAL of timeline $timeline in repository repo$repo ends at $replayed, its last transaction is of $(last_transaction)"
  begin=$(fork_in "$work/history")
  end=$(number "$least")
  at_least "$(number "${begin:-0/0}")"
  [[ -z $last ]] || at_least "$(begin_of "$last")"
  [[ -z $least_wal ]] || at_least $(($(begin_of "$least_wal") + size))
  (($(number "$replayed") >= end)) ||
    fail "recovery came to $replayed only, and has to come to $(lsn "$end") on timeline $timeline: the repository repo$repo does not have WAL segment $(tail --lines=1 "$work/missing")"
}
last_transaction() { sql "SELECT coalesce(pg_last_xact_replay_timestamp()::text, '-')"; }
promote() { sql 'SELECT pg_promote(true, 86400)' >/dev/null || true; }

until_open() {
  while true; do
    case $(state) in
      open) return ;;
      paused)
        if [[ $(needs) != "$used" ]]; then stop_server; elif [[ $type != default ]]; then promote; fi ;;
      waiting) reached_the_end && promote ;;
      '') ! is_stuck || fail "the repository repo$repo does not have WAL segment $(tail --lines=1 "$work/missing"), without which backup $backup is not consistent" "$server_log" ;;
    esac
    is_running || server_ended
    sleep 0.5
  done
}
)bash";

// A database that is open and promoted, and the server that has it.
constexpr const char* kRecoverScript = R"bash(
spool=${wal}_ahead
remove_fetched() { rm --recursive --force "$spool" || true; }
trap 'stop_server; remove_fetched' EXIT
remove_fetched
: >"$work/missing"
: >"$work/history"
echo 0 >"$work/furthest"
reached='' since=0
restore "$@"
size=$(control 'Bytes per WAL segment')
export data repo stanza timeline work size spool
get_history
write_archive_get
find_end
recover
until_open
)bash";

constexpr const char* kHandOverScript = R"bash(
sql CHECKPOINT
new=$(sql 'SELECT timeline_id FROM pg_control_checkpoint()')
fork=$(fork_in "$data/pg_wal/$(printf '%08X.history' "$new")")
stopped=$(last_transaction)
stop_server
[[ $(control 'Database cluster state') == 'shut down' ]] || fail "PostgreSQL did not shut down after it was promoted" "$server_log"
rm --force "$data/patroni.dynamic.json"
mv --no-target-directory --backup=numbered "$data" "$restored"
printf '%s\n' "system $(data=$restored control 'Database system identifier')" "timeline $new" "from $timeline" \
  "lsn $fork" "stopped $stopped" | tee "$message"
)bash";

}  // namespace

std::string archive_script() { return concat(kPrelude, kArchiveScript); }
std::string recovery_script(const char* further_functions) {
  return concat(kPrelude, kArchiveGetScript, kRestoreScript, further_functions, kRecoverScript);
}
std::string restore_script() { return concat(recovery_script(""), kHandOverScript); }

}  // namespace annals::manifests

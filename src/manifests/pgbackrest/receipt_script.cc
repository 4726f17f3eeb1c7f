#include "manifests/pgbackrest/receipt_script.h"

namespace annals::manifests {
namespace {

// end: of the record before the checkpoint's, as PostgreSQL tells how far it has replayed. Records
// follow each other, so it is where the checkpoint begins, but for the header of a page, or of a
// segment, where the checkpoint is the first record behind it. With archiving on that is always so:
// PostgreSQL switches WAL before the last checkpoint, and a switch reaches to the segment's end.
// put: all at once, each for its time, so that a store that does not answer holds up no other.
// At last the control file is read again: who starts meanwhile makes the receipt untrue.
constexpr const char* kReceiptScript = R"bash(
export LC_ALL=C TZ=UTC PGBACKREST_LOG_LEVEL_CONSOLE=warn PGBACKREST_LOG_LEVEL_FILE=off
work=/tmp/receipt
message=/dev/termination-log
mkdir --parents "$work"
trap 'kill $(jobs -p) 2>/dev/null || true; exit 143' TERM

fail() {
  printf '%s\n' "$1" | tee "$message" >&2
  exit "${2:-1}"
}
look() { pg_controldata -D "$data" 2>&1; }
control() { sed --quiet "s/^$1: *//p" <<<"$told"; }
number() { local high=${1%/*} low=${1#*/}; echo $(((16#$high << 32) + 16#$low)); }
lsn() { printf '%X/%X' $(($1 >> 32)) $(($1 & 0xFFFFFFFF)); }

[[ -e $data/PG_VERSION ]] || fail "there is no database in $data" 3
told=$(look) || fail "pg_controldata: $told"
[[ $told != *WARNING* ]] || fail "pg_controldata: $(grep --max-count=1 WARNING <<<"$told")" 3
state=$(control 'Database cluster state')
[[ $state == 'shut down' ]] ||
  fail "the database did not end with a clean shutdown: pg_controldata says '$state'" 3
checkpoint=$(number "$(control 'Latest checkpoint location')")
header=$((checkpoint % $(control 'Bytes per WAL segment') == 40 ? 40 : 24))
end=$((checkpoint % $(control 'WAL block size') == header ? checkpoint - header : checkpoint))
receipt=$(printf '{"checkpoint":"%s","cluster":"%s","end":"%s","receipt":1,"systemIdentifier":"%s","time":"%s","timeline":%s}' \
  "$(lsn "$checkpoint")" "$cluster" "$(lsn "$end")" "$(control 'Database system identifier')" \
  "$(date --utc --date="$(control 'Time of latest checkpoint')" +%Y-%m-%dT%H:%M:%SZ)" \
  "$(control "Latest checkpoint's TimeLineID")")

put() {
  local repo=$1 status=0
  shift
  timeout --kill-after=5 "$patience" pgbackrest repo-put --raw --repo="$repo" "$@" "$file" <<<"$receipt" >"$work/$repo" 2>&1 || status=$?
  if ((status == 0)); then echo "repo$repo written"; else echo "repo$repo exit status $status: $(words_of "$work/$repo")"; fi
}
words_of() {
  sed --quiet --regexp-extended '/^(.* P[0-9]+ +)?ERROR: /,$ { s/^[-0-9]+ [0-9:.]+ P[0-9]+ +//; s/^ +//; p }' "$1" | tr '\n' ' ' | head --bytes=500 |
    sed --regexp-extended 's/((key|secret|token|pass|password|passphrase|sig|signature)["'\'']?[=:] *)[^ ,;&]+/\1***/Ig'
}
repos=()
while (($#)) && [[ $1 != -- ]]; do repos+=("$1"); shift; done
shift || true
for repo in "${repos[@]}"; do
  put "$repo" "$@" >"$work/put$repo" &
done
wait
[[ $(look) == "$told" ]] || fail "the database was started while its receipt was written"
{ printf 'receipt %s\n' "$receipt"
  for repo in "${repos[@]}"; do cat "$work/put$repo"; done; } | tee "$message"
)bash";

}  // namespace

std::string receipt_script() { return kReceiptScript; }

}  // namespace annals::manifests

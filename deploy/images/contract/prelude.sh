# What the contracts share. Sourced by each, inside of an image, as a user without any privileges.
# IMAGE is the name:tag under test. Without it, versions are printed and not compared, so that the contracts
# can be run in other people's images too: mount this folder and run `bash FOLDER/NAME.sh`.

work=$(mktemp -d /tmp/contract.XXXXXX)
failures=0
# Also when the contract itself breaks off.
trap 'exit $(($? != 0 || failures > 0))' EXIT

# check WHAT COMMAND...: one line; the command's output only when it fails.
check() {
  local what=$1
  shift
  if "$@" >"$work/output" 2>&1 </dev/null; then
    printf '  ok      %s\n' "$what"
  else
    printf '  failed  %s\n' "$what"
    tail -n 20 "$work/output" | sed 's/^/          | /'
    failures=$((failures + 1))
  fi
}

# check_version NAME EXPECTED COMMAND...: the first version number in what the command prints.
check_version() {
  local name=$1 expected=$2 found
  shift 2
  found=$("$@" 2>&1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
  check "$name ${found:-without a version}" is_version "$found" "$expected"
}

is_version() { [[ -n $1 && $1. == "${2:+${2%.}.}"* ]] || { echo "the tag promises $2" && return 1; }; }

all_on_path() {
  local program missing=()
  for program in "$@"; do command -v "$program" >/dev/null || missing+=("$program"); done
  ((${#missing[@]} == 0)) || { echo "not on PATH: ${missing[*]}" && return 1; }
}

# Through the wrapper, every user is `postgres`, as peer authentication and initdb want it.
use_nss_wrapper() {
  printf 'postgres:x:%s:%s::/tmp:/bin/bash\n' "$(id -u)" "$(id -g)" >"$work/passwd"
  printf 'postgres:x:%s:\n' "$(id -g)" >"$work/group"
  export LD_PRELOAD=/usr/lib64/libnss_wrapper.so NSS_WRAPPER_PASSWD=$work/passwd NSS_WRAPPER_GROUP=$work/group
}

is_known_as_postgres() { [[ $(id -un) == postgres && $(id -gn) == postgres ]]; }
root_is_read_only() { ! touch /etc/contract 2>/dev/null; }
has_no_private_keys() {
  ! find / -xdev \( -name '*.key' -o -name '*.pem' \) -readable -exec grep -l 'PRIVATE KEY' {} + 2>/dev/null | grep .
}
succeeds_within() { timeout "$1" bash -c "until $2; do sleep 0.1; done"; }

check_surroundings() {
  [[ $(id -u) != 26 ]] || check "user 26 and group 26 are postgres" is_known_as_postgres
  check "the root file system is read-only" root_is_read_only
  check "no private key that this user can read" has_no_private_keys
  check "/usr/lib64/libnss_wrapper.so names the user" eval 'use_nss_wrapper; is_known_as_postgres'
  check "bash, coreutils, curl, pkill" \
    all_on_path bash cat curl cut date df install mkdir mv pkill realpath sha1sum sleep stat
}

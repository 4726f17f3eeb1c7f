# The contract of a pgbouncer image.
source "$(dirname "$0")/prelude.sh"

starts_and_reloads() {
  printf '[databases]\n* = host=127.0.0.1\n[pgbouncer]\nlisten_addr = 127.0.0.1\nunix_socket_dir =\n' \
    >"$work/pgbouncer.ini"
  pgbouncer "$work/pgbouncer.ini" >"$work/log" 2>&1 &
  succeeds_within 10 "grep -q 'process up' $work/log" || { cat "$work/log" && return 1; }
  pkill -HUP --exact pgbouncer || return
  succeeds_within 10 "grep -q 'RELOAD\|re-reading config' $work/log" || { cat "$work/log" && return 1; }
}

check_surroundings
check "programs of the proxy" all_on_path pgbouncer
check_version "pgbouncer" "${IMAGE#*:}" pgbouncer --version
check "pgbouncer starts, and reloads on a signal" starts_and_reloads

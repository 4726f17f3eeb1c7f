# shellcheck shell=bash
# How every script here speaks to a person: steps with the time they took, and errors in one line.
# Sourced, never run. A step's whole output goes to a log file; when the step fails, the end of
# the log and its path are shown, so that nobody has to run it a second time to see why.

: "${ANNALS_LOG_DIR:=${XDG_STATE_HOME:-$HOME/.local/state}/annals/log}"

if [[ -t 2 ]]; then ui_red=$'\e[31m' ui_off=$'\e[0m'; else ui_red='' ui_off=''; fi

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "${ui_red}$*${ui_off}" >&2; }

# die MESSAGE...: one clear line on standard error, exit status 1.
die() {
  warn "${0##*/}: $*"
  exit 1
}

# usage_error MESSAGE...: as die, with the exit status 2 that means "called wrongly".
usage_error() {
  warn "${0##*/}: $* (see '${0##*/} --help')"
  exit 2
}

# now_ms: a monotonic clock in milliseconds.
now_ms() {
  local up
  read -r up _ </proc/uptime
  up=${up/./}
  printf '%s' "$((10#$up * 10))"
}

# seconds_since START_MS: the time passed as "12.3".
seconds_since() {
  local passed=$(($(now_ms) - $1))
  printf '%d.%d' $((passed / 1000)) $((passed % 1000 / 100))
}

# step NAME COMMAND...: runs the command with its output in a log, prints the name and the time taken.
# NAME names the log file too. A failing step ends the script with the command's exit status.
step() {
  local name=$1 start log status=0
  shift
  start=$(now_ms)
  mkdir -p "$ANNALS_LOG_DIR"
  log=$ANNALS_LOG_DIR/${name//[^A-Za-z0-9._-]/-}.log
  # A background list, so that `set -e` stays on inside of a shell function that is the command.
  ("$@") >"$log" 2>&1 &
  wait $! || status=$?
  if ((status == 0)); then
    printf '  %-44s %8s s\n' "$name" "$(seconds_since "$start")"
    return 0
  fi
  printf '  %-44s %8s s  %sfailed%s\n' "$name" "$(seconds_since "$start")" "$ui_red" "$ui_off"
  show_log_tail "$log"
  exit "$status"
}

# show_log_tail LOG [LINES]: the end of a log, indented, and where the rest is.
show_log_tail() {
  warn "    the last lines of $1:"
  tail -n "${2:-15}" "$1" | sed 's/^/    | /' >&2
}

# wait_until SECONDS COMMAND...: true as soon as the command is; false when the time is over.
wait_until() {
  local deadline=$(($(now_ms) + $1 * 1000))
  shift
  until "$@"; do
    (($(now_ms) < deadline)) || return 1
    sleep 0.1
  done
}

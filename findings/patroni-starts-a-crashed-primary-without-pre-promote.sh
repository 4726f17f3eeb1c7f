#!/usr/bin/env bash
# When Patroni asks `pre_promote`, a command that may hold a promotion back. A guess: before each start as the primary, so
# that a server which crashed under a Patroni that keeps the lock is asked for as well. Seen: Patroni 3.0 starts it as a
# replica and asks; 4.0 and 4.1 start it as the primary at once, and ask nobody. A start of both is asked for in all.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/patroni.sh"

configure_patroni 'dcs: {loop_wait: 2, ttl: 20, retry_timeout: 3}, initdb: [{auth: trust}]' '' \
  "pre_promote: \"bash -c 'echo asked >>$work/asked'\""
answers() { (as_user "$bin/psql" -h "$work" -p 15432 -U nobody -d postgres -XqAtc "select $1" 2>/dev/null) || true; }
is_primary() { [[ $(answers 'not pg_is_in_recovery()') == t && $(answers 'pg_backend_pid()') != "" ]]; }
was_started() { is_primary && [[ $(answers 'pg_postmaster_start_time()') != "$1" ]]; }

# try VERSION: prints how often pre_promote was asked after a crash of the server alone.
try() {
  install_patroni "$1" && start_patroni "$1"
  await 120 "a primary with Patroni $1" is_primary
  rm -f "$work/asked"
  local before
  before=$(answers 'pg_postmaster_start_time()')
  kill -KILL "$(head -1 "$work/data/postmaster.pid")"
  await 120 "the primary again" was_started "$before"
  if [[ -e $work/asked ]]; then asked=yes; else asked=no; fi
  stop_patroni
  echo "Patroni $1: after a crash of PostgreSQL alone pre_promote was asked: $asked"
}
try 3.0.2 && [[ $asked == yes ]] || { echo "this has changed" >&2 && exit 1; }
try 4.0.7 && [[ $asked == no ]] || { echo "this has changed" >&2 && exit 1; }
try 4.1.5 && [[ $asked == no ]] || { echo "this has changed" >&2 && exit 1; }

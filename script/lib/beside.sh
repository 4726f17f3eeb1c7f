# shellcheck shell=bash
# Steps that run at once: where one waits for a download or for one processor, another goes on. Sourced, never run;
# needs ui.sh. A script that uses it says: trap end_beside EXIT.

# Each is the leader of a process group.
beside_pids=()

# run_beside NAME COMMAND...: a step that goes on while this script does.
run_beside() {
  set -m
  step "$@" &
  beside_pids+=($!)
  set +m
}

# await_beside: until all of them have ended; false where one has failed, which has said why.
await_beside() {
  local pid status=0
  for pid in "${beside_pids[@]}"; do wait "$pid" || status=1; done
  beside_pids=()
  return $status
}

# Nothing goes on when the script ends before its time.
end_beside() {
  local pid
  for pid in "${beside_pids[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
}

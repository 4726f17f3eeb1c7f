# shellcheck shell=bash
# A machine: a set of namespaces with a first process, on which components run as on a computer of their own.
# Sourced by script/cluster.
# - Killing the first process is a power cut: the kernel ends all other processes and drops every mount and link.
#   So nothing can leak, however roughly a run ended.
# - Each process of a machine joins the machine's cgroup before it is anything else, and so is found again even
#   when this script was killed between any two lines.

cgroup_name=annals-cluster${ANNALS_CLUSTER:+-$ANNALS_CLUSTER}

# cgroup_mounts: where the kernel's hierarchies are mounted: each of version 1, or the one of version 2.
cgroup_mounts() {
  awk '$3 == "cgroup" { print $2; v1 = 1 } $3 == "cgroup2" { v2 = $2 } END { if (!v1) print v2 }' /proc/mounts
}

# cgroup_make PATH: creates PATH below $cgroup_name in every hierarchy.
cgroup_make() {
  local mount part dir file
  for mount in $(cgroup_mounts); do
    dir=$mount
    for part in "$cgroup_name" ${1//\// }; do
      if [[ -f $dir/cgroup.subtree_control ]]; then
        sed 's/\</+/g' "$dir/cgroup.controllers" >"$dir/cgroup.subtree_control" 2>/dev/null || true
      fi
      mkdir -p "$dir/$part"
      # A version 1 cpuset starts empty, and nothing can join it then. Whoever made it may have been killed half way.
      for file in cpuset.cpus cpuset.mems; do
        [[ ! -f $dir/$part/$file || -n $(<"$dir/$part/$file") ]] || cat "$dir/$file" >"$dir/$part/$file"
      done
      dir=$dir/$part
    done
  done
}

# cgroup_join PATH: moves the calling shell.
cgroup_join() {
  local mount
  cgroup_make "$1"
  for mount in $(cgroup_mounts); do echo "$BASHPID" >"$mount/$cgroup_name/$1/cgroup.procs"; done
}

# cgroup_processes PATH: the processes in PATH and below it; each stands in all hierarchies or is just joining.
cgroup_processes() {
  local mount
  for mount in $(cgroup_mounts); do
    [[ -d $mount/$cgroup_name/$1 ]] || continue
    find "$mount/$cgroup_name/$1" -name cgroup.procs -exec cat {} + 2>/dev/null
  done | sort -un
}

# cgroup_thaw PATH: runc freezes a container that it ends; where it was killed meanwhile, nobody thaws it again, and what is
# frozen (cgroup v1) does not even die.
cgroup_thaw() {
  local mount state
  for mount in $(cgroup_mounts); do
    [[ -d $mount/$cgroup_name/$1 ]] || continue
    while read -r state; do echo THAWED >"$state" || true; done < <(find "$mount/$cgroup_name/$1" -name freezer.state)
  done 2>/dev/null
}

# cgroup_kill PATH: ends all processes in it and removes it.
cgroup_kill() {
  local mount pids deadline=$(($(now_ms) + 30000))
  while pids=$(cgroup_processes "$1" | grep -vx "$$") && [[ -n $pids ]]; do
    # shellcheck disable=SC2086 # a list of numbers
    kill -9 $pids 2>/dev/null || true
    cgroup_thaw "$1"
    (($(now_ms) < deadline)) || die "these processes of the cluster cannot be killed: ${pids//$'\n'/ }"
    sleep 0.02
  done
  for mount in $(cgroup_mounts); do
    [[ -d $mount/$cgroup_name/$1 ]] || continue
    find "$mount/$cgroup_name/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

# start_time_of /proc/PID: what tells a process from a later one with the same number; empty for one that has ended,
# also when nobody has noted its end yet.
start_time_of() { sed 's/.*) //' "$1/stat" 2>/dev/null | awk '$1 !~ /[ZX]/ { print $20 }'; }

machine_dir() { printf '%s/machines/%s' "$state_dir" "$1"; }

# machine_pid NAME: the first process of a running machine, else false.
machine_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$(machine_dir "$1")/pid" || return 1
  [[ -n $started && $(start_time_of "/proc/$pid") == "$started" ]] || return 1
  printf '%s' "$pid"
}

machine_root() { printf '/proc/%s/root' "$(machine_pid "$1")"; }

# What runs on holds nothing of its starter's: neither our lock (9) nor one that our caller has open.
close_inherited() {
  local fd
  for fd in /proc/"$BASHPID"/fd/*; do
    fd=${fd##*/}
    if ((fd > 2 && fd != 255)); then exec {fd}>&-; fi
  done
}

# machine_boot NAME: starts the machine unless it runs. Its disk is what an earlier life left behind.
machine_boot() {
  local name=$1 dir pid pause
  dir=$(machine_dir "$name")
  pause=$(binaries_dir)/pause # before the boot, whose time is limited
  machine_pid "$name" >/dev/null && return 0
  cgroup_kill "machine/$name" # of a boot that was interrupted
  mkdir -p "$dir"/{kubelet,containerd,cni,log,etc,volumes}
  (
    close_inherited
    cgroup_join "machine/$name"
    exec setsid unshare --mount --uts --ipc --net --pid --cgroup --fork \
      "$kubernetes_scripts/machine-init" "$name" "$dir" "$state_dir" "$pause"
  ) </dev/null >"$dir/log/boot.log" 2>&1 &
  wait_until 60 machine_booted "$name" || fail_with_log "machine $name does not boot" "$dir/log/boot.log"
  pid=$(machine_first_process "$name")
  echo "$pid $(start_time_of "/proc/$pid")" >"$dir/pid.new"
  mv "$dir/pid.new" "$dir/pid"
}

# The process that is number 1 in a process namespace right below ours.
machine_first_process() {
  local pid
  for pid in $(cgroup_processes "machine/$1"); do
    awk '$1 == "NSpid:" && NF == 3 && $3 == 1 { found = 1 } END { exit !found }' "/proc/$pid/status" 2>/dev/null || continue
    printf '%s' "$pid"
    return 0
  done
  return 1
}

machine_booted() {
  local pid
  pid=$(machine_first_process "$1") && [[ -e /proc/$pid/root/run/booted ]]
}

# machine_power_cut NAME: as when the plug is pulled; the disk stays.
machine_power_cut() {
  cgroup_kill "machine/$1"
  rm -f "$(machine_dir "$1")/pid"
}

# machine_enter NAME COMMAND...: runs a command on the machine, in the foreground.
machine_enter() {
  local pid
  pid=$(machine_pid "$1") || die "machine $1 is not running"
  shift
  nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup --wd=/ -- "$@"
}

# component_start NAME COMPONENT COMMAND...: starts it in the background unless it runs.
component_start() {
  local name=$1 component=$2 record
  shift 2
  component_running "$name" "$component" && return 0
  record=$(machine_root "$name")/run/components/$component
  rm -f "$record"
  (
    close_inherited
    cgroup_join "machine/$name/system"
    # The recorded start time tells the process from a later one with the same number.
    # shellcheck disable=SC2016 # expanded on the machine
    machine_enter "$name" setsid --fork bash -c '
      stat=$(</proc/$$/stat)
      fields=(${stat##*) })
      mkdir -p /run/components
      echo "$$ ${fields[19]}" >"/run/components/$0"
      exec "$@"' "$component" "$@"
  ) </dev/null >>"$(component_log "$name" "$component")" 2>&1
  wait_until 5 test -s "$record" || fail_with_log "$component on $name does not start" "$(component_log "$name" "$component")"
}

component_log() { printf '%s/log/%s.log' "$(machine_dir "$1")" "$2"; }

component_running() {
  local root pid started
  root=$(machine_root "$1") || return 1
  read -r pid started 2>/dev/null <"$root/run/components/$2" || return 1
  [[ -n $started && $(start_time_of "$root/proc/$pid") == "$started" ]]
}

# component_pid NAME COMPONENT: its process number as the whole computer sees it.
component_pid() {
  local root inner pid
  component_running "$1" "$2" || return 1
  root=$(machine_root "$1")
  read -r inner _ <"$root/run/components/$2"
  for pid in $(cgroup_processes "machine/$1"); do
    awk -v inner="$inner" '$1 == "NSpid:" && NF == 3 && $3 == inner { found = 1 } END { exit !found }' \
      "/proc/$pid/status" 2>/dev/null || continue
    printf '%s' "$pid"
    return 0
  done
  return 1
}

# component_await NAME COMPONENT SECONDS COMMAND...: waits until COMMAND is true; fails at once when the component ends.
component_await() {
  local name=$1 component=$2 seconds=$3 deadline
  shift 3
  deadline=$(($(now_ms) + seconds * 1000))
  until "$@" >/dev/null 2>&1; do
    component_running "$name" "$component" ||
      fail_with_log "$component on $name has ended" "$(component_log "$name" "$component")"
    (($(now_ms) < deadline)) ||
      fail_with_log "$component on $name is not ready after $seconds s" "$(component_log "$name" "$component")"
    sleep 0.1
  done
}

# fail_with_log MESSAGE LOG
fail_with_log() {
  warn "$1"
  show_log_tail "$2" 10
  exit 1
}

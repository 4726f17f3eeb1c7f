# shellcheck shell=bash
# The commands of script/cluster. Sourced by it.

need_root() { [[ $EUID -eq 0 ]] || die "'$command' makes namespaces, links and mounts, and so needs root"; }

# need_free_space DIR MIB PURPOSE
need_free_space() {
  local dir=$1 free
  until [[ -d $dir ]]; do dir=$(dirname "$dir"); done
  free=$(($(df --output=avail -k "$dir" | tail -1) / 1024))
  ((free >= $2)) || die "$3 needs $2 MiB on the disk of $1, but only $free MiB are free"
}

# take_lock: one command changes the cluster at a time. What a killed one left running is ended first.
take_lock() {
  local pid started
  mkdir -p "$state_dir"
  if read -r pid started 2>/dev/null <"$state_dir/lock.owner" && [[ $pid != "$$" ]] &&
    [[ -n $started && $(start_time_of "/proc/$pid") == "$started" ]]; then
    die "another script/cluster is running (process $pid); try again when it has ended"
  fi
  cgroup_kill script
  exec 9>"$state_dir/lock"
  flock --wait 5 9 || die "another script/cluster is running; try again when it has ended"
  echo "$$ $(start_time_of /proc/$$)" >"$state_dir/lock.owner"
  cgroup_join script
}

cluster_exists() { [[ -f $state_dir/admin.conf ]]; }
need_cluster() {
  if cluster_exists && machine_pid control-plane >/dev/null; then return 0; fi
  die "no cluster is running; start it with 'script/cluster up'"
}
need_node() { node_exists "${1:-}" || usage_error "no node '${1:-}'; there are: $(node_names | paste -sd' ')"; }

cluster_up() {
  local nodes='' control_plane_only='' asked=''
  while (($# > 0)); do
    case $1 in
      --nodes)
        nodes=${2:-}
        [[ $nodes =~ ^[1-$nodes_max]$ ]] || usage_error "--nodes is '$nodes', but must be a number from 1 to $nodes_max"
        shift 2
        ;;
      --control-plane) control_plane_only=1 && shift ;;
      --kubernetes)
        asked=$(kubernetes_named "${2:-}") || exit
        shift 2
        ;;
      *) usage_error "unknown argument '$1' of up" ;;
    esac
  done
  asked=$(asked_kubernetes "$asked") || exit
  [[ -z $nodes || -z $control_plane_only ]] || usage_error "--nodes and --control-plane exclude each other"
  need_root
  check_network_free
  local start existing names=()
  start=$(now_ms)
  existing=$(node_names | wc -l)
  [[ -z $nodes ]] || ((nodes >= existing)) ||
    usage_error "the cluster has $existing nodes already; fewer need 'script/cluster down' first"
  need_free_space "$state_dir" 2000 "a cluster"
  step "packages" install_packages cluster
  take_lock
  choose_kubernetes "$asked"
  refuse_another_version
  say "  Kubernetes: $kubernetes, $kubernetes_reason"
  ensure_binaries
  cluster_exists || forget_other_clusters
  record_kubernetes
  [[ -n $control_plane_only ]] || mapfile -t names < <(seq -f 'node%.0f' "${nodes:-$((existing > 0 ? existing : 1))}")
  step "certificates" make_control_plane_pki
  step "control plane: machine" boot_control_plane
  start_nodes "${names[@]}"
  step "control plane: etcd" start_etcd
  step "control plane: kube-apiserver" start_apiserver
  step "control plane: controllers and add-ons" start_controllers
  await_nodes "${names[@]}"
  printf '%s is up after %s s. To use it: %s\n' "The cluster" "$(seconds_since "$start")" "eval \"\$(script/cluster env)\""
}

# kubectl remembers for six hours, by the server's address, what it serves; one of another version may have been there.
forget_other_clusters() {
  rm -rf --one-file-system "${KUBECACHEDIR:-$HOME/.kube/cache}/discovery/${control_plane_address}_6443"
}

cluster_build() {
  local asked=''
  if (($# > 0)); then
    [[ $1 == --kubernetes && $# -eq 2 ]] || usage_error "unknown argument '$1' of build"
    asked=$(kubernetes_named "$2") || exit
  fi
  asked=$(asked_kubernetes "$asked") || exit
  step "packages" install_packages cluster
  choose_kubernetes "$asked"
  say "  Kubernetes: $kubernetes, $kubernetes_reason"
  ensure_binaries
  say "Its programs are in $(binaries_dir)"
}

refuse_another_version() {
  local present
  ! cluster_exists || { read -r present _ <"$(kubernetes_record)" && [[ $present == "$kubernetes" ]]; } ||
    die "the existing cluster runs Kubernetes ${present:-of an older script}, not $kubernetes: stop it first with 'script/cluster down'"
}

boot_control_plane() {
  machine_boot control-plane
  switch_make
  plug_host
  local node
  for node in $(running_nodes); do plug "$node"; done
}

start_nodes() {
  (($# > 0)) || return 0
  step "nodes: machines" for_each_node node_boot "$@"
  step "nodes: containerd, kubelet" for_each_node node_start_runtime "$@"
}

await_nodes() {
  (($# > 0)) || return 0
  step "nodes: Ready" for_each_node node_await_ready "$@"
}

# for_each_node FUNCTION NODE...: for all at once; fails when one did.
for_each_node() {
  local function=$1 node status=0 jobs=()
  shift
  for node in "$@"; do
    ("$function" "$node") &
    jobs+=($!)
  done
  for node in "${jobs[@]}"; do wait "$node" || status=1; done
  return $status
}

cluster_down() {
  (($# == 0)) || usage_error "unknown argument '$1' of down"
  need_root
  take_lock
  step "machines: power off" cgroup_kill machine
  step "links" remove_links
  step "state" remove_state
  cgroup_leave_and_remove
  say "The cluster is stopped and removed. The cache is kept in $cache_dir"
}

# The kernel removes the links with the namespaces that they lead to, a moment after the last process is gone.
remove_links() {
  wait_until 10 no_links || ip link delete "$host_link"
}
no_links() { ! ip link show "$host_link" >/dev/null 2>&1; }

remove_state() { rm -rf --one-file-system "$state_dir"; }

cgroup_leave_and_remove() {
  local mount
  for mount in $(cgroup_mounts); do echo "$BASHPID" >"$mount/cgroup.procs"; done
  cgroup_kill script
  for mount in $(cgroup_mounts); do
    find "$mount/$cgroup_name" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

cluster_env() {
  local programs
  programs=$(dirname "$(program kubectl)")
  printf 'export KUBECONFIG=%s\n' "$state_dir/admin.conf"
  # The cluster's own kubectl before any other that the computer has; once, however often this is read.
  [[ $PATH == "$programs":* ]] || printf 'export PATH=%s:$PATH\n' "$programs"
}

cluster_load() {
  (($# > 0)) || usage_error "which image? names of script/images, or archives"
  need_root
  need_cluster
  local image archive nodes
  mapfile -t nodes < <(running_nodes)
  ((${#nodes[@]} > 0)) || die "no node is running; start one with 'script/cluster up'"
  for image in "$@"; do
    if [[ -f $image ]]; then archive=$(readlink -f "$image"); else archive=$("$here/images" archive "$image"); fi
    step "load: $image" load_archive "$archive" "${nodes[@]}"
  done
}

running_nodes() {
  local node
  for node in $(node_names); do if machine_pid "$node" >/dev/null; then echo "$node"; fi; done
}

# load_archive ARCHIVE NODE...: nodes that have the very same archive's images are left alone.
load_archive() {
  local archive=$1
  shift
  archive_key=$(stat -c '%i %s %Y' "$archive")
  archive_path=$archive
  for_each_node load_archive_on "$@"
}

load_archive_on() {
  local mark
  mark=$(machine_dir "$1")/etc/loaded-$(basename "$archive_path")
  [[ -f $mark && $(<"$mark") == "$archive_key" ]] && return 0
  node_import "$1" "$archive_path"
  echo "$archive_key" >"$mark"
}

cluster_node() {
  local action=${1:-} name=${2:-}
  (($# == 2)) || usage_error "node wants an action and a name, such as 'node stop node1'"
  [[ $action =~ ^(stop|start|isolate|rejoin)$ ]] || usage_error "unknown action '$action' of node"
  need_root
  need_cluster
  need_node "$name"
  take_lock
  case $action in
    stop) step "$name: power cut" machine_power_cut "$name" ;;
    start) start_nodes "$name" && await_nodes "$name" ;;
    isolate) step "$name: network cut" unplug "$name" ;;
    rejoin) step "$name: network mended" plug "$name" ;;
  esac
}

cluster_logs() {
  local what=${1:-} machine component log
  (($# > 0)) || usage_error "which log? $(printf '%s ' "${control_plane_components[@]}" "${node_components[@]}")"
  component=${what##*/}
  case " ${node_components[*]} " in
    *" $component "*) machine=node1 ;;
    *) machine=control-plane ;;
  esac
  [[ $what != */* ]] || machine=${what%/*}
  log=$(component_log "$machine" "$component")
  [[ -f $log ]] || usage_error "no log of '$what' in ${log%/*}"
  if [[ ${2:-} == -f ]]; then exec tail -n 50 -f "$log"; else exec cat "$log"; fi
}

cluster_status() {
  { cluster_exists && use_recorded_kubernetes; } || { say "no cluster"; return 1; }
  local machine component pid state=0
  printf '%-15s %-25s %s\n' MACHINE COMPONENT PROCESS
  for machine in control-plane $(node_names); do
    local components=("${node_components[@]}") note=
    [[ $machine == control-plane ]] && components=("${control_plane_components[@]}")
    pid=$(machine_pid "$machine") || { printf '%-15s %s\n' "$machine" "powered off" && state=1 && continue; }
    [[ $machine == control-plane ]] || plugged "$machine" || note=" (isolated)"
    printf '%-15s %-25s %s\n' "$machine" "machine$note" "$pid"
    for component in "${components[@]}"; do
      pid=$(component_pid "$machine" "$component") || { pid="not running" && state=1; }
      printf '%-15s %-25s %s\n' "$machine" "$component" "$pid"
    done
  done
  echo
  kube get nodes --no-headers --request-timeout 5s 2>&1 || state=1
  return $state
}

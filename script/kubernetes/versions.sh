# shellcheck shell=bash
# Which Kubernetes script/cluster runs, and where the programs of that version lie. Sourced by script/cluster and by
# whoever starts an API server alone. A version is a name: 'debian', the 1.20 of Debian's source package, or X.Y.Z with a
# folder modules/kubernetes-X.Y.Z, built from Go modules with the etcd and containerd named in its file `with`.

# What a cluster was made with stands beside its state, and stays while it exists: the version, and where its programs are.
kubernetes_record() { printf '%s/kubernetes' "${cluster_state_dir:-$state_dir}"; }

# use_recorded_kubernetes: that of the cluster that is there; false where there is none.
use_recorded_kubernetes() {
  { read -r kubernetes known_binaries_dir <"$(kubernetes_record)"; } 2>/dev/null
}

record_kubernetes() {
  echo "$kubernetes $(binaries_dir)" >"$(kubernetes_record).new"
  mv "$(kubernetes_record).new" "$(kubernetes_record)"
}

# kubernetes_versions: those that can be built from modules, the newest last.
kubernetes_versions() { basename -a "$kubernetes_scripts"/modules/kubernetes-*/ | sed 's/^kubernetes-//' | sort -V; }

# tested_kubernetes: the newest version that the table of docs/kubernetes-versions.md names.
tested_kubernetes() {
  sed -n 's/^| \([0-9]\+\.[0-9]\+\.[0-9]\+\) |.*/\1/p' "$kubernetes_scripts/../../docs/kubernetes-versions.md" |
    grep -Fxf <(kubernetes_versions) | sort -V | tail -n 1
}

# asked_kubernetes [NAME]: the version that NAME means, else that of $ANNALS_KUBERNETES; nothing where neither says one.
asked_kubernetes() {
  local name=${1:-${ANNALS_KUBERNETES:-}}
  [[ -z $name ]] || kubernetes_named "$name"
}

# kubernetes_named NAME: the version that is meant: 'debian', X.Y.Z, or X.Y for its newest; dies where there is none.
kubernetes_named() {
  local found
  [[ $1 != debian ]] || { printf debian && return; }
  [[ $1 =~ ^[0-9]+\.[0-9]+(\.[0-9]+)?$ ]] && found=$(kubernetes_versions | grep -E "^${1//./\\.}(\$|\\.)" | tail -n 1) ||
    usage_error "the version of Kubernetes is '$1', but must be one of: $(kubernetes_versions | paste -sd' ') debian"
  printf '%s' "$found"
}

# choose_kubernetes [VERSION]: sets `kubernetes` and `kubernetes_reason`. Without a VERSION: that of the cluster that is
# there, else the newest that was tested, where it is built or a module proxy answers; else Debian's.
choose_kubernetes() {
  local asked=${1:-}
  if use_recorded_kubernetes; then
    kubernetes_reason="as the cluster that is there has it"
    [[ -z $asked || $asked == "$kubernetes" ]] && return
  fi
  known_binaries_dir=
  if [[ -n $asked ]]; then
    kubernetes=$asked
    kubernetes_reason="as asked for"
  else
    choose_default_kubernetes
  fi
  known_binaries_dir=$(binaries_dir)
}

choose_default_kubernetes() {
  kubernetes=$(tested_kubernetes)
  kubernetes_reason="the newest that docs/kubernetes-versions.md names as tested"
  if [[ -n $kubernetes ]] && { binaries_cached || module_proxy_answers "$kubernetes"; }; then return; fi
  kubernetes_reason="Debian's own, since no Go module proxy answers for $kubernetes"
  kubernetes=debian
}

is_debian_kubernetes() { [[ $kubernetes == debian ]]; }

# How they are built; another number when that changes, so that no cache holds binaries of the old way.
build_revision=4

binaries_dir() {
  if [[ -n ${known_binaries_dir:-} ]]; then
    printf '%s' "$known_binaries_dir"
  elif is_debian_kubernetes; then
    printf '%s/kubernetes/debian-%s-%s' "$cache_dir" "$(debian_kubernetes_version)" "$build_revision"
  else
    printf '%s/kubernetes/%s-%s' "$cache_dir" "$kubernetes" "$build_revision"
  fi
}

kube_components=(kubectl kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)
# What stands beside them when they come from modules; Debian's packages have theirs in the PATH.
companion_programs=(etcd containerd containerd-shim-runc-v2 ctr)

# program NAME: its path in the version that is chosen.
program() {
  if is_debian_kubernetes && [[ " ${companion_programs[*]} " == *" $1 "* ]]; then
    command -v "$1" || die "no $1 on this machine; 'script/bootstrap cluster' installs it"
  else
    printf '%s/%s' "$(binaries_dir)" "$1"
  fi
}

needed_programs() {
  printf '%s\n' "${kube_components[@]}" pause
  is_debian_kubernetes || printf '%s\n' "${companion_programs[@]}"
}

binaries_cached() {
  local dir name
  dir=$(binaries_dir)
  for name in $(needed_programs); do [[ -x $dir/$name ]] || return 1; done
}

# ensure_binaries: builds what is not in the cache. What a killed build has finished is not built again.
ensure_binaries() {
  binaries_cached && return 0
  need_free_space "$cache_dir" 7000 "building Kubernetes"
  mkdir -p "$(binaries_dir)"
  if is_debian_kubernetes; then build_debian_kubernetes; else build_kubernetes_from_modules; fi
  step "kubernetes: pause" build_pause
  rm -rf "$(build_root)"
}

# Sources and Go's caches, while something is built.
build_root() { printf '%s/kubernetes/build-%s' "$cache_dir" "$kubernetes"; }

# The sandbox process of each pod: it holds the namespaces and reaps what the pod's processes leave behind.
build_pause() {
  local dir
  dir=$(binaries_dir)
  gcc -O2 -static -Wall -Werror -o "$dir/pause.new" "$kubernetes_scripts/pause.c"
  strip "$dir/pause.new"
  mv "$dir/pause.new" "$dir/pause"
}

# shellcheck shell=bash
# `script/dev operator`: annals-operator on this machine, against a cluster. Sourced, never run; needs ui.sh, packages.sh,
# build.sh, $root, $preset and $build. The cluster is left as it was: a Deployment that was scaled down is scaled up again.

deployment=annals
operator_pods=postgres-operator.crunchydata.com/control-plane=postgres-operator

dev_operator() {
  local instead='' how=run_and_wait debugger=() arguments=()
  journal='' namespace=postgres-operator
  while (($# > 0)); do
    case $1 in
      --help) usage && return ;;
      --instead) instead=1 ;;
      --journal) [[ -n ${2:-} ]] || usage_error "--journal needs a DIRECTORY" && journal=$2 && shift ;;
      --namespace) [[ -n ${2:-} ]] || usage_error "--namespace needs a NAME" && namespace=$2 && shift ;;
      --gdb) how=run_in_gdb debugger=(gdb --args) ;;
      --) shift && arguments=("$@") && break ;;
      *) usage_error "unknown argument '$1'" ;;
    esac
    shift
  done
  step "packages" install_packages build ${debugger:+debug}
  step "configure: $preset" configure "$preset"
  step "build: annals-operator" compile "$preset" annals-operator
  choose_cluster
  trap leave EXIT
  choose_journal
  use_settings_of_deployment
  [[ -z $instead ]] || take_the_place
  [[ " ${arguments[*]}" == *" --listen"* ]] || arguments+=(--listen 127.0.0.1:8081)
  "$how" env "${operator_environment[@]}" "${debugger[@]}" "$build/src/annals-operator" --kubeconfig "$KUBECONFIG" \
    --journal "$journal" --namespace "$namespace" --identity "$(hostname)-dev" --log-format text "${arguments[@]}"
}

choose_cluster() {
  if [[ -z ${KUBECONFIG:-} ]]; then
    local exports
    exports=$("$root/script/cluster" env) || die "no cluster: set KUBECONFIG, or 'script/cluster up'"
    eval "$exports"
  fi
  command -v kubectl >/dev/null || die "kubectl is missing"
  kubectl -n "$namespace" get --raw /readyz >/dev/null || die "the API server of $KUBECONFIG does not answer"
}

choose_journal() {
  if [[ -n $journal ]]; then
    mkdir -p "$journal"
  else
    journal=$(mktemp -d -t annals-dev-journal.XXXXXX)
    temporary_journal=$journal
  fi
  say "  journal: $journal"
}

# What decides of images and namespaces stands in the environment; a process without it would ask for other pods.
use_settings_of_deployment() {
  local settings line template
  template='{{range (index .spec.template.spec.containers 0).env}}{{if .value}}{{.name}}={{.value}}{{"\n"}}{{end}}{{end}}'
  settings=$(kubectl -n "$namespace" get deployment "$deployment" -o go-template="$template" 2>/dev/null) ||
    settings=$(sed -nE '/- name: RELATED_IMAGE_/{N; s/.*- name: ([A-Z0-9_.]+)\n *value: (.*)/\1=\2/p}' "$root/deploy/operator.yaml")
  # Handed over by env: a name such as RELATED_IMAGE_POSTGRES_15_GIS_3.4 is none that bash could export.
  operator_environment=()
  while read -r line; do [[ -z $line ]] || operator_environment+=("$line"); done <<<"$settings"
}

take_the_place() {
  local replicas
  replicas=$(kubectl -n "$namespace" get deployment "$deployment" -o jsonpath='{.spec.replicas}')
  say "  deployment/$deployment: $replicas replicas, scaled to 0 until this ends"
  say "  (if this process is killed: kubectl -n $namespace scale deployment $deployment --replicas $replicas)"
  replicas_before=$replicas
  kubectl -n "$namespace" scale deployment "$deployment" --replicas 0 >/dev/null
  wait_until 60 no_operator_pod || die "a pod of deployment/$deployment still exists after 60 s"
}

no_operator_pod() { [[ -z $(kubectl -n "$namespace" get pods -l "$operator_pods" -o name) ]]; }

# Ends with the operator, which is told to end when this script is: nothing is scaled back while it still leads. It has a
# session of its own, or Ctrl-C would reach it twice, and the second time ends it on the spot.
run_and_wait() {
  local pid status=0
  setsid "$@" &
  pid=$!
  # shellcheck disable=SC2064  # this pid
  trap "kill -TERM $pid 2>/dev/null || true" INT TERM HUP
  while kill -0 "$pid" 2>/dev/null; do wait "$pid" && status=0 || status=$?; done
  return "$status"
}

# In the foreground, since the debugger has the terminal, and Ctrl-C means that it stops the operator.
run_in_gdb() {
  trap : INT
  "$@"
}

leave() {
  local status=$?
  if [[ -n ${replicas_before:-} ]]; then
    say "  deployment/$deployment: back to $replicas_before replicas"
    kubectl -n "$namespace" scale deployment "$deployment" --replicas "$replicas_before" >/dev/null ||
      warn "not scaled back: kubectl -n $namespace scale deployment $deployment --replicas $replicas_before"
  fi
  [[ -z ${temporary_journal:-} ]] || rm -rf --one-file-system "$temporary_journal"
  exit "$status"
}

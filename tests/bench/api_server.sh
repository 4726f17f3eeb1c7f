#!/usr/bin/env bash
# etcd and kube-apiserver alone, on loopback ports of their own, for as long as standard input stays open. Nothing
# that is created there ever runs. usage: api_server.sh DIRECTORY; prints the path of an administrator's kubeconfig once
# it is ready. Beside it, operator.conf is for who is to have the operator's own rights, and no others.
# Its version is $ANNALS_KUBERNETES, else that of the cluster that is there, else script/cluster's default.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
kubernetes_scripts=$root/script/kubernetes
: "${ANNALS_CACHE_DIR:=${XDG_CACHE_HOME:-$HOME/.cache}/annals}"
cache_dir=$ANNALS_CACHE_DIR
state_dir=$(readlink -f "$1")/api-server
cluster_state_dir=/var/lib/annals-cluster
control_plane_address=127.0.0.1
api_service_address=10.254.0.1
source "$root/script/lib/ui.sh"
source "$root/script/lib/packages.sh"
source "$kubernetes_scripts/versions.sh"
source "$kubernetes_scripts/binaries_debian.sh"
source "$kubernetes_scripts/binaries_modules.sh"
source "$kubernetes_scripts/pki.sh"

: "${ANNALS_API_SERVER_PORT:=26443}" # and the two ports below it are etcd's
api_port=$ANNALS_API_SERVER_PORT
etcd_port=$((api_port - 1))
etcd_peer_port=$((api_port - 2))

start() {
  local pki
  pki=$(pki_dir)
  "$(program etcd)" --name bench --data-dir "$state_dir/etcd" --unsafe-no-fsync --log-level error \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-advertise-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-cluster "bench=http://127.0.0.1:$etcd_peer_port" --quota-backend-bytes 8000000000 \
    </dev/null >"$state_dir/etcd.log" 2>&1 &
  etcd=$!
  # No Service leads to it: an address of loopback can be no endpoint.
  "$(program kube-apiserver)" --endpoint-reconciler-type none --bind-address 127.0.0.1 --secure-port "$api_port" \
    --tls-cert-file "$pki/kube-apiserver.crt" --tls-private-key-file "$pki/kube-apiserver.key" \
    --client-ca-file "$pki/ca.crt" --authorization-mode RBAC --disable-admission-plugins ServiceAccount \
    --allow-privileged --profiling=false --etcd-servers "http://127.0.0.1:$etcd_port" \
    --service-cluster-ip-range 10.254.0.0/16 --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$pki/service-account.pub" --service-account-signing-key-file "$pki/service-account.key" \
    </dev/null >"$state_dir/kube-apiserver.log" 2>&1 &
  api_server=$!
}

ready() { "$(program kubectl)" --kubeconfig "$state_dir/admin.conf" get --raw /readyz; }

await_ready() {
  local deadline=$(($(now_ms) + 60000))
  until ready >/dev/null 2>&1; do
    if ! kill -0 "$etcd" "$api_server" 2>/dev/null || (($(now_ms) > deadline)); then
      show_log_tail "$state_dir/etcd.log" 5
      show_log_tail "$state_dir/kube-apiserver.log" 10
      exit 1
    fi
    sleep 0.1
  done
}

asked=$(asked_kubernetes) || exit
choose_kubernetes "$asked"
binaries_cached || die "kube-apiserver $kubernetes is not built yet; 'script/cluster up --control-plane' builds it"
mkdir -p "$state_dir"
# Nothing of it is kept; in order it would take a minute, since the API server waits for an etcd that has gone.
trap '{ kill -KILL ${api_server:-} ${etcd:-} || true; wait; } 2>/dev/null' EXIT
{
  make_control_plane_pki
  make_client operator "/CN=system:serviceaccount:postgres-operator:annals"
  sed -i "s|server: .*|server: https://127.0.0.1:$api_port|" "$state_dir"/{admin,operator}.conf
  start
  await_ready
} >&2
# Beside the kubeconfig, for whoever started this: the computer may have another kubectl, or none.
ln -sf "$(program kubectl)" "$state_dir/kubectl"
say "$state_dir/admin.conf"
cat >/dev/null

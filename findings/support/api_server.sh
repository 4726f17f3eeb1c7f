# shellcheck shell=bash
# kube-apiserver and etcd from Go modules, on loopback ports, in a temporary folder that goes with the script. Sourced.
# Needs go 1.26 or newer, curl, openssl and jq. The first build takes some minutes.

kubernetes=v1.37.2 staging=v0.37.2 etcd=v3.6.16
work=$(mktemp -d)
trap 'kill -KILL ${etcd_pid:-} ${server_pid:-} 2>/dev/null; wait 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
export CGO_ENABLED=0 GOFLAGS=-mod=mod

build_api_server() {
  mkdir -p "$work/kubernetes" "$work/etcd"
  (
    cd "$work/kubernetes"
    module=$(go mod download -json "k8s.io/kubernetes@$kubernetes" | jq -r .GoMod)
    {
      printf 'module finding.test/kubernetes\n'
      grep -E '^(go|godebug) ' "$module"
      printf 'require k8s.io/kubernetes %s\n' "$kubernetes"
      sed -nE "s#^(replace )?[[:space:]]*(k8s.io/[a-z-]+) => ./staging.*#replace \\2 => \\2 $staging#p" "$module"
    } >go.mod
    go build -o "$work/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
  )
  (
    cd "$work/etcd"
    printf 'module finding.test/etcd\ngo 1.26.0\nrequire go.etcd.io/etcd/server/v3 %s\n' "$etcd" >go.mod
    go build -o "$work/etcd-server" go.etcd.io/etcd/server/v3
  )
}

start_api_server() {
  local port=36443
  openssl genrsa -out "$work/account.key" 2048 2>/dev/null
  printf 'secret,admin,admin,system:masters\n' >"$work/tokens"
  "$work/etcd-server" --data-dir "$work/data" --log-level error --listen-client-urls http://127.0.0.1:36441 \
    --advertise-client-urls http://127.0.0.1:36441 --listen-peer-urls http://127.0.0.1:36442 \
    --initial-advertise-peer-urls http://127.0.0.1:36442 --initial-cluster default=http://127.0.0.1:36442 \
    >"$work/etcd.log" 2>&1 &
  etcd_pid=$!
  "$work/kube-apiserver" --etcd-servers http://127.0.0.1:36441 --bind-address 127.0.0.1 --secure-port $port \
    --endpoint-reconciler-type none --cert-dir "$work/certificates" --token-auth-file "$work/tokens" \
    --authorization-mode RBAC --disable-admission-plugins ServiceAccount --service-cluster-ip-range 10.254.0.0/16 \
    --service-account-issuer https://finding.test --service-account-key-file "$work/account.key" \
    --service-account-signing-key-file "$work/account.key" >"$work/server.log" 2>&1 &
  server_pid=$!
  url=https://127.0.0.1:$port
  until [[ $(ask GET /readyz 2>/dev/null) == ok ]]; do
    kill -0 $server_pid || { tail "$work/server.log" >&2 && exit 1; }
    sleep 0.5
  done
}

# ask METHOD PATH [BODY]: prints the answer's body; the HTTP status is in $work/status.
ask() {
  local type=application/json
  [[ $1 != PATCH ]] || type=application/apply-patch+yaml
  curl -sk -X "$1" -H 'Authorization: Bearer secret' -H "Content-Type: $type" ${3:+--data "$3"} \
    -o "$work/answer" -w '%{http_code}' "$url$2" >"$work/status"
  cat "$work/answer"
}

# apply PATH OBJECT: server-side, by one field manager.
apply() { ask PATCH "$1?fieldManager=finding&force=true" "$2"; }
status() { cat "$work/status"; }

build_api_server
start_api_server
echo "kube-apiserver of module k8s.io/kubernetes $kubernetes, etcd $etcd"

# shellcheck shell=bash
# A current Kubernetes, etcd and containerd from Go modules: modules/NAME-VERSION/go.mod and go.sum pin what they are
# made of, and the Go toolchain is a module too, so that Debian's old Go, which only downloads here, is enough to begin
# with. Sourced by script/cluster.

debian_go=/usr/lib/go-1.19/bin/go
toolchain=go1.26.8.linux-amd64
toolchain_sum=h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM=

# go_env COMMAND...: with Go's own state in the build's folder, and modules from a proxy alone.
go_env() {
  local root proxy
  root=$(build_root)
  proxy=$("$debian_go" env GOPROXY)
  env GOPROXY="${proxy%,direct}" GOFLAGS=-modcacherw GOWORK=off GO111MODULE=on GOTOOLCHAIN=local CGO_ENABLED=0 \
    GOMODCACHE="$root/modules" GOCACHE="$root/gocache" GOPATH="$root/gopath" "$@"
}

# module_proxy_answers VERSION: whether Kubernetes of that version can be had.
module_proxy_answers() {
  [[ -x $debian_go ]] || return 1
  local kubernetes=$1 dir status=0
  dir=$(mktemp -d)
  # Go itself asks for minutes where nobody answers.
  (cd "$dir" && go_env timeout 20 "$debian_go" list -m -json "k8s.io/kubernetes@v$1") >/dev/null 2>&1 || status=1
  rm -rf "$dir"
  return $status
}

build_kubernetes_from_modules() {
  local name companion
  module_proxy_answers "$kubernetes" ||
    die "Kubernetes $kubernetes is not built yet, and no Go module proxy answers (GOPROXY is '$("$debian_go" env GOPROXY)'): set GOPROXY, or use --kubernetes debian"
  step "go: $toolchain" fetch_toolchain
  for name in "${kube_components[@]}"; do
    build_program "kubernetes-$kubernetes" "$name" "k8s.io/kubernetes/cmd/$name"
  done
  while read -r companion; do
    case $companion in
      etcd-*) build_program "$companion" etcd go.etcd.io/etcd/server/v3 ;;
      containerd-*)
        for name in containerd containerd-shim-runc-v2 ctr; do
          build_program "$companion" "$name" "github.com/containerd/containerd/v2/cmd/$name"
        done
        ;;
    esac
  done <"$kubernetes_scripts/modules/kubernetes-$kubernetes/with"
}

# Debian's go gets the module and checks it against its own database of sums; the sum is pinned here besides.
fetch_toolchain() {
  local root module dir
  root=$(build_root)
  [[ ! -x $root/go/bin/go ]] || return 0
  [[ $(dpkg --print-architecture) == amd64 ]] || die "Kubernetes from Go modules is built on amd64 only; use --kubernetes debian"
  mkdir -p "$root/empty"
  module=$(cd "$root/empty" && go_env "$debian_go" mod download -json "golang.org/toolchain@v0.0.1-$toolchain")
  [[ $(jq -r .Sum <<<"$module") == "$toolchain_sum" ]] ||
    die "the Go toolchain $toolchain has the sum $(jq -r .Sum <<<"$module"), not $toolchain_sum"
  dir=$(jq -r .Dir <<<"$module")
  # A module's files have no executable bit.
  chmod +x "$dir"/bin/* "$dir"/pkg/tool/linux_amd64/*
  rm -rf "$root/go"
  ln -s "$dir" "$root/go"
}

# build_program MODULE NAME PACKAGE: nothing where it is built already.
build_program() {
  [[ -x $(binaries_dir)/$2 ]] || step "${1%-*}: $2" build_from_module "$@"
}

build_from_module() {
  local module=$1 name=$2 package=$3 out
  out=$(binaries_dir)/$name
  cd "$kubernetes_scripts/modules/$module"
  go_env "$(build_root)/go/bin/go" build -mod=readonly -trimpath -ldflags "$(link_flags "$module")" -o "$out.new" "$package"
  mv "$out.new" "$out" # whole or absent, should this be killed
}

# What a program says of its own version comes from whoever links it.
link_flags() {
  local version=v${1##*-} package=k8s.io/component-base/version minor
  printf -- '-s -w'
  case $1 in
    kubernetes-*)
      minor=${version#*.}
      printf -- ' -X %s' "$package.gitVersion=$version" "$package.gitMajor=1" "$package.gitMinor=${minor%%.*}"
      ;;
    containerd-*) printf -- ' -X %s' "github.com/containerd/containerd/v2/version.Version=$version" ;;
  esac
}

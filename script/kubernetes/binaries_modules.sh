# shellcheck shell=bash
# A current Kubernetes, etcd and containerd from Go modules: modules/NAME-VERSION/go.mod and go.sum pin what they are
# made of, and the Go toolchain is a module too, so that Debian's old Go, which only downloads here, is enough to begin
# with. Sourced by script/cluster.

debian_go=/usr/lib/go-1.19/bin/go
toolchain=go1.26.8.linux-amd64
toolchain_sum=h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM=

# Half of what is compiled is called seldom by the clusters of tests: without inlining it takes a fifth less to compile.
# What a request to the API server goes through (its libraries, etcd, Go's own) is compiled as ever.
compiler_flags=(-gcflags=all=-dwarf=false)
for rarely_called in k8s.io/{kubernetes,client-go,kubectl,apiextensions-apiserver,kube-aggregator} \
  sigs.k8s.io/kustomize github.com/containerd; do
  compiler_flags+=("-gcflags=$rarely_called/...=-dwarf=false -l")
done

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
  local companion kubernetes_packages=("${kube_components[@]/#/k8s.io/kubernetes/cmd/}")
  module_proxy_answers "$kubernetes" ||
    die "Kubernetes $kubernetes is not built yet, and no Go module proxy answers (GOPROXY is '$("$debian_go" env GOPROXY)'): set GOPROXY, or use --kubernetes debian"
  step "go: $toolchain" fetch_toolchain
  build_programs "kubernetes-$kubernetes" "${kubernetes_packages[@]}"
  while read -r companion; do
    case $companion in
      etcd-*) build_programs "$companion" go.etcd.io/etcd/server/v3 ;;
      containerd-*)
        build_programs "$companion" github.com/containerd/containerd/v2/cmd/{containerd,containerd-shim-runc-v2,ctr}
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

# build_programs MODULE PACKAGE...: those that are not built already, in one go, so that what they share is compiled once.
build_programs() {
  local module=$1 package missing=()
  shift
  for package in "$@"; do [[ -x $(binaries_dir)/$(program_of "$package") ]] || missing+=("$package"); done
  ((${#missing[@]} == 0)) || step "${module%-*}: build" build_from_module "$module" "${missing[@]}"
}

# program_of PACKAGE: what its program is called here; Go calls it as the package's folder.
program_of() {
  case $1 in
    go.etcd.io/etcd/server/v3) printf etcd ;;
    *) basename "$1" ;;
  esac
}

# Processor time is what this costs, and nobody debugs these programs: no DWARF, and a compiler that collects garbage
# only when it is large.
build_from_module() {
  local module=$1 new package
  shift
  new=$(binaries_dir)/new
  rm -rf "$new"
  mkdir -p "$new"
  cd "$kubernetes_scripts/modules/$module"
  GOGC=off GOMEMLIMIT=2GiB go_env "$(build_root)/go/bin/go" build -mod=readonly -trimpath \
    -tags "$(build_tags "$module")" "${compiler_flags[@]}" -ldflags "$(link_flags "$module")" -o "$new/" "$@"
  # Each is whole or absent, should this be killed.
  for package in "$@"; do mv "$new/$(go_name "$package")" "$(binaries_dir)/$(program_of "$package")"; done
  rmdir "$new"
}

# go_name PACKAGE: the file that Go makes of it: its last folder that is no version.
go_name() { basename "${1%/v[0-9]}"; }

# What these clusters do not use.
build_tags() {
  case $1 in
    containerd-*) printf no_btrfs,no_devmapper,no_zfs,no_tracing ;;
  esac
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

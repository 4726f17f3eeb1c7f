# shellcheck shell=bash
# Kubernetes 1.20, built from Debian's source package of it. Sourced by script/cluster.
# Debian 12 ships kubectl alone, but its source package holds the whole tree with all dependencies.
# The result is cached by the package's version and never rebuilt; sources and Go's cache are removed.

# Packages whose types the API server describes in /openapi; vendor/k8s.io holds links to these.
openapi_roots=(api apimachinery apiextensions-apiserver kube-aggregator apiserver metrics component-base kubelet
  kube-proxy kube-scheduler kube-controller-manager cloud-provider client-go)

# source_apt COMMAND...: apt-get with a source list of our own, so that the machine's own lists stay as they are.
source_apt() {
  local dir=$cache_dir/apt uri
  mkdir -p "$dir/lists/partial"
  uri=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
  [[ -n $uri ]] || die "no Debian bookworm main archive in apt's sources; script/cluster builds Kubernetes from its source package"
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri bookworm main" >"$dir/sources.list"
  apt-get -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$dir/lists" -o APT::Sandbox::User=root "$@"
}

# A version that apt knows without its index; the cache's key. Where apt keeps no cache of its own, it takes seconds of a
# processor to say it, so it is asked once (known_binaries_dir).
debian_kubernetes_version() {
  apt-cache showsrc kubernetes 2>/dev/null | awk '/^Version:/ { print $2; exit }' | grep . ||
    apt-cache policy kubernetes-client | awk '/Candidate:/ { print $2 }'
}

build_debian_kubernetes() {
  local component
  step "kubernetes: source package" fetch_kubernetes
  step "kubernetes: generated code" generate_openapi
  for component in "${kube_components[@]}"; do
    [[ -x $(binaries_dir)/$component ]] || step "kubernetes: $component" build_component "$component"
  done
}

# In the tree as GOPATH mode wants it (modules mode refuses Debian's patched go.mod).
go_run() {
  local root
  root=$(build_root)
  cd "$root/gopath/src/k8s.io/kubernetes"
  env GO111MODULE=off GOFLAGS= CGO_ENABLED=0 GOPATH="$root/gopath" GOCACHE="$root/gocache" "$debian_go" "$@"
}

fetch_kubernetes() {
  local root
  root=$(build_root)
  rm -rf "$root"
  mkdir -p "$root/gopath/src/k8s.io" && cd "$root"
  source_apt update
  source_apt source --download-only kubernetes
  dpkg-source --no-check --extract ./*.dsc tree
  ln -s "$root/tree" "$root/gopath/src/k8s.io/kubernetes"
  replace_reflect2 tree/vendor/github.com/modern-go/reflect2
}

# The vendored reflect2 1.0.1 assumes the map iterator of Go before 1.18: built with a newer Go it corrupts memory
# whenever a custom resource is encoded, and the API server dies. Debian packages the version that was mended.
replace_reflect2() {
  rm -rf "$1"
  cp -r /usr/share/gocode/src/github.com/modern-go/reflect2 "$1"
}

# Debian's tree lacks the one generated file that kube-apiserver needs.
generate_openapi() {
  local root packages roots
  root=$(build_root)
  go_run build -o "$root/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  cd "$root/gopath/src/k8s.io/kubernetes"
  roots=("${openapi_roots[@]/#/vendor/k8s.io/}")
  packages=$(grep -rl --include='*.go' '+k8s:openapi-gen=' "${roots[@]/%//}" |
    xargs -n1 dirname | sort -u | sed 's|^vendor/||' | paste -sd,)
  env GO111MODULE=off GOPATH="$root/gopath" GOCACHE="$root/gocache" PATH="${debian_go%/*}:$PATH" "$root/openapi-gen" \
    --go-header-file hack/boilerplate/boilerplate.generatego.txt --input-dirs "$packages" \
    --output-base "$root/gopath/src" --output-package k8s.io/kubernetes/pkg/generated/openapi \
    -O zz_generated.openapi --report-filename "$root/openapi-violations"
}

build_component() {
  local stamp=k8s.io/kubernetes/vendor/k8s.io/component-base/version version=v1.20.2 dir
  dir=$(binaries_dir)
  mkdir -p "$dir"
  go_run build -trimpath -ldflags "-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=20" \
    -o "$dir/$1.new" "./cmd/$1"
  mv "$dir/$1.new" "$dir/$1" # whole or absent, should this be killed
}

# shellcheck shell=bash
# A node: containerd, kubelet and kube-proxy on a machine of their own. Sourced by script/cluster.

node_components=(containerd kubelet kube-proxy)
containerd_socket=/run/containerd/containerd.sock
pause_image=localhost/annals/pause:1

# The nodes that this cluster has, running or not.
node_names() {
  local dir
  for dir in "$state_dir"/machines/node*; do [[ -d $dir ]] && basename "$dir"; done
  return 0
}

node_exists() { [[ $1 == node* && -d $(machine_dir "$1") ]]; }

node_boot() {
  machine_boot "$1"
  plug "$1"
  make_node_pki "$1"
  write_node_config "$1"
}

# Starts what needs no API server to start. The kubelet spends its first five seconds looking for a Docker daemon
# (cAdvisor does), which the API server can use to come up.
node_start_runtime() {
  local etc
  etc=$(machine_dir "$1")/etc
  # containerd looks for its shim in the PATH.
  component_start "$1" containerd env PATH="$(dirname "$(program containerd)"):$PATH" \
    "$(program containerd)" --config "$etc/containerd.toml" --log-level warn
  component_await "$1" containerd 20 node_ctr "$1" version
  node_has_image "$1" "$pause_image" || node_import "$1" "$(pause_archive)"
  # shellcheck disable=SC2046 # words
  component_start "$1" kubelet "$(program kubelet)" $(old_runtime_flags) --config "$etc/kubelet.yaml" \
    --kubeconfig "$state_dir/$1.conf" --node-ip "$(node_address "$1")" --hostname-override "$1" \
    --root-dir /var/lib/kubelet
}

# 1.20 takes the runtime by flags, which later versions do not have: there it stands in the kubelet's file.
old_runtime_flags() {
  ! is_debian_kubernetes || printf -- '--container-runtime=remote --container-runtime-endpoint=%s' "unix://$containerd_socket"
}

node_await_ready() {
  component_start "$1" kube-proxy "$(program kube-proxy)" --hostname-override "$1" \
    --config "$(machine_dir "$1")/etc/kube-proxy.yaml"
  component_await "$1" kubelet 40 machine_enter "$1" curl -fs http://127.0.0.1:10248/healthz
  component_await "$1" kube-proxy 20 machine_enter "$1" curl -fs http://127.0.0.1:10256/healthz
  component_await "$1" kubelet 60 node_ready "$1"
}

# A kubelet that was just started reports at once that it is Ready, but an older report may still stand there.
node_ready() {
  kube get node "$1" -o json | jq -e --arg started "$(node_started_at "$1")" '
    .status.conditions[] | select(.type == "Ready" and .status == "True" and .lastHeartbeatTime >= $started)'
}

node_started_at() { date -u -d "@$(stat -c %Y "$(machine_root "$1")/run/components/kubelet")" +%Y-%m-%dT%H:%M:%SZ; }

node_ctr() { machine_enter "$1" "$(program ctr)" --address "$containerd_socket" --namespace k8s.io "${@:2}"; }
node_has_image() { [[ -n $(node_ctr "$1" images list -q "name==$2") ]]; }

# node_import NODE ARCHIVE
node_import() { node_ctr "$1" images import --snapshotter overlayfs "$2"; }

# pause_archive: the image of the pod sandbox, an archive of one file made without any image tool.
pause_archive() {
  local archive dir
  dir=$(binaries_dir)
  archive=$dir/pause.tar
  if [[ ! -f $archive ]]; then
    local work
    work=$(mktemp -d)
    tar -C "$dir" --owner 0 --group 0 --mtime @0 -cf "$work/layer.tar" pause
    printf '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/pause"],"User":"65535:65535"},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
      "$(sha256sum "$work/layer.tar" | cut -d' ' -f1)" >"$work/config.json"
    printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$pause_image" >"$work/manifest.json"
    tar -C "$work" -cf "$archive.$BASHPID" manifest.json config.json layer.tar
    mv "$archive.$BASHPID" "$archive"
    rm -rf "$work"
  fi
  printf '%s' "$archive"
}

# write_if_changed FILE: from standard input. kube-proxy ends whenever somebody writes its configuration.
write_if_changed() {
  cat >"$1.new"
  if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

write_node_config() {
  local etc pki
  etc=$(machine_dir "$1")/etc
  pki=$(pki_dir)
  mkdir -p "$etc/cni"
  : >"$etc/resolv.conf" # nothing of this computer's resolver reaches a pod
  write_if_changed "$etc/containerd.toml" <<TOML
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.tracing", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
address = "$containerd_socket"
[plugins."io.containerd.internal.v1.opt"]
path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "$pause_image"
disable_apparmor = true
# Where root lacks CAP_SYS_RESOURCE a negative oom_score_adj cannot be set, and runc would fail.
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$etc/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
TOML
  write_if_changed "$etc/cni/10-annals.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "annals", "plugins": [
  {"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local", "ranges": [[{"subnet": "$(node_pods "$1")"}]],
    "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/run/cni/networks"}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
  write_if_changed "$etc/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $(node_address "$1")
tlsCertFile: $pki/$1.crt
tlsPrivateKeyFile: $pki/$1.key
tlsMinVersion: VersionTLS12
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
clusterDNS: [$dns_address]
clusterDomain: cluster.local
resolvConf: $etc/resolv.conf
cgroupDriver: cgroupfs
enforceNodeAllocatable: [pods]
failSwapOn: false
# How soon a change shows; the heartbeat is the Lease's business, and has its usual ten seconds.
nodeStatusUpdateFrequency: 2s
protectKernelDefaults: true
volumePluginDir: /var/lib/kubelet/volume-plugins
# No registry stands behind this cluster: an image that the kubelet removes is gone, and a full disk is this computer's.
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 100Mi}
$(is_debian_kubernetes || cat <<NEWER
containerRuntimeEndpoint: unix://$containerd_socket
failCgroupV1: false
NEWER
)
YAML
  write_if_changed "$etc/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $state_dir/kube-proxy.conf}
mode: iptables
clusterCIDR: $pods_net
metricsBindAddress: 127.0.0.1:10249
healthzBindAddress: 127.0.0.1:10256
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
YAML
}

# shellcheck shell=bash
# The control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, and the add-ons (names and volumes).
# Sourced by script/cluster. All run on the machine control-plane.

control_plane_components=(etcd kube-apiserver kube-controller-manager kube-scheduler dns volumes)

start_etcd() {
  local pki data
  pki=$(pki_dir)
  data=$(machine_dir control-plane)/etcd
  (umask 077 && mkdir -p "$data")
  # A throw-away cluster may lose its last second with this computer's power, and gains much speed for that.
  component_start control-plane etcd "$(program etcd)" --name control-plane --data-dir "$data" --unsafe-no-fsync \
    --listen-client-urls https://127.0.0.1:2379 --advertise-client-urls https://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster control-plane=http://127.0.0.1:2380 \
    --client-cert-auth --trusted-ca-file "$pki/etcd-ca.crt" --cert-file "$pki/etcd.crt" --key-file "$pki/etcd.key" \
    --listen-metrics-urls http://127.0.0.1:2381 --log-level warn
  component_await control-plane etcd 20 machine_enter control-plane curl -fs http://127.0.0.1:2381/health
}

start_apiserver() {
  local pki
  pki=$(pki_dir)
  write_audit_policy
  component_start control-plane kube-apiserver "$(program kube-apiserver)" \
    --advertise-address "$control_plane_address" --secure-port 6443 --tls-min-version VersionTLS12 \
    --tls-cert-file "$pki/kube-apiserver.crt" --tls-private-key-file "$pki/kube-apiserver.key" \
    --client-ca-file "$pki/ca.crt" --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --allow-privileged --profiling=false \
    --etcd-servers https://127.0.0.1:2379 --etcd-cafile "$pki/etcd-ca.crt" \
    --etcd-certfile "$pki/etcd-client.crt" --etcd-keyfile "$pki/etcd-client.key" --etcd-compaction-interval 5m \
    --service-cluster-ip-range "$services_net" \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-account-key-file "$pki/service-account.pub" --service-account-signing-key-file "$pki/service-account.key" \
    --kubelet-certificate-authority "$pki/ca.crt" --kubelet-preferred-address-types InternalIP \
    --kubelet-client-certificate "$pki/kubelet-client.crt" --kubelet-client-key "$pki/kubelet-client.key" \
    --requestheader-client-ca-file "$pki/front-proxy-ca.crt" --requestheader-allowed-names front-proxy-client \
    --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
    --requestheader-extra-headers-prefix X-Remote-Extra- \
    --proxy-client-cert-file "$pki/front-proxy-client.crt" --proxy-client-key-file "$pki/front-proxy-client.key" \
    --audit-policy-file "$(machine_dir control-plane)/etc/audit.yaml" \
    --audit-log-path "$(machine_dir control-plane)/log/audit.log" --audit-log-maxsize 100 --audit-log-maxbackup 1
  component_await control-plane kube-apiserver 60 api_ready
}

# What service accounts ask of the API server is recorded, so that a test can compare it with their roles.
write_audit_policy() {
  cat >"$(machine_dir control-plane)/etc/audit.yaml" <<'YAML'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  userGroups: [system:serviceaccounts:kube-system]
- level: Metadata
  userGroups: [system:serviceaccounts]
- level: None
YAML
}

# The port without TLS, which 1.20 opens unless it is told not to, and later versions do not have.
insecure_port_flags() { ! is_debian_kubernetes || printf -- '--port=0'; }

start_controller_manager() {
  local pki
  pki=$(pki_dir)
  # shellcheck disable=SC2046 # none or one
  component_start control-plane kube-controller-manager "$(program kube-controller-manager)" $(insecure_port_flags) \
    --kubeconfig "$state_dir/controller-manager.conf" --bind-address 127.0.0.1 --profiling=false \
    --authentication-kubeconfig "$state_dir/controller-manager.conf" \
    --authorization-kubeconfig "$state_dir/controller-manager.conf" \
    --tls-cert-file "$pki/controller-manager-server.crt" --tls-private-key-file "$pki/controller-manager-server.key" \
    --use-service-account-credentials --service-account-private-key-file "$pki/service-account.key" \
    --root-ca-file "$pki/ca.crt" --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key" \
    --requestheader-client-ca-file "$pki/front-proxy-ca.crt" --leader-elect=false
}

start_scheduler() {
  local pki
  pki=$(pki_dir)
  # shellcheck disable=SC2046 # none or one
  component_start control-plane kube-scheduler "$(program kube-scheduler)" $(insecure_port_flags) \
    --kubeconfig "$state_dir/scheduler.conf" --bind-address 127.0.0.1 --profiling=false \
    --authentication-kubeconfig "$state_dir/scheduler.conf" --authorization-kubeconfig "$state_dir/scheduler.conf" \
    --tls-cert-file "$pki/scheduler-server.crt" --tls-private-key-file "$pki/scheduler-server.key" --leader-elect=false
}

start_dns() {
  component_start control-plane dns python3 "$kubernetes_scripts/addons/dns.py" \
    --server "$control_plane_address:6443" --pki "$(pki_dir)" --listen "$dns_address" --directory /run/dns
}

start_volumes() {
  component_start control-plane volumes python3 "$kubernetes_scripts/addons/volumes.py" \
    --server "$control_plane_address:6443" --pki "$(pki_dir)" --machines "$state_dir/machines"
}

# The rights of the add-ons, kube-proxy's own come with Kubernetes.
apply_addons() { kube apply -f "$kubernetes_scripts/addons/addons.yaml"; }

start_controllers() {
  start_controller_manager
  start_scheduler
  apply_addons
  start_dns
  start_volumes
  component_await control-plane kube-controller-manager 30 healthz 10257
  component_await control-plane kube-scheduler 30 healthz 10259
  component_await control-plane dns 20 dns_answers
  component_await control-plane volumes 20 component_running control-plane volumes
  component_await control-plane kube-controller-manager 30 kube get serviceaccount default -o name
}

healthz() { machine_enter control-plane curl -fs --cacert "$(pki_dir)/ca.crt" "https://127.0.0.1:$1/healthz"; }
kube() { "$(program kubectl)" --kubeconfig "$state_dir/admin.conf" "$@"; }
api_ready() { kube get --raw /readyz; }
dns_answers() { machine_enter control-plane test -e /run/dns/synced; }

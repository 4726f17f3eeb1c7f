# shellcheck shell=bash
# Certificates and kubeconfigs of the cluster. Sourced by script/cluster.
# Everything is ECDSA P-256 and made once per cluster; a file is there whole or not at all.

pki_dir() { printf '%s/pki' "$state_dir"; }

# make_ca NAME: NAME.key and NAME.crt, self-signed.
make_ca() {
  local base
  base=$(pki_dir)/$1
  [[ -f $base.crt ]] && return 0
  make_key "$base"
  openssl req -x509 -new -key "$base.key" -subj "/CN=annals-cluster-$1" -days 3650 -out "$base.crt.new" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
  mv "$base.crt.new" "$base.crt"
}

make_key() {
  [[ -f $1.key ]] && return 0
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key.new"
  mv "$1.key.new" "$1.key"
}

# make_leaf NAME CA SUBJECT [SAN]: a certificate for server and client use, signed by CA.
make_leaf() {
  local name=$1 ca subject=$3 base
  base=$(pki_dir)/$name
  ca=$(pki_dir)/$2
  [[ -f $base.crt ]] && return 0
  make_key "$base"
  openssl req -new -key "$base.key" -subj "$subject" | openssl x509 -req -CA "$ca.crt" -CAkey "$ca.key" \
    -set_serial "0x$(openssl rand -hex 8)" -days 3650 -out "$base.crt.new" -extfile <(
      echo "keyUsage=critical,digitalSignature"
      echo "extendedKeyUsage=serverAuth,clientAuth"
      [[ -z ${4:-} ]] || echo "subjectAltName=$4"
    )
  mv "$base.crt.new" "$base.crt"
}

# make_client NAME SUBJECT: certificate and kubeconfig of a client of the API server.
make_client() {
  make_leaf "$1" ca "$2"
  make_kubeconfig "$1"
}

make_kubeconfig() {
  local name=$1 file=$state_dir/$1.conf pki
  pki=$(pki_dir)
  (
    umask 077
    cat >"$file.new" <<YAML
apiVersion: v1
kind: Config
current-context: annals
contexts:
- name: annals
  context: {cluster: annals, user: $name}
clusters:
- name: annals
  cluster:
    server: https://$control_plane_address:6443
    certificate-authority-data: $(base64 -w0 "$pki/ca.crt")
users:
- name: $name
  user:
    client-certificate-data: $(base64 -w0 "$pki/$name.crt")
    client-key-data: $(base64 -w0 "$pki/$name.key")
YAML
  )
  mv "$file.new" "$file"
}

make_control_plane_pki() {
  local pki
  pki=$(pki_dir)
  (umask 077 && mkdir -p "$pki")
  make_ca ca
  make_ca etcd-ca
  make_ca front-proxy-ca
  make_key "$pki/service-account"
  openssl pkey -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub"
  make_leaf etcd etcd-ca /CN=etcd "IP:127.0.0.1,DNS:localhost"
  make_leaf etcd-client etcd-ca /CN=kube-apiserver
  make_leaf kube-apiserver ca /CN=kube-apiserver \
    "IP:$control_plane_address,IP:$api_service_address,IP:127.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  make_leaf kubelet-client ca /O=system:masters/CN=kube-apiserver-kubelet-client
  make_leaf front-proxy-client front-proxy-ca /CN=front-proxy-client
  make_leaf controller-manager-server ca /CN=kube-controller-manager "IP:127.0.0.1,DNS:localhost"
  make_leaf scheduler-server ca /CN=kube-scheduler "IP:127.0.0.1,DNS:localhost"
  make_client controller-manager /CN=system:kube-controller-manager
  make_client scheduler /CN=system:kube-scheduler
  make_client kube-proxy /CN=system:kube-proxy
  make_leaf addons ca /CN=annals-cluster-addons
  make_client admin /O=system:masters/CN=annals-cluster-admin
}

make_node_pki() {
  make_leaf "$1" ca "/O=system:nodes/CN=system:node:$1" "DNS:$1,IP:$(node_address "$1")"
  make_kubeconfig "$1"
}

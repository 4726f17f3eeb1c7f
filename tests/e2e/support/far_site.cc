// SPDX-License-Identifier: Apache-2.0
#include "support/far_site.h"

#include <stdexcept>

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;

// "Secret NAME COMMON_NAME DNS_NAME" each, by one authority.
constexpr const char* kMakeCertificates = R"(set -eu; cd $folder
[ -e ca.crt ] || openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=sites -keyout ca.key -out ca.crt
leaf() {
  openssl req -newkey rsa:2048 -nodes -subj /CN=$1 -keyout $2.key -out $2.csr
  openssl x509 -req -in $2.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 20 -extfile <(echo subjectAltName=DNS:$1) -out $2.crt
}
[ -e shared-tls.crt ] || leaf sites.example.com shared-tls
[ -e shared-replication-tls.crt ] || leaf _crunchyrepl shared-replication-tls
for secret in shared-tls shared-replication-tls; do
  $KUBECTL -n postgres-operator create secret generic $secret --from-file=ca.crt --from-file=tls.crt=$secret.crt \
    --from-file=tls.key=$secret.key --dry-run=client -o yaml | $KUBECTL apply -f -
done)";

}  // namespace

FarSite::FarSite() {
  use_kubernetes(far_);
  must("script/cluster down && script/cluster up", 300s);
  must("script/cluster load postgres:15 upgrade:17 postgres:17", 300s);
  must("env -u KUBECONFIG script/demo --built", 580s);
  use_kubernetes(near_);
}

FarSite::~FarSite() {
  forwards_.clear();
  use_kubernetes(far_);
  run("script/cluster down");
  use_kubernetes(near_);
}

void FarSite::forward(const Kubernetes& where, int port, const std::string& target) {
  const std::string address = where.net + ".0.1";
  const std::string number = std::to_string(port);
  forwards_.push_back(std::make_unique<Background>(
      "exec socat TCP-LISTEN:" + number + ",bind=" + address + ",fork,reuseaddr TCP:" + target,
      "/tmp/annals-forward-" + number + ".log"));
  const bool listens = eventually(
      10s, [&] { return run("exec 3<>/dev/tcp/" + address + "/" + number).status == 0; });
  if (!listens) throw std::runtime_error(forwards_.back()->printed());
}

void FarSite::share_certificates() const {
  const std::string folder = must("mktemp --directory");
  for (const Kubernetes& each : {near_, far_}) {
    use_kubernetes(each);
    must("folder=" + folder + "; " + kMakeCertificates);
  }
  use_kubernetes(near_);
  must("rm --recursive " + folder);
}

}  // namespace annals::e2e

#include "manifests/instance/cert_copy.h"

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/instance/source_login.h"
#include "manifests/names.h"

namespace annals::manifests {
namespace {

// Kubernetes swaps a link in the mounted folder, which changes the folder's own time. Patroni is
// told only once it is old enough to have a handler for the signal; until then the change counts as
// not yet seen. It is told a second time half a minute later: where a signal brings a changed
// configuration file too, it loads that and leaves its API's certificate as it was (4.0.7).
constexpr const char* kMonitor = R"bash(
monitor() {
  local seen now again=0
  seen=$(times)
  copy
  while sleep 5; do
    now=$(times)
    if [[ $now != "$seen" ]]; then
      echo "certificates or configuration have changed"
      copy
      pkill --signal HUP --exact --parent=1 postgres || true
      if pkill --signal HUP --older 10 --exact patroni; then seen=$now again=6; fi
    elif ((again > 0)) && ((--again == 0)); then
      pkill --signal HUP --exact patroni || true
    fi
  done
}
export -f copy times monitor
exec -a "$0" bash -ceuo pipefail -- monitor
)bash";

// What is copied, and what tells that it has changed.
constexpr const char* kCopy = R"bash(
copy() { install -D --mode=0600 --target-directory=/tmp/replication /pgconf/tls/replication/{tls.crt,tls.key,ca.crt}; }
times() { stat --format=%y /pgconf/tls /etc/patroni; }
)bash";

constexpr const char* kCopyWithSource = R"bash(
copy() {
  install -D --mode=0600 --target-directory=/tmp/replication /pgconf/tls/replication/{tls.crt,tls.key,ca.crt}
  copy_source
}
times() { stat --format=%y /pgconf/tls /pgconf/source /etc/patroni; }
export -f copy_source
)bash";

std::string script_of(const spec::PostgresCluster& cluster) {
  if (spec::source_login(cluster).empty()) return concat(kCopy, kMonitor);
  return concat(kCopySourceLogin, kCopyWithSource, kMonitor);
}

}  // namespace

Json cert_copy_container(const spec::PostgresCluster& cluster, const spec::InstanceSet& set,
                         const std::string& image, const Json& mounts) {
  const std::optional<spec::Sidecar>& settings = set.sidecars.replica_cert_copy;
  Json sidecar = container(cluster, kCertCopyContainer, image,
                           settings ? settings->resources : spec::Resources{});
  sidecar["command"] = bash_command(kCertCopyContainer, script_of(cluster));
  sidecar["volumeMounts"] = mounts;
  return sidecar;
}

}  // namespace annals::manifests

#include "k8s/credentials/in_cluster.h"

#include <utility>

#include "k8s/credentials/file.h"

namespace annals::k8s {
Result<Config> in_cluster_config(const PodEnvironment& pod) {
  if (pod.host.empty() || pod.port.empty()) {
    return fail(Errc::kNotFound, "not in a pod: KUBERNETES_SERVICE_HOST and _PORT are not set");
  }
  const bool v6 = pod.host.find(':') != std::string::npos;
  Result<ServerUrl> url = parse_server_url(v6 ? concat("https://[", pod.host, "]:", pod.port)
                                              : concat("https://", pod.host, ":", pod.port));
  if (!url) return fail(std::move(url).error().while_doing("in-cluster configuration"));
  Config config;
  config.server = *std::move(url);
  config.certificate_authority.file = pod.account / "ca.crt";
  config.token.file = pod.account / "token";
  Result<Secret> name_space = read_file(pod.account / "namespace", 256);
  if (!name_space)
    return fail(std::move(name_space).error().while_doing("in-cluster configuration"));
  config.name_space = name_space->reveal();
  return config;
}

}  // namespace annals::k8s

// The configuration that Kubernetes gives to each pod: two variables and the mounted directory of
// its service account. Token and CA stay files, because the kubelet rotates them.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "k8s/credentials/config.h"

namespace annals::k8s {

// What main found in the environment.
struct PodEnvironment {
  std::string host;  // KUBERNETES_SERVICE_HOST
  std::string port;  // KUBERNETES_SERVICE_PORT
  std::filesystem::path account = "/var/run/secrets/kubernetes.io/serviceaccount";
};

// kNotFound when this process is not in a pod.
Result<Config> in_cluster_config(const PodEnvironment& pod);

}  // namespace annals::k8s

// kubeconfig: the configuration file of kubectl, as far as it can be honoured. What cannot be
// (proxy-url, auth-provider, impersonation, passwords) is refused by name instead of ignored.
// Format: kubernetes.io/docs/reference/config-api/kubeconfig.v1
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/credentials/config.h"

namespace annals::k8s {

struct KubeconfigChoice {
  std::string context;              // empty: the file's current-context
  std::filesystem::path directory;  // files named in it are relative to this
};

// Pure: reads none of the files that the text names.
Result<Config> parse_kubeconfig(std::string_view text, const KubeconfigChoice& choice);

// Reads one file. `context` as above.
Result<Config> load_kubeconfig(const std::filesystem::path& path, const std::string& context = {});

}  // namespace annals::k8s

// client.authentication.k8s.io: what a credential plugin is told (KUBERNETES_EXEC_INFO) and what it
// prints (an ExecCredential). Pure.
// Source: kubernetes.io, "Authenticating", "client-go credential plugins".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "k8s/credentials/config.h"

namespace annals::k8s {

// The value of KUBERNETES_EXEC_INFO. `authorities` is the PEM of the cluster's, for plugins that
// asked for provideClusterInfo.
std::string exec_info(const Config& config, std::string_view authorities);

struct ExecCredential {
  Secret token;
  Secret certificate;  // PEM, and
  Secret key;          // its key; both or none
  std::optional<Timestamp> expires;
};

// kInvalid, without a byte of what was printed, if it is not an ExecCredential of that apiVersion
// with a token or a certificate and its key.
Result<ExecCredential> read_exec_credential(std::string_view printed, std::string_view api_version);

// "user 'developer': exec plugin 'get-token'", for errors.
std::string plugin_title(const ExecPlugin& plugin);

}  // namespace annals::k8s

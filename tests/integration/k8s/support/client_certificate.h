// Client certificates that a cluster's authority signed, for whatever time is wanted.
#pragma once

#include <chrono>
#include <string>

namespace annals::k8s {

struct ClientCertificate {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

// Valid from `begins` to `ends`, both as seen from now. `authority` and its key are PEM.
ClientCertificate make_client_certificate(const std::string& authority,
                                          const std::string& authority_key,
                                          const std::string& common_name,
                                          std::chrono::seconds begins, std::chrono::seconds ends);

}  // namespace annals::k8s

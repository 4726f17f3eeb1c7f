// TLS for the way to the API server: version 1.2 or later, the server's certificate verified
// against the given authorities (the system's where none are given), ours presented where there is
// one.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/secret.h"

namespace boost::asio::ssl {
class context;
}

namespace annals::k8s {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// All PEM.
struct TlsMaterial {
  Secret authorities;
  Secret certificate;
  Secret key;
  bool verify = true;  // false only where the configuration says insecure-skip-tls-verify
};

// kInvalid when a part is not what it should be, or the key does not belong to the certificate.
Result<TlsContext> make_tls_context(const TlsMaterial& material);

}  // namespace annals::k8s

// Certificates: a cluster's own CA and the leaves that it signs, ECDSA P-256 with SHA-384 (RFC
// 5280, RFC 5758). Here they are made; certificate_check.h reads and judges them. The time comes as
// an argument; keys and serials come from OpenSSL's generator. Thread-safe: no state.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace annals::postgres {

// As they stand in a Secret: tls.crt or root.crt, and tls.key or root.key. Both PEM.
struct KeyPair {
  std::string certificate;
  Secret key;  // "EC PRIVATE KEY" when made here; PKCS#8 is read as well
};

enum class Usage : std::uint8_t { kServer, kClient, kServerAndClient };

struct LeafRequest {
  std::string common_name;               // 1 to 64 bytes of UTF-8 (RFC 5280, ub-common-name)
  std::vector<std::string> dns_names{};  // subjectAltName in this order; "*.pods.ns" is fine
  Usage usage = Usage::kServerAndClient;
  std::chrono::days lifetime{365};  // cut short where the CA ends
};

inline constexpr std::string_view kRootCommonName = "postgres-operator-ca";
inline constexpr std::chrono::days kRootLifetime{3650};
// Certificates begin this long before they are made, for clocks that are behind.
inline constexpr std::chrono::hours kBackdate{1};

// A self-signed CA with pathlen 0: it signs leaves only. kInvalid for a bad name.
Result<KeyPair> make_root(std::string_view common_name, Timestamp now);

// A CA with its own key, read once: reading a key costs several times what a signature does. A
// value that shares what it has read; threads may sign with it at the same time.
class Authority {
 public:
  // kInvalid when it is not a CA with its own key.
  static Result<Authority> open(KeyPair pair);

  const std::string& certificate() const;

 private:
  struct Parts;
  explicit Authority(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

  friend Result<KeyPair> make_leaf(const Authority& ca, const LeafRequest& request, Timestamp now);

  std::shared_ptr<const Parts> parts_;
};

// A leaf signed by `ca`. kInvalid when the names cannot stand in a certificate, or when `ca` is not
// valid at `now`.
Result<KeyPair> make_leaf(const Authority& ca, const LeafRequest& request, Timestamp now);
Result<KeyPair> make_leaf(const KeyPair& ca, const LeafRequest& request, Timestamp now);

// The common name of a server: its first DNS name, as in PGO, unless that is over 64 bytes. Then
// the first that fits, or else the first label of the first one. Verification looks at the DNS
// names anyway.
std::string common_name_of(std::span<const std::string> dns_names);

}  // namespace annals::postgres

// Certificates that the user brings in Secrets of his own: spec.customTLSSecret for the servers,
// spec.customReplicationTLSSecret for replication. Whoever verifies anybody in a cluster trusts the
// cluster's own authority and those of both Secrets, so that either may stand alone and two
// authorities may differ. Their ca.crt is read by the operator and goes, with its own, into the
// ca.crt of {c}-cluster-cert and {c}-replication-cert, which every pod mounts: also one that was
// made before the user's certificates came, which has to understand its new neighbours meanwhile.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/json.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// A Secret of the user's, and the keys of what is needed of it.
struct CustomTlsCertificate {
  std::string field;  // that names it: "spec.customTLSSecret"
  std::string secret;
  std::string certificate_key;
  std::string private_key_key;
  std::string authority_key;
  std::string common_name;  // that the certificate must have; empty: any
  bool optional = false;

  friend bool operator==(const CustomTlsCertificate&, const CustomTlsCertificate&) = default;
};

std::optional<CustomTlsCertificate> custom_tls_for_server(const spec::PostgresCluster& cluster);
std::optional<CustomTlsCertificate> custom_tls_for_replication(
    const spec::PostgresCluster& cluster);
// Both, where they are given.
std::vector<CustomTlsCertificate> custom_tls_certificates(const spec::PostgresCluster& cluster);

// The source of a projected volume: the user's files but for ca.crt, with `folder` before the path
// of each.
Json custom_tls_source(const spec::TlsSecret& secret, const std::string& folder);

// Names that are taken, and items that leave something out; each with its remedy.
std::vector<std::string> mistakes_in_custom_tls(const spec::PostgresCluster& cluster);

}  // namespace annals::manifests

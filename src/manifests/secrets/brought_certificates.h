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
struct BroughtCertificate {
  std::string field;  // that names it: "spec.customTLSSecret"
  std::string secret;
  std::string certificate_key;
  std::string private_key_key;
  std::string authority_key;
  std::string common_name;  // that the certificate must have; empty: any
  bool optional = false;

  friend bool operator==(const BroughtCertificate&, const BroughtCertificate&) = default;
};

std::optional<BroughtCertificate> brought_for_server(const spec::PostgresCluster& cluster);
std::optional<BroughtCertificate> brought_for_replication(const spec::PostgresCluster& cluster);
// Both, where they are given.
std::vector<BroughtCertificate> brought_certificates(const spec::PostgresCluster& cluster);

// The source of a projected volume: the user's files but for ca.crt, with `folder` before the path
// of each.
Json brought_source(const spec::TlsSecret& secret, const std::string& folder);

// Names that are taken, and items that leave something out; each with its cure.
std::vector<std::string> mistakes_in_brought_certificates(const spec::PostgresCluster& cluster);

}  // namespace annals::manifests

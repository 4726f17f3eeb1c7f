// What a cluster's pods need and somebody else has to bring: Kubernetes starts no container before
// it is there, and its pods do not say which one is missing.
#pragma once

#include <string>
#include <vector>

#include "spec/postgres_cluster.h"

namespace annals::manifests {

struct Reference {
  std::string object;  // "Secret/hippo-tls"
  std::string field;   // that names it: "spec.customTLSSecret"

  friend bool operator==(const Reference&, const Reference&) = default;
};

// Of the instances' pods, in the order of the specification; what is optional is left out.
std::vector<Reference> needed_references(const spec::PostgresCluster& cluster);

}  // namespace annals::manifests

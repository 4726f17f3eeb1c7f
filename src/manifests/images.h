// Which image each container runs: the specification's, or else the operator's for that version.
#pragma once

#include <string>
#include <vector>

#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// Empty where nothing names one.
std::string postgres_image(const spec::PostgresCluster& cluster, const Observed& observed);
std::string pgbackrest_image(const spec::PostgresCluster& cluster, const Observed& observed);

// What is needed and not known. While there is any, no pod of the cluster should be touched.
struct MissingImage {
  std::string field;        // that a user can set: "spec.image"
  std::string environment;  // that an administrator can set: "RELATED_IMAGE_POSTGRES_15"

  friend bool operator==(const MissingImage&, const MissingImage&) = default;
};
std::vector<MissingImage> missing_images(const spec::PostgresCluster& cluster,
                                         const Observed& observed);

}  // namespace annals::manifests

// What all pods and containers have in common: the restricted security contexts, the wrapper that
// gives any user id the name `postgres`, the temporary folder, scheduling.
#pragma once

#include <string>
#include <vector>

#include "manifests/json.h"
#include "manifests/labels.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// A volume mounted in a container.
Json mount(const std::string& volume, const std::string& path);
Json read_only_mount(const std::string& volume, const std::string& path);

Json claim_volume(const std::string& volume, const std::string& claim);
Json projected_volume(const std::string& volume, Json sources);
// Files of a ConfigMap or Secret in a projection: key of the object to path in the volume. Keys
// that hold private keys are readable for the owner only.
struct ProjectedFile {
  std::string key;
  std::string path;
  bool is_private = false;
};
Json config_map_source(const std::string& name, const std::vector<ProjectedFile>& files);
Json secret_source(const std::string& name, const std::vector<ProjectedFile>& files);

// The pods' root file systems are read-only; /tmp is not.
Json tmp_volume();
Json tmp_mount();

Json variable(const std::string& name, const std::string& value);
Json field_variable(const std::string& name, const std::string& field_path);
// Lets the programs of a container know their user as `postgres`.
Json nss_wrapper_variables();
// The init container that writes the wrapper's files.
Json nss_wrapper_container(const spec::PostgresCluster& cluster, const std::string& image,
                           const spec::Resources& resources);

// name, image, imagePullPolicy, resources and the restricted securityContext.
Json container(const spec::PostgresCluster& cluster, const std::string& name,
               const std::string& image, const spec::Resources& resources);
// A command that runs `script` with Bash; `arguments` become $1 and so on, `name` is shown by ps.
Json bash_command(const std::string& name, const std::string& script,
                  const std::vector<std::string>& arguments = {});

// The part of a pod's spec that does not depend on what runs in it: security, pull secrets, links.
Json pod_defaults(const spec::PostgresCluster& cluster, const Observed& observed);
// Affinity, tolerations, priority, spread. The user's constraints come first, then the defaults
// over nodes and zones, which prefer and never prevent.
void schedule(Json& pod, const spec::PostgresCluster& cluster, const spec::Scheduling& scheduling);

}  // namespace annals::manifests

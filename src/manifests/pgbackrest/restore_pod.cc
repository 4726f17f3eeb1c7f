#include "manifests/pgbackrest/restore_pod.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/sha256.h"
#include "manifests/containers.h"
#include "manifests/images.h"
#include "manifests/names.h"
#include "manifests/object.h"

namespace annals::manifests {

std::string index_of(const std::string& repo) {
  spec::Repository repository;
  repository.name = repo;
  return repository.index();
}

std::string literal(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '$' ? std::string("$$") : std::string(1, c);
  return escaped;
}

InstancePlace place_of_instance(const spec::PostgresCluster& cluster, const Observed& observed,
                                const std::string& instance) {
  for (const spec::InstanceSet& set : cluster.spec.instances) {
    const auto instances = observed.instances.find(set.name);
    if (instances == observed.instances.end()) continue;
    const auto found = std::ranges::find(instances->second, instance, &Instance::name);
    if (found != instances->second.end()) return {set, *found};
  }
  ANNALS_ASSERT(false, "no instance ", instance, " in ", cluster.name);
  std::unreachable();
}

Json restore_pod(const spec::PostgresCluster& cluster, const Observed& observed,
                 const spec::RestoreSource& settings, Json container, Json volumes) {
  Json pod = pod_defaults(cluster, observed);
  pod["automountServiceAccountToken"] = false;
  pod["restartPolicy"] = "Never";
  pod["serviceAccountName"] = names::instance_account(cluster.name);
  set_given(pod, "affinity", value_of(settings.scheduling.affinity));
  set_given(pod, "tolerations", list_of(settings.scheduling.tolerations));
  set_given(pod, "priorityClassName", settings.scheduling.priority_class_name);
  pod["volumes"] = std::move(volumes);
  pod["initContainers"] = Json::array(
      {nss_wrapper_container(cluster, postgres_image(cluster, observed), settings.resources)});
  pod["containers"] = Json::array({std::move(container)});
  return pod;
}

std::string hash_of_parts(const std::vector<std::string>& parts) {
  constexpr std::size_t kDigits = 16;
  Sha256 all;
  for (const std::string& part : parts) {
    all.update(part);
    all.update(std::string_view("\0", 1));
  }
  return to_string(all.finish()).substr(0, kDigits);
}

}  // namespace annals::manifests

#include "fsm/instance_names.h"

#include <algorithm>

#include "fsm/name_suffix.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

bool is_known(const ClusterState& state, const std::string& instance) {
  return std::ranges::any_of(state.instances, [&](const auto& set) {
    return std::ranges::find(set.second, instance) != set.second.end();
  });
}

void adopt_existing(ClusterState& state) {
  for (const auto& [ref, object] : state.objects) {
    const auto set = object.fields.find("instance-set");
    if (ref.kind != "StatefulSet" || set == object.fields.end() || is_known(state, ref.name))
      continue;
    state.instances[set->second].push_back(ref.name);
  }
}

}  // namespace

void name_instances(ClusterState& state, const spec::PostgresCluster& cluster) {
  adopt_existing(state);
  for (const spec::InstanceSet& set : cluster.spec.instances) {
    std::vector<std::string>& names = state.instances[set.name];
    for (int counter = 0; names.size() < static_cast<std::size_t>(std::max(set.replicas, 0));
         ++counter) {
      std::string name = manifests::names::instance(cluster.name, set.name,
                                                    name_suffix(state.uid, set.name, counter));
      if (!is_known(state, name)) names.push_back(std::move(name));
    }
  }
}

}  // namespace annals::fsm

#include "fsm/view/instance_names.h"

#include <algorithm>
#include <optional>

#include "fsm/text/say.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/name_suffix.h"
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
    const std::optional<std::string>& set = object.fields.instance->set;
    if (ref.kind != "StatefulSet" || !set || is_known(state, ref.name) ||
        state.retired.contains(ref.name))
      continue;
    state.instances[*set].push_back(ref.name);
  }
}

// Volumes without an instance: of one that went before this journal began.
void find_strays(ClusterState& state) {
  for (const auto& [ref, object] : state.objects) {
    const auto& [set, instance] = *object.fields.instance;
    if (ref.kind != "PersistentVolumeClaim" || !instance || !set || is_known(state, *instance) ||
        state.retired.contains(*instance) || is_kept_for_another(state, object))
      continue;
    state.retired[*instance] = {
        .set = *set, .since = state.now, .reason = say::no_instance_when_first_seen()};
  }
}

bool exists(const ClusterState& state, const char* api, const char* kind, const std::string& name) {
  return state.objects.contains(
      {.api_version = api, .kind = kind, .name_space = state.spec->name_space, .name = name});
}

// Has gone, and all of its volumes are there still.
bool can_return(const ClusterState& state, const spec::InstanceSet& set,
                const std::string& instance) {
  if (exists(state, "apps/v1", "StatefulSet", instance) ||
      state.pods.contains(manifests::names::instance_pod(instance)))
    return false;
  const auto has_claim = [&](const std::string& name) {
    return exists(state, "v1", "PersistentVolumeClaim", name);
  };
  return has_claim(manifests::names::data_volume(instance)) &&
         (!set.wal_volume_claim_spec || has_claim(manifests::names::wal_volume(instance)));
}

// The set grows again: who was there before comes back to its volumes.
std::optional<std::string> take_back(ClusterState& state, const spec::InstanceSet& set) {
  for (const auto& [instance, retired] : state.retired) {
    if (retired.set != set.name || !can_return(state, set, instance)) continue;
    std::string name = instance;
    state.retired.erase(name);
    return name;
  }
  return std::nullopt;
}

// What was seen of the deleted cluster may have been out of date: somebody else led.
void make_room(ClusterState& state, const spec::InstanceSet& set, const std::string& leader,
               std::vector<std::string>& names) {
  if (is_known(state, leader) || static_cast<int>(names.size()) < set.replicas) return;
  const auto is_to_be_taken_up = [&](const std::string& name) {
    const auto claim = state.objects.find({.api_version = "v1",
                                           .kind = "PersistentVolumeClaim",
                                           .name_space = state.spec->name_space,
                                           .name = manifests::names::data_volume(name)});
    return claim != state.objects.end() && is_kept_for_another(state, claim->second);
  };
  const auto last = std::ranges::find_if(names.rbegin(), names.rend(), is_to_be_taken_up);
  if (last != names.rend()) names.erase(std::next(last).base());
}

// Those of a deleted cluster whose volumes become this one's.
void take_up(ClusterState& state, const spec::InstanceSet& set, std::vector<std::string>& names) {
  const std::string deleted = taken_up(state);
  if (deleted.empty()) return;
  const std::vector<std::string> instances = instances_to_take_up(state, set, deleted);
  if (!instances.empty() && instances.front() == leader_when_deleted(state, deleted))
    make_room(state, set, instances.front(), names);
  for (const std::string& instance : instances) {
    if (static_cast<int>(names.size()) >= set.replicas) return;
    if (is_known(state, instance)) continue;
    state.retired.erase(instance);
    names.push_back(instance);
  }
}

// Who led then comes first: nobody is named in its place before it has been seen.
bool awaits_leader(const ClusterState& state) {
  const std::string deleted = taken_up(state);
  return !deleted.empty() && !state.restore->clone->begun &&
         leader_when_deleted(state, deleted).empty();
}

}  // namespace

void name_instances(ClusterState& state, const spec::PostgresCluster& cluster) {
  adopt_existing(state);
  find_strays(state);
  if (awaits_leader(state)) return;
  for (const spec::InstanceSet& set : cluster.spec.instances) {
    std::vector<std::string>& names = state.instances[set.name];
    const auto wanted = static_cast<std::size_t>(std::max(set.replicas, 0));
    take_up(state, set, names);
    while (names.size() < wanted) {
      std::optional<std::string> former = take_back(state, set);
      if (!former) break;
      names.push_back(*std::move(former));
    }
    for (int counter = 0; names.size() < wanted; ++counter) {
      std::string name = manifests::names::instance(cluster.name, set.name,
                                                    name_suffix(state.uid, set.name, counter));
      if (!is_known(state, name) && !state.retired.contains(name)) names.push_back(std::move(name));
    }
  }
}

}  // namespace annals::fsm

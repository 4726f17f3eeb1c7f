#include "fsm/view/patroni_store.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/concat.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/members.h"
#include "fsm/view/rendering.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

bool is_of_instance(const ClusterState& state, const ObjectObserved& object) {
  if (object.ref.kind == "StatefulSet")
    return object.fields.instance->set || is_instance(state, object.ref.name);
  return is_claim(object.ref) && object.fields.instance->name &&
         !is_kept_for_another(state, object);
}

bool is_any_instance_running(const ClusterState& state) {
  return std::ranges::any_of(state.pods | std::views::values,
                             [](const PodObserved& pod) { return !pod.instance.empty(); });
}

ObjectRef store_of(const ClusterState& state, const std::string& kind, const char* part) {
  return {.api_version = "v1",
          .kind = kind,
          .name_space = state.spec->name_space,
          .name = concat(manifests::names::leader(state.spec->name), part)};
}

// Where a Service selects its pods, Kubernetes keeps Endpoints of its name, and Patroni nothing.
bool is_kept_by_kubernetes(const ClusterState& state, const ObjectRef& store) {
  return state.patroni_store == kStoreConfigMap && store == store_of(state, kStoreEndpoints, "");
}

ObjectRef lock_of(const ClusterState& state, const std::string& kind) {
  return store_of(state, kind, kind == kStoreConfigMap ? "-leader" : "");
}

std::string leader_in(const ClusterState& state, const std::string& kind) {
  return fields_of(state, lock_of(state, kind)).patroni->leader.value_or("");
}

bool has_state(const ClusterState& state, const char* kind) {
  return fields_of(state, store_of(state, kind, "-config")).patroni->has_system();
}

// A pod of this cluster's leads by it.
bool is_in_use(const ClusterState& state, const char* kind) {
  if (!has_state(state, kind)) return false;
  const auto leader = state.pods.find(leader_in(state, kind));
  return leader != state.pods.end() && is_instance(state, leader->second.instance);
}

std::string store_asked_for(ClusterState& state) {
  const Rendered& all = rendered(state);
  if (!all.mistakes.empty()) return state.patroni_store;  // nobody knows what is asked for
  return spec::asks_for_config_maps(all.cluster) ? kStoreConfigMap : kStoreEndpoints;
}

// Its pods have their configuration from when they began, so that it counts until the last has
// gone; by whom they are led counts more, since the journal may be an older copy.
std::string store_of_running(const ClusterState& state) {
  const bool by_endpoints = is_in_use(state, kStoreEndpoints);
  const bool by_config_maps = is_in_use(state, kStoreConfigMap);
  if (by_endpoints == by_config_maps) return state.patroni_store;
  return by_endpoints ? kStoreEndpoints : kStoreConfigMap;
}

// Until it has a database of its own, what stands there is a namesake's.
bool is_before_its_state(const ClusterState& state) {
  return state.begun_here && state.phase < ProvisionPhase::kOpening && !state.patroni_store.empty();
}

std::string store_by_the_world(ClusterState& state) {
  if (is_before_first_instance(state)) return store_asked_for(state);
  if (is_before_its_state(state)) return state.patroni_store;
  if (!state.patroni_store.empty() && is_any_instance_running(state))
    return store_of_running(state);
  const bool in_endpoints = has_state(state, kStoreEndpoints);
  const bool in_config_maps = has_state(state, kStoreConfigMap);
  if (in_endpoints != in_config_maps) return in_endpoints ? kStoreEndpoints : kStoreConfigMap;
  if (in_endpoints && !state.patroni_store.empty()) return state.patroni_store;
  return store_asked_for(state);
}

}  // namespace

bool is_instance(const ClusterState& state, const std::string& instance) {
  return state.retired.contains(instance) ||
         std::ranges::any_of(state.instances | std::views::values, [&](const auto& names) {
           return std::ranges::find(names, instance) != names.end();
         });
}

bool is_before_first_instance(const ClusterState& state) {
  if (state.phase > ProvisionPhase::kPreparing) return false;
  return std::ranges::none_of(state.objects | std::views::values, [&](const ObjectObserved& each) {
    return is_of_instance(state, each);
  });
}

std::vector<ObjectRef> patroni_stores(const std::string& name_space, const std::string& cluster) {
  std::vector<ObjectRef> stores;
  for (const auto& [kind, lock] :
       {std::pair{kStoreEndpoints, ""}, std::pair{kStoreConfigMap, "-leader"}}) {
    for (const char* const part : {lock, "-config", "-failover", "-sync"}) {
      stores.push_back({.api_version = "v1",
                        .kind = kind,
                        .name_space = name_space,
                        .name = concat(manifests::names::leader(cluster), part)});
    }
  }
  return stores;
}

// Asked in each step of a cluster that begins, of which there is usually none.
static bool is_any_store_known(const ClusterState& state, const char* kind) {
  const ObjectRef first = store_of(state, kind, "");
  const auto at = state.objects.lower_bound(first);
  return at != state.objects.end() && at->first.kind == kind &&
         at->first.name.starts_with(first.name);
}

std::vector<ObjectRef> known_stores(const ClusterState& state) {
  if (!is_any_store_known(state, kStoreEndpoints) && !is_any_store_known(state, kStoreConfigMap))
    return {};
  std::vector<ObjectRef> stores = patroni_stores(state.spec->name_space, state.spec->name);
  std::erase_if(stores, [&](const ObjectRef& store) {
    return !state.objects.contains(store) || is_kept_by_kubernetes(state, store);
  });
  return stores;
}

std::string leader_in_store(const ClusterState& state) {
  return leader_in(state, patroni_store(state).kind);
}

void note_patroni_store(ClusterState& state) {
  std::string store = store_by_the_world(state);
  if (store == state.patroni_store) return;
  state.patroni_store = std::move(store);
  state.rendered.reset();
}

bool keeps_config_maps(const ClusterState& state, const spec::PostgresCluster& cluster) {
  if (state.patroni_store.empty()) return spec::asks_for_config_maps(cluster);
  return state.patroni_store == kStoreConfigMap;
}

ObjectRef patroni_store(const ClusterState& state) {
  const bool in_config_maps = state.patroni_store == kStoreConfigMap;
  return store_of(state, in_config_maps ? kStoreConfigMap : kStoreEndpoints, "-config");
}

ObjectRef patroni_lock(const ClusterState& state) {
  return lock_of(state, patroni_store(state).kind);
}

std::vector<ObjectRef> stores_of_its_kind(const ClusterState& state) {
  std::vector<ObjectRef> stores = patroni_stores(state.spec->name_space, state.spec->name);
  const std::string kind = patroni_store(state).kind;
  std::erase_if(stores, [&](const ObjectRef& store) { return store.kind != kind; });
  return stores;
}

std::vector<ObjectRef> stores_to_forget(const ClusterState& state) {
  std::vector<ObjectRef> stores = patroni_stores(state.spec->name_space, state.spec->name);
  const std::string kind = patroni_store(state).kind;
  std::erase_if(stores, [&](const ObjectRef& store) {
    return store.kind != kind &&
           (!state.objects.contains(store) || is_kept_by_kubernetes(state, store));
  });
  return stores;
}

const PatroniFields& own_store(const ClusterState& state) {
  static const PatroniFields kNone;
  if (is_before_first_instance(state)) return kNone;
  return *fields_of(state, patroni_store(state)).patroni;
}

std::string system_identifier(const ClusterState& state) {
  return own_store(state).initialize.value_or("");
}

bool is_configured(const ClusterState& state) {
  return is_bootstrapped(state) && !own_store(state).config.value_or("").empty();
}

bool is_bootstrapped(const ClusterState& state) { return !system_identifier(state).empty(); }

// Its store remembers what it was made with, through any number of operators and their journals.
bool keeps_failsafe(const ClusterState& state) {
  return !is_configured(state) || own_store(state).failsafe == "true";
}

}  // namespace annals::fsm

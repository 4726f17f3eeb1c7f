#include "fsm/patroni_state.h"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <utility>

#include "base/concat.h"
#include "fsm/members.h"
#include "fsm/rendering.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMachine = "patroni-state";
constexpr const char* kEndpoints = "Endpoints";
constexpr const char* kConfigMap = "ConfigMap";
// Patroni tells of a bootstrap in several writes, and of its members once in each of its rounds.
constexpr auto kUntilForeign = 60s;

bool is_instance(const ClusterState& state, const std::string& instance) {
  return state.retired.contains(instance) ||
         std::ranges::any_of(state.instances | std::views::values, [&](const auto& names) {
           return std::ranges::find(names, instance) != names.end();
         });
}

bool is_of_instance(const ClusterState& state, const ObjectObserved& object) {
  if (object.ref.kind == "StatefulSet")
    return object.fields.contains("instance-set") || is_instance(state, object.ref.name);
  return object.ref.kind == "PersistentVolumeClaim" && object.fields.contains("instance");
}

// No process of this cluster's has run yet. A journal that was lost knows nothing of those that
// did; their volumes tell.
bool is_before_first_instance(const ClusterState& state) {
  if (state.phase > ProvisionPhase::kPreparing) return false;
  return std::ranges::none_of(state.objects | std::views::values, [&](const ObjectObserved& each) {
    return is_of_instance(state, each);
  });
}

// A pod of an earlier cluster of this name; null for none.
const PodObserved* foreign_pod(const ClusterState& state) {
  for (const auto& [name, pod] : state.pods) {
    if (!pod.instance.empty() && !is_instance(state, pod.instance)) return &pod;
  }
  return nullptr;
}

Wait wait_for_pod(const PodObserved& pod) {
  return {.over = false,
          .waits_for = concat("pod ", pod.name,
                              " of an earlier cluster of this name to end, since it could write "
                              "into Patroni's state of this one"),
          .cure = concat("it ends by itself; if its node ",
                         pod.node.empty() ? std::string() : concat(pod.node, " "),
                         "is lost, delete the node, or the pod")};
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
  return state.patroni_store == kConfigMap && store == store_of(state, kEndpoints, "");
}

std::vector<ObjectRef> known_stores(const ClusterState& state) {
  std::vector<ObjectRef> stores = patroni_stores(state.spec->name_space, state.spec->name);
  std::erase_if(stores, [&](const ObjectRef& store) {
    return !state.objects.contains(store) || is_kept_by_kubernetes(state, store);
  });
  return stores;
}

std::string leader_in(const ClusterState& state, const std::string& kind) {
  return field_of(state, store_of(state, kind, kind == kConfigMap ? "-leader" : ""), "leader");
}

bool has_state(const ClusterState& state, const char* kind) {
  return !field_of(state, store_of(state, kind, "-config"), "initialize").empty();
}

// A pod of this cluster's leads by it.
bool is_in_use(const ClusterState& state, const char* kind) {
  const auto leader = state.pods.find(leader_in(state, kind));
  return has_state(state, kind) && leader != state.pods.end() &&
         is_instance(state, leader->second.instance);
}

std::string store_asked_for(ClusterState& state) {
  const Rendered& all = rendered(state);
  if (!all.mistakes.empty()) return state.patroni_store;  // nobody knows what is asked for
  return spec::asks_for_config_maps(all.cluster) ? kConfigMap : kEndpoints;
}

// Its pods have their configuration from when they began, so that it counts until the last has
// gone; by whom they are led counts more, since the journal may be an older copy.
std::string store_of_running(const ClusterState& state) {
  const bool by_endpoints = is_in_use(state, kEndpoints);
  const bool by_config_maps = is_in_use(state, kConfigMap);
  if (by_endpoints == by_config_maps) return state.patroni_store;
  return by_endpoints ? kEndpoints : kConfigMap;
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
  const bool in_endpoints = has_state(state, kEndpoints);
  const bool in_config_maps = has_state(state, kConfigMap);
  if (in_endpoints != in_config_maps) return in_endpoints ? kEndpoints : kConfigMap;
  if (in_endpoints && !state.patroni_store.empty()) return state.patroni_store;
  return store_asked_for(state);
}

// All members say that they have no database, and wait for a leader that none of them can be.
bool is_led_by_nobody(const ClusterState& state) {
  if (state.phase != ProvisionPhase::kStarting || !state.retired.empty()) return false;
  if (field_of(state, patroni_store(state), "initialize").empty()) return false;
  const std::vector<Member> members = members_of(state);
  const std::string leader = leader_in(state, patroni_store(state).kind);
  return !members.empty() && std::ranges::all_of(members, [&](const Member& member) {
    return member.pod != nullptr && !member.leads && member.pod->member == kNoDatabase &&
           member.pod->name != leader;
  });
}

// A journal that was lost does not know whether there was a database, and Patroni's state may be
// all that is left of it. Of a state without a configuration no member of any cluster could have
// begun.
bool may_heal(const ClusterState& state) {
  return state.begun_here || field_of(state, patroni_store(state), "config").empty();
}

void remove_foreign(StepBuilder& builder, const char* evidence, const Guard& guard) {
  for (const ObjectRef& store : known_stores(builder.state())) {
    remove_store(
        builder, store,
        {.machine = kMachine,
         .transition = "remove-foreign",
         .reason = concat(to_string(store), " is of an earlier cluster of this name: ", evidence),
         .input = "pods-that-could-write-it",
         .guard = guard});
  }
}

void begin_clean(StepBuilder& builder) {
  ClusterState& state = builder.state();
  state.begun_here = true;
  if (foreign_pod(state) != nullptr) return;
  remove_foreign(builder, "no instance of this one has started yet",
                 {.lost = "Patroni's state of an earlier cluster of the same name",
                  .other_copy = "none",
                  .allowed_by = "the rule that a cluster begins without a state of Patroni's"});
}

void heal(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!is_led_by_nobody(state)) {
    state.foreign_from.reset();
    return;
  }
  if (!state.foreign_from) state.foreign_from = state.now + kUntilForeign;
  const bool is_time = *state.foreign_from <= state.now && foreign_pod(state) == nullptr;
  if (!is_time || !may_heal(state)) return;
  remove_foreign(builder, "no member of this one has a database",
                 {.lost = "nothing of this cluster: all of its members wait to be made",
                  .other_copy = "none is needed",
                  .allowed_by = "the rule that members follow a database of their own"});
}

// Not there as far as we know, and deleted by its name since.
std::string uid_of(const ClusterState& state, const ObjectRef& store) {
  const auto known = state.objects.find(store);
  return known == state.objects.end() ? std::string() : known->second.uid;
}

}  // namespace

std::vector<ObjectRef> patroni_stores(const std::string& name_space, const std::string& cluster) {
  std::vector<ObjectRef> stores;
  for (const auto& [kind, lock] : {std::pair{kEndpoints, ""}, std::pair{kConfigMap, "-leader"}}) {
    for (const char* const part : {lock, "-config", "-failover", "-sync"}) {
      stores.push_back({.api_version = "v1",
                        .kind = kind,
                        .name_space = name_space,
                        .name = concat(manifests::names::leader(cluster), part)});
    }
  }
  return stores;
}

void note_patroni_store(ClusterState& state) {
  std::string store = store_by_the_world(state);
  if (store == state.patroni_store) return;
  state.patroni_store = std::move(store);
  state.rendered.reset();
}

bool keeps_config_maps(const ClusterState& state, const spec::PostgresCluster& cluster) {
  if (state.patroni_store.empty()) return spec::asks_for_config_maps(cluster);
  return state.patroni_store == kConfigMap;
}

ObjectRef patroni_store(const ClusterState& state) {
  const bool in_config_maps = state.patroni_store == kConfigMap;
  return store_of(state, in_config_maps ? kConfigMap : kEndpoints, "-config");
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

void remove_store(StepBuilder& builder, const ObjectRef& store, const StoreRemoval& why) {
  const ClusterState& state = builder.state();
  const std::string target = to_string(store);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide({.machine = why.machine,
                  .transition = why.transition,
                  .reason = why.reason,
                  .inputs = {{.name = why.input, .value = "0", .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = store, .digest = uid_of(state, store), .guard = why.guard}});
}

std::string own_store_field(const ClusterState& state, const char* field) {
  if (is_before_first_instance(state)) return {};
  return field_of(state, patroni_store(state), field);
}

Wait wait_for_own_patroni_state(const ClusterState& state) {
  if (!is_before_first_instance(state)) return {.over = true};
  if (const PodObserved* pod = foreign_pod(state)) return wait_for_pod(*pod);
  const std::vector<ObjectRef> stores = known_stores(state);
  if (stores.empty()) return {.over = true};
  const std::string first = to_string(stores.front());
  Wait wait{.over = false,
            .waits_for = concat(first, " of an earlier cluster of this name to be removed"),
            .cure = "none is needed"};
  const auto retry = state.retries.find(first);
  if (retry == state.retries.end()) return wait;
  wait.waits_for +=
      concat(", which failed ", retry->second.failures, " times: ", retry->second.error);
  wait.cure = concat("delete ", first, ", or remove what the error names");
  return wait;
}

Wait wait_for_foreign_patroni_state(const ClusterState& state) {
  if (!is_led_by_nobody(state)) return {.over = true};
  if (const PodObserved* pod = foreign_pod(state)) return wait_for_pod(*pod);
  const std::string store = to_string(patroni_store(state));
  return {
      .over = false,
      .waits_for = concat("a leader of the database ",
                          field_of(state, patroni_store(state), "initialize"), ", which ", store,
                          " names and no member has: it is of an earlier cluster of this name"),
      .cure = may_heal(state)
                  ? concat("it is removed by itself after a minute; if it comes back, a process "
                           "outside of this cluster writes it: end that, then delete ",
                           store)
                  : concat("if this cluster never had a database, delete ", store,
                           "; if it had, restore its volumes")};
}

void ask_patroni_state(StepBuilder& builder) {
  if (is_before_first_instance(builder.state())) return begin_clean(builder);
  heal(builder);
}

}  // namespace annals::fsm

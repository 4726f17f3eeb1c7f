#include "fsm/view/members.h"

#include <algorithm>

#include "base/concat.h"
#include "fsm/view/rendering.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

Member member(const ClusterState& state, const std::string& set, const std::string& instance) {
  Member one{.instance = instance, .set = set};
  const auto pod = state.pods.find(manifests::names::instance_pod(instance));
  if (pod == state.pods.end()) return one;
  one.pod = &pod->second;
  one.leads = one.pod->role == manifests::role::kLeader;
  one.available = one.pod->ready && !one.pod->deleting;
  one.follows =
      one.available && one.pod->role == manifests::role::kReplica && one.pod->member == "streaming";
  return one;
}

}  // namespace

std::vector<Member> members_of(const ClusterState& state) {
  std::vector<Member> members;
  members.reserve(state.pods.size());
  for (const auto& [set, names] : state.instances) {
    for (const std::string& name : names) members.push_back(member(state, set, name));
  }
  std::ranges::sort(members, {}, &Member::instance);
  return members;
}

const Member* leader_among(const std::vector<Member>& members) {
  if (std::ranges::count_if(members, &Member::leads) != 1) return nullptr;
  return &*std::ranges::find_if(members, &Member::leads);
}

bool is_there(const ClusterState& state, const std::string& instance) {
  return state.objects.contains(stateful_set_ref(state, instance)) ||
         state.pods.contains(manifests::names::instance_pod(instance));
}

bool is_any_pod_ending(const ClusterState& state) {
  return std::ranges::any_of(state.pending, [](const auto& entry) {
    const auto* deletion = std::get_if<DeleteObject>(&entry.second);
    return deletion != nullptr && deletion->ref.kind == "Pod";
  });
}

bool is_restarting(const ClusterState& state) {
  return std::ranges::any_of(state.pending, [](const auto& entry) {
    return std::holds_alternative<RestartPostgres>(entry.second);
  });
}

ObjectRef stateful_set_ref(const ClusterState& state, const std::string& instance) {
  return {.api_version = "apps/v1",
          .kind = "StatefulSet",
          .name_space = state.spec->name_space,
          .name = instance};
}

ObjectRef pod_ref(const ClusterState& state, const std::string& pod) {
  return {.api_version = "v1", .kind = "Pod", .name_space = state.spec->name_space, .name = pod};
}

std::string host_of(ClusterState& state, const std::string& pod) {
  constexpr int kDefaultPort = 8008;
  const int port = rendered(state).cluster.spec.patroni.port;
  return concat(pod, ".", manifests::names::pods(state.spec->name), ".", state.spec->name_space,
                ".svc", port == kDefaultPort ? std::string() : concat(":", port));
}

const ObjectFields& fields_of(const ClusterState& state, const ObjectRef& ref) {
  static const ObjectFields kNone;
  const auto object = state.objects.find(ref);
  return object == state.objects.end() ? kNone : object->second.fields;
}

}  // namespace annals::fsm

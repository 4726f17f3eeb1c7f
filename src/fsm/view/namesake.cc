#include "fsm/view/namesake.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/concat.h"
#include "fsm/view/members.h"
#include "fsm/view/patroni_store.h"

namespace annals::fsm {
namespace {

Wait wait_for_pod(const PodObserved& pod) {
  return {.over = false,
          .waits_for = concat("pod ", pod.name,
                              " of an earlier cluster of this name to end, since it could write "
                              "into Patroni's state of this one"),
          .cure = concat("it ends by itself; if its node ",
                         pod.node.empty() ? std::string() : concat(pod.node, " "),
                         "is lost, delete the node, or the pod")};
}

}  // namespace

const PodObserved* foreign_pod(const ClusterState& state) {
  for (const auto& [name, pod] : state.pods) {
    if (!pod.instance.empty() && !is_instance(state, pod.instance)) return &pod;
  }
  return nullptr;
}

bool is_led_by_nobody(const ClusterState& state) {
  if (state.phase != ProvisionPhase::kStarting || !state.retired.empty()) return false;
  if (field_of(state, patroni_store(state), "initialize").empty()) return false;
  const std::vector<Member> members = members_of(state);
  const std::string leader = leader_in_store(state);
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

}  // namespace annals::fsm

#include "fsm/view/namesake.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fsm/text/say.h"
#include "fsm/view/members.h"
#include "fsm/view/patroni_store.h"

namespace annals::fsm {
namespace {

Wait wait_for_pod(const PodObserved& pod) {
  return {.satisfied = false,
          .waits_for = say::namesake_pod_to_terminate(pod.name),
          .remedy = say::namesake_pod_remedy(pod.node)};
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
  // Empty, it says that a member has begun to make the database: one that ends then never takes
  // that back, and every other one waits for it.
  if (!fields_of(state, patroni_store(state)).patroni->initialize) return false;
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
  return state.begun_here ||
         fields_of(state, patroni_store(state)).patroni->config.value_or("").empty();
}

Wait wait_for_own_patroni_state(const ClusterState& state) {
  if (!is_before_first_instance(state)) return {.satisfied = true};
  if (const PodObserved* pod = foreign_pod(state)) return wait_for_pod(*pod);
  const std::vector<ObjectRef> stores = known_stores(state);
  if (stores.empty()) return {.satisfied = true};
  const std::string first = to_string(stores.front());
  const auto retry = state.retries.find(first);
  if (retry == state.retries.end())
    return {.satisfied = false, .waits_for = say::namesake_store_to_be_removed(first, "", "")};
  return {.satisfied = false,
          .waits_for =
              say::namesake_store_to_be_removed(first, retry->second.failures, retry->second.error),
          .remedy = say::namesake_store_remedy(first)};
}

Wait wait_for_foreign_patroni_state(const ClusterState& state) {
  if (!is_led_by_nobody(state)) return {.satisfied = true};
  if (const PodObserved* pod = foreign_pod(state)) return wait_for_pod(*pod);
  const std::string store = to_string(patroni_store(state));
  const std::string database =
      fields_of(state, patroni_store(state)).patroni->initialize.value_or("");
  // Every bootstrap looks like that at first.
  if (database.empty() && (!state.foreign_from || state.now < *state.foreign_from))
    return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = database.empty() ? say::bootstrap_never_ended(store)
                                        : say::foreign_leader(database, store),
          .remedy = may_heal(state) ? say::foreign_store_removed_soon(store)
                                    : say::foreign_store_remedy(store)};
}

}  // namespace annals::fsm

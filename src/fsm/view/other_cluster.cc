#include "fsm/view/other_cluster.h"

#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/members.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "manifests/labels.h"
#include "spec/standby.h"

namespace annals::fsm {
namespace {

bool is_found_to_lead(const StandbyAnswer& answer) {
  return answer.source.state == SourceState::kWrites && answer.timeline > 0 &&
         answer.source.timeline > answer.timeline;
}

// It follows another cluster that has parted, so its server does not start; what it wrote is given
// up by now, and Patroni has to hear of that.
bool may_rewind_at_last(ClusterState& state) {
  return is_configured_standby(state) && own_store(state).kept &&
         kept_timeline(state, rendered(state).cluster) == 0;
}

// Whose server runs: while it starts, Patroni forgets that a restart is due for what it hears.
const PodObserved* running_replica(const ClusterState& state) {
  for (const auto& [name, pod] : state.pods) {
    const bool runs = pod.phase == "Running" && !pod.deleting && pod.member != "starting";
    if (runs && !pod.instance.empty() && pod.role == manifests::role::kReplica) return &pod;
  }
  return nullptr;
}

Message remedy_of(const OtherSeen& other) {
  const std::string& host = other.its.source.host;
  return say::another_leads_remedy(host.substr(0, host.rfind(':')),
                                   manifests::annotation::kGiveUpTimeline, other.its.timeline);
}

}  // namespace

bool asks_before_it_leads(const ClusterState& state, const spec::PostgresCluster& cluster) {
  const std::optional<spec::Standby>& other = cluster.spec.standby;
  if (!other || other->host.empty() || !is_configured(state) || is_configured_standby(state))
    return false;
  return !spec::is_host_of(other->host, cluster.name, cluster.namespace_name);
}

const PodObserved* primary_that_asks(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const bool is_asked = cluster.spec.standby && !cluster.spec.standby->enabled &&
                        !cluster.spec.shutdown && asks_before_it_leads(state, cluster);
  return is_asked ? primary(state) : nullptr;
}

bool another_writes(ClusterState& state) {
  if (primary_that_asks(state) == nullptr || !state.role.other) return false;
  return state.role.other->its.source.state == SourceState::kWrites;
}

Message another_writes_in_words(const ClusterState& state) {
  const StandbyAnswer& its = state.role.other->its;
  return say::another_writes(
      its.source.host, its.source.timeline, its.timeline,
      is_found_to_lead(its) ? remedy_of(*state.role.other) : say::another_writes_remedy());
}

Wait primary_may_go(ClusterState& state) {
  if (!another_writes(state) || !is_found_to_lead(state.role.other->its))
    return {.satisfied = true};
  const SourceAnswer& other = state.role.other->its.source;
  return {.satisfied = false,
          .waits_for = say::other_cluster_to_stop_before_move(other.host, other.timeline),
          .remedy = remedy_of(*state.role.other)};
}

bool another_leads(const ClusterState& state) {
  return leader(state) == nullptr && state.role.other && is_found_to_lead(state.role.other->its);
}

Message another_leads_in_words(const ClusterState& state) {
  const StandbyAnswer& its = state.role.other->its;
  return say::another_leads(its.source.host, its.source.timeline, its.timeline);
}

Message another_leads_remedy(const ClusterState& state) {
  return say::another_leads_and_remedy(another_leads_in_words(state), remedy_of(*state.role.other));
}

const PodObserved* member_to_ask(const ClusterState& state) {
  const PodObserved* any = nullptr;
  for (const auto& [name, pod] : state.pods) {
    if (pod.instance.empty() || pod.deleting || pod.phase != "Running") continue;
    if (pod.role == manifests::role::kReplica) return &pod;
    if (any == nullptr) any = &pod;
  }
  return any;
}

const PodObserved* member_to_configure(ClusterState& state) {
  const PodObserved* pod = leader(state);
  if (pod != nullptr) return pod;
  if (may_rewind_at_last(state)) return member_to_ask(state);
  // They ask for as long as Patroni's configuration has it: also one that did not answer us last,
  // and one that the spec named when somebody led last, and names no more.
  if (!state.role.other)
    return asks_before_it_leads(state, rendered(state).cluster) ? nullptr : running_replica(state);
  const auto asked = state.pods.find(state.role.other->pod);
  const bool is_there =
      asked != state.pods.end() && !asked->second.deleting && asked->second.phase == "Running";
  return is_there ? &asked->second : member_to_ask(state);
}

}  // namespace annals::fsm

#include "fsm/operations/rolling_update.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>

#include "base/sha256.h"
#include "fsm/operations/move_leader.h"
#include "fsm/text/say.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/members.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace rolling_update {
namespace {

using namespace std::chrono_literals;

// Of the next pod that this StatefulSet would make.
std::string template_of_next(const ClusterState& state, const std::string& stateful_set) {
  return fields_of(state, stateful_set_ref(state, stateful_set))
      .stateful_set->revision.value_or("");
}

// Whether a pod was made from another template than the next one would be; nothing while the
// StatefulSet's controller has not looked at the template yet.
std::optional<bool> is_outdated(const ClusterState& state, const std::string& stateful_set,
                                const PodObserved* pod) {
  if (pod == nullptr || state.rollout_suppressed.contains(stateful_set)) return false;
  const std::string wanted = template_of_next(state, stateful_set);
  if (wanted.empty() || pod->revision.empty()) return std::nullopt;
  return pod->revision != wanted;
}

const PodObserved* host_pod(const ClusterState& state) {
  const std::string host = manifests::names::repo_host(state.spec->name);
  const auto pod = state.pods.find(manifests::names::instance_pod(host));
  return pod == state.pods.end() ? nullptr : &pod->second;
}

// The repository host's pod, if it is to be made anew.
const PodObserved* outdated_host(const ClusterState& state) {
  const PodObserved* pod = host_pod(state);
  if (pod == nullptr || pod->deleting) return nullptr;
  const std::string host = manifests::names::repo_host(state.spec->name);
  return is_outdated(state, host, pod).value_or(false) ? pod : nullptr;
}

Message why(const ClusterState& state) {
  if (state.changes.text.empty()) return say::pods_differ_from_template();
  return in_words(state.changes);
}

// What has to settle before another pod may go: unhealthy pods of the old template are no reason to
// wait, since they are the next ones.
Wait wait_until_members_stable(ClusterState& state, const std::vector<Member>& members,
                               const std::vector<bool>& outdated) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& member = members[i];
    if (member.pod == nullptr)
      return {.satisfied = false, .waits_for = say::instance_to_have_pod(member.instance)};
    const std::string& name = member.pod->name;
    if (member.pod->deleting)
      return {.satisfied = false,
              .waits_for = say::pod_to_terminate(name),
              .remedy = say::delete_lost_node(member.pod->node)};
    if (outdated[i]) continue;
    if (!member.available)
      return {.satisfied = false,
              .waits_for = say::updated_pod_to_be_ready(name, trouble_of(state, *member.pod)),
              .remedy = say::updated_pod_remedy(name)};
    if (!member.leads && !member.follows)
      return {.satisfied = false,
              .waits_for = say::pod_to_stream(name, member.pod->member),
              .remedy = say::stream_remedy(name)};
  }
  return {.satisfied = true};
}

// Unhealthy ones first: they are no loss. Then replicas by name, the leader last.
std::vector<const Member*> in_order(const std::vector<Member>& members,
                                    const std::vector<bool>& outdated) {
  std::vector<const Member*> turns;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (outdated[i]) turns.push_back(&members[i]);
  }
  std::ranges::sort(turns, {}, [](const Member* member) {
    return std::tuple(member->leads && member->available, member->available, member->instance);
  });
  return turns;
}

Wait wait_for_end(const PodObserved& pod) {
  return {.satisfied = false, .waits_for = say::pod_to_terminate(pod.name)};
}

// `precondition`: what is known of a pod may be old.
void recreate_pod(StepBuilder& builder, const PodObserved& pod, const std::string& stateful_set,
                  Guard guard, const std::string& precondition) {
  ClusterState& state = builder.state();
  const ObjectRef ref = pod_ref(state, pod.name);
  if (is_any_pod_ending(state) || is_waiting_to_retry(state, to_string(ref))) return;
  guard.allowed_by = why(state);
  builder.decide(
      {.machine = kRollingUpdate.name,
       .transition = "remake-pod",
       .reason = say::recreating_pod(pod.name, why(state)),
       .inputs = {{.name = "template-of-pod", .value = pod.revision, .holds = false},
                  {.name = "template-asked-for",
                   .value = template_of_next(state, stateful_set),
                   .holds = true},
                  {.name = "pod-is-ready",
                   .value = pod.ready ? "true" : pod.problem,
                   .holds = pod.ready}},
       .intents = {}},
      {DeleteObject{
          .ref = ref, .digest = pod.uid, .guard = std::move(guard), .precondition = precondition}});
}

// Who leads by now hands over first, and who is ready by now waits for its turn.
void recreate_pod(StepBuilder& builder, const Member& member, const Message& other_copy) {
  recreate_pod(
      builder, *member.pod, member.instance,
      {.lost = say::nothing_lost_with_instance_pod(), .other_copy = other_copy, .allowed_by = {}},
      member.available ? member.pod->role : kNotReady);
}

Wait recreate_host_pod(StepBuilder& builder, const PodObserved& host) {
  recreate_pod(builder, host, manifests::names::repo_host(builder.state().spec->name),
               {.lost = say::nothing_lost_with_repository_host(),
                .other_copy = say::copy_in_repository_volumes(),
                .allowed_by = {}},
               host.ready ? std::string() : kNotReady);
  return wait_for_end(host);
}

// A single instance has nobody to hand over to. What its restart has to write is written before.
Wait recreate_alone(StepBuilder& builder, const Member& leader) {
  ClusterState& state = builder.state();
  if (Wait other = primary_may_go(state); !other.satisfied) return other;
  Wait wait{.satisfied = false, .waits_for = say::checkpoint_to_finish(leader.pod->name)};
  const std::string digest = sha256_hex(leader.pod->uid);
  const auto written = state.written.find(kCheckpointTarget);
  const auto retry = state.retries.find(kCheckpointTarget);
  // A database that cannot be told to is not kept from its new template for that.
  const bool tried = retry != state.retries.end() && retry->second.failures >= 3;
  if (tried || (written != state.written.end() && written->second.asked == digest)) {
    recreate_pod(builder, leader, say::copy_in_instance_volumes());
    return wait_for_end(*leader.pod);
  }
  if (is_pending(state, kCheckpointTarget) || is_waiting_to_retry(state, kCheckpointTarget))
    return wait;
  const RunSql& sql = rendered(state).sql;
  builder.decide({.machine = kRollingUpdate.name,
                  .transition = "checkpoint",
                  .reason = say::checkpoint_before_restart(leader.pod->name),
                  .inputs = {},
                  .intents = {}},
                 {Checkpoint{.digest = digest,
                             .host = sql.host,
                             .port = sql.port,
                             .authority_secret = sql.authority_secret,
                             .server = sql.server}});
  return wait;
}

// As members are: whether each has another template than the one asked for.
std::vector<bool> outdated_of(const OperationView& view) {
  std::vector<bool> outdated;
  outdated.reserve(view.members.size());
  for (const Member& member : view.members)
    outdated.push_back(is_outdated(view.state, member.instance, member.pod).value_or(false));
  return outdated;
}

// Whose turn it is among the instances; null when all are as asked for.
const Member* next_of(const OperationView& view) {
  const std::vector<const Member*> turns = in_order(view.members, outdated_of(view));
  return turns.empty() ? nullptr : turns.front();
}

// The turn of the primary, which is the last one.
bool is_primarys_turn(const OperationView& view) {
  const Member* next = next_of(view);
  return next != nullptr && next->available && next->leads;
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const std::vector<std::string> turns = pods_to_update(view.state);
  if (turns.empty() || !templates_awaited(state).empty()) return std::nullopt;
  return Begin{.operation = RollingUpdate{.reason = why(state), .since = state.now},
               .reason = say::pods_outdated(listed(turns), why(state)),
               .inputs = {}};
}

Message withdrawn(const OperationView& /*view*/) { return {}; }

Wait templates_written(const OperationView& view) {
  const Message awaited = templates_awaited(view.state);
  return {.satisfied = awaited.empty(), .waits_for = awaited};
}

// A repository host that does not run is no loss.
Wait broken_host_recreated(const OperationView& view) {
  const PodObserved* host = outdated_host(view.state);
  return host != nullptr && !host->ready ? wait_for_end(*host) : Wait{.satisfied = true};
}

Wait recreate_host(StepBuilder& builder, const OperationView& view) {
  const PodObserved* host = outdated_host(view.state);
  return host == nullptr ? wait_for_end(*host_pod(view.state)) : recreate_host_pod(builder, *host);
}

Wait members_stable(const OperationView& view) {
  return wait_until_members_stable(view.state, view.members, outdated_of(view));
}

Wait replicas_updated(const OperationView& view) {
  const Member* next = next_of(view);
  if (next == nullptr || is_primarys_turn(view)) return {.satisfied = true};
  return wait_for_end(*next->pod);
}

Wait recreate_next(StepBuilder& builder, const OperationView& view) {
  const Member& next = *next_of(view);
  // Nobody follows anybody while nobody leads: that has to settle by itself.
  if (next.available && view.primary == nullptr)
    return {.satisfied = false,
            .waits_for = say::primary_to_be_elected(),
            .remedy = say::patronictl_list()};
  recreate_pod(builder, next,
               view.primary != nullptr ? say::copy_in_pod(view.primary->pod->name)
                                       : say::copy_in_instance_volumes());
  return wait_for_end(*next.pod);
}

Wait primary_moved(const OperationView& view) {
  if (!is_primarys_turn(view) || view.members.size() == 1) return {.satisfied = true};
  return {.satisfied = false, .waits_for = say::pod_to_hand_over(next_of(view)->pod->name, "", "")};
}

Wait move_primary(StepBuilder& builder, const OperationView& view) {
  return move_leader(builder, {.machine = kRollingUpdate.name,
                               .reason = why(builder.state()),
                               .leader = next_of(view),
                               .target = {}});
}

// The only instance, which has nobody to hand over to.
Wait primary_updated(const OperationView& view) {
  return is_primarys_turn(view) ? wait_for_end(*next_of(view)->pod) : Wait{.satisfied = true};
}

Wait recreate_primary(StepBuilder& builder, const OperationView& view) {
  return recreate_alone(builder, *next_of(view));
}

Wait host_updated(const OperationView& view) {
  const PodObserved* host = host_pod(view.state);
  const bool is_over = outdated_host(view.state) == nullptr && (host == nullptr || !host->deleting);
  return is_over ? Wait{.satisfied = true} : wait_for_end(*host);
}

Message complete(StepBuilder& /*builder*/, const OperationView& /*view*/) {
  return say::all_pods_updated();
}

bool is_update_due(ClusterState& state) { return !pods_to_update(state).empty(); }

constexpr std::array kGoals{
    Goal{"templates-written", 5min, templates_written},
    Goal{"broken-host-recreated", 10min, broken_host_recreated, recreate_host},
    Goal{"members-stable", 10min, members_stable},
    Goal{"replicas-updated", 10min, replicas_updated, recreate_next},
    Goal{"primary-moved", 10min, primary_moved, move_primary},
    Goal{"primary-updated", 10min, primary_updated, recreate_primary},
    Goal{"host-updated", 10min, host_updated, recreate_host}};

}  // namespace
}  // namespace rolling_update

std::vector<std::string> pods_to_update(const ClusterState& state) {
  const std::vector<Member> members = members_of(state);
  std::vector<bool> outdated;
  outdated.reserve(members.size());
  for (const Member& member : members)
    outdated.push_back(
        rolling_update::is_outdated(state, member.instance, member.pod).value_or(false));
  std::vector<std::string> pods;
  for (const Member* member : rolling_update::in_order(members, outdated))
    pods.push_back(member->pod->name);
  if (const PodObserved* host = rolling_update::outdated_host(state)) {
    pods.insert(host->ready ? pods.end() : pods.begin(), host->name);
  }
  return pods;
}

Message templates_awaited(ClusterState& state) {
  if (const Wanted* missing = first_not_in_sync(state))
    return say::object_to_be_in_place(to_string(missing->ref));
  for (const Member& member : members_of(state)) {
    if (!rolling_update::is_outdated(state, member.instance, member.pod))
      return say::update_revision_to_be_reported(member.instance);
  }
  return {};
}

const OperationKind kRollingUpdate{.name = "rolling-update",
                                   .wanted = rolling_update::wanted,
                                   .withdrawn = rolling_update::withdrawn,
                                   .goals = rolling_update::kGoals,
                                   .complete = rolling_update::complete,
                                   .is_asked = rolling_update::is_update_due};

}  // namespace annals::fsm

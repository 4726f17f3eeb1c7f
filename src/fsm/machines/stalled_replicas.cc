#include "fsm/machines/stalled_replicas.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/step/members_query.h"
#include "fsm/text/say.h"
#include "fsm/view/members.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/standby.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kStalledReplicasMachine = "stalled-replicas";
constexpr const char* kNotStreaming = "ReplicaNotStreaming";
constexpr auto kUntilAsked = 3min;    // a replica that is far behind begins with the archive
constexpr auto kBetweenLooks = 2min;  // in which one that catches up gets nearer
constexpr auto kUntilWritten = 1min;  // for as long a replica may start without a checkpoint for it
constexpr int kMaxTimes = 3;          // what three starts do not mend, a person has to

// A standby cluster may live by its archive alone, and what is shut down is to stop.
bool is_looked_after(ClusterState& state) {
  if (state.phase != ProvisionPhase::kDone || is_restoring(state)) return false;
  const spec::PostgresClusterSpec& requested = rendered(state).cluster.spec;
  return !requested.shutdown && !follows_another(state);
}

bool lives_by_the_archive(const Member& member) {
  return member.available && member.pod->role == manifests::role::kReplica &&
         member.pod->member == "in archive recovery";
}

// Patroni gives the role to a replica that takes connections only.
bool is_starting(const Member& member) {
  return member.pod != nullptr && !member.pod->deleting && !member.pod->ready && !member.leads &&
         member.pod->member == "starting";
}

// Whoever follows again, leads by now or is an instance no more, has come back. Its pod may be gone
// in between.
bool has_come_back(const std::vector<Member>& members, const std::string& pod) {
  return std::ranges::none_of(members, [&pod](const Member& member) {
    const bool is_well = member.follows || (member.leads && member.available);
    return !is_well && pod == manifests::names::instance_pod(member.instance);
  });
}

void forget_healthy(Counters& counters, const std::vector<Member>& members) {
  const auto is_back = [&](const auto& entry) { return has_come_back(members, entry.first); };
  std::erase_if(counters.stalled, is_back);
  std::erase_if(counters.checkpoints, is_back);
}

// While nobody leads, nobody can follow: what was seen then says nothing. Who was helped already is
// remembered.
void forget_looks(Counters& counters) {
  std::erase_if(counters.stalled, [](const auto& entry) { return entry.second.recreated == 0; });
  std::erase_if(counters.checkpoints, [](const auto& entry) { return entry.second.made == 0; });
  for (auto& [pod, stalled] : counters.stalled) stalled.lag.reset();
}

// The pod's; null while it is not its time.
template <class Counted>
Counted* due_one(std::map<std::string, Counted>& counted, const std::string& pod, Timestamp now,
                 Duration patience) {
  const auto [entry, is_new] = counted.try_emplace(pod);
  if (is_new) entry->second.due = now + patience;
  return entry->second.due <= now ? &entry->second : nullptr;
}

// Someone who was helped, and is not back yet, or a change that goes on already.
bool is_another_away(const ClusterState& state, const std::vector<Member>& members) {
  if (is_any_pod_ending(state) || is_restarting(state) || state.leader_move) return true;
  if (!state.server_trouble.empty()) return true;
  return std::ranges::any_of(members, [&state](const Member& member) {
    const auto helped =
        state.counters.stalled.find(manifests::names::instance_pod(member.instance));
    return !member.available && helped != state.counters.stalled.end() &&
           helped->second.due > state.now;
  });
}

std::string in_bytes(const std::optional<std::int64_t>& lag) {
  return lag ? concat(*lag) : std::string("unknown");
}

// Nobody knows how far "unknown" is.
bool is_nearer(const LagSeen& before, const std::optional<std::int64_t>& now) {
  return now && (!before.bytes || *now < *before.bytes);
}

void recreate_replica(StepBuilder& builder, const Member& replica, const Member& leader,
                      const std::string& lag) {
  ClusterState& state = builder.state();
  const PodObserved& pod = *replica.pod;
  const Message reason = say::recreating_stalled_replica(pod.name);
  builder.decide(
      {.machine = kStalledReplicasMachine,
       .transition = "remake-pod",
       .reason = reason,
       .inputs = {{.name = "state-of-member", .value = pod.member, .holds = true},
                  {.name = "bytes-behind", .value = lag, .holds = true},
                  {.name = "timeline-of-pod", .value = concat(pod.timeline), .holds = true},
                  {.name = "timeline-of-leader",
                   .value = concat(leader.pod->timeline),
                   .holds = pod.timeline == leader.pod->timeline}},
       .intents = {}},
      {DeleteObject{.ref = pod_ref(state, pod.name),
                    .digest = pod.uid,
                    .guard = {.lost = say::nothing_lost_with_replica_pod(),
                              .other_copy = say::copy_in_pod(leader.pod->name),
                              .allowed_by = say::replica_not_recovering()},
                    .precondition = pod.role}});
  report_event_once(builder, EventType::kWarning, kNotStreaming, reason);
}

void give_up(StepBuilder& builder, const Member& replica) {
  const std::string& pod = replica.pod->name;
  const Message reason = say::stalled_replica_given_up(pod, kMaxTimes, replica.pod->member);
  builder.decide({.machine = kStalledReplicasMachine,
                  .transition = "give-up",
                  .reason = reason,
                  .inputs = {},
                  .intents = {}});
  report_event_once(builder, EventType::kWarning, kNotStreaming, reason);
}

void ask_about_stalled(StepBuilder& builder, const std::vector<Member>& members,
                       const Member& replica) {
  ClusterState& state = builder.state();
  StalledReplica* entry =
      due_one(state.counters.stalled, replica.pod->name, state.now, kUntilAsked);
  if (entry == nullptr || entry->recreated > kMaxTimes) return;
  if (entry->recreated == kMaxTimes) {
    entry->recreated += 1;
    return give_up(builder, replica);
  }
  const MembersSeen* seen =
      fresh_members(builder, kStalledReplicasMachine, say::replica_not_streaming());
  if (seen == nullptr) return;
  const auto told = seen->members.find(replica.pod->name);
  const std::optional<std::int64_t> lag =
      told == seen->members.end() ? std::nullopt : told->second.lag;
  if (!entry->lag || is_nearer(*entry->lag, lag)) {
    entry->lag = LagSeen{lag};
    entry->due = state.now + kBetweenLooks;
    return;
  }
  if (is_another_away(state, members)) {
    requeue_at(state, state.now + kBetweenLooks);
    return;
  }
  entry->recreated += 1;
  entry->lag.reset();
  entry->due = state.now + kUntilAsked * (1 << entry->recreated);
  recreate_replica(builder, replica, *leader_among(members), in_bytes(lag));
}

void ask_checkpoint_for(StepBuilder& builder, const Member& replica) {
  ClusterState& state = builder.state();
  const std::string& pod = replica.pod->name;
  Attempts* entry = due_one(state.counters.checkpoints, pod, state.now, kUntilWritten);
  if (entry == nullptr || entry->made == kMaxTimes) return;
  if (is_pending(state, kCheckpointTarget) || is_waiting_to_retry(state, kCheckpointTarget)) return;
  entry->made += 1;
  entry->due = state.now + kUntilWritten * (1 << entry->made);
  const RunSql& sql = rendered(state).sql;
  builder.decide(
      {.machine = kStalledReplicasMachine,
       .transition = "checkpoint",
       .reason = say::checkpoint_for_replica(pod),
       .inputs = {{.name = "state-of-member", .value = replica.pod->member, .holds = true}},
       .intents = {}},
      {Checkpoint{.digest = sha256_hex(concat(replica.pod->uid, " ", entry->made)),
                  .host = sql.host,
                  .port = sql.port,
                  .authority_secret = sql.authority_secret,
                  .server = sql.server}});
}

}  // namespace

void decide_stalled_replicas(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!is_looked_after(state)) return;
  const std::vector<Member> members = members_of(state);
  forget_healthy(state.counters, members);
  const Member* leader = leader_among(members);
  if (leader == nullptr || !leader->available) return forget_looks(state.counters);
  for (const Member& member : members) {
    if (lives_by_the_archive(member)) ask_about_stalled(builder, members, member);
    if (is_starting(member)) ask_checkpoint_for(builder, member);
  }
}

}  // namespace annals::fsm

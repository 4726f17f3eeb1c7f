#include "fsm/operations/move_leader.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/members_query.h"
#include "fsm/text/say.h"
#include "fsm/view/other_cluster.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 30s;             // until a leader that has agreed is asked again
constexpr std::int64_t kMaxLag = 1 << 20;  // Patroni's own maximum_lag_on_failover

bool is_asking(const ClusterState& state, const Member& leader) {
  if (is_pending(state, kLeaderTarget)) return true;
  return state.leader_move && leader.pod != nullptr &&
         state.leader_move->from == leader.pod->name && !state.retries.contains(kLeaderTarget) &&
         state.now < state.leader_move->asked + kTimeout;
}

// In its synchronous mode Patroni hands over to no other.
bool is_synchronous_mode(const MembersSeen& seen) {
  return std::ranges::any_of(seen.members,
                             [](const auto& entry) { return is_synchronous(entry.second); });
}

// Why it cannot lead; empty when it can.
Message unfitness(const LeaderMoveRequest& request, const Member& member, const MembersSeen& seen) {
  if (member.pod == nullptr) return say::instance_without_pod(member.instance);
  const std::string& pod = member.pod->name;
  if (!member.available) return say::pod_not_ready(pod);
  const auto told = seen.members.find(pod);
  if (told == seen.members.end()) return say::pod_unknown_to_patroni(pod);
  if (request.forced) return {};
  if (told->second.state != "streaming" && told->second.state != "running")
    return say::pod_not_streaming(pod, told->second.state);
  if (is_synchronous_mode(seen) && !is_synchronous(told->second))
    return say::pod_not_synchronous(pod);
  if (!told->second.lag) return say::pod_lag_unknown(pod);
  if (*told->second.lag > kMaxLag) return say::pod_lags(pod, *told->second.lag, kMaxLag);
  return {};
}

struct Choice {
  const Member* member = nullptr;
  std::vector<Message> obstacles;  // why it is none of the others
};

// A synchronous one first, then the one that is least behind, then one on another node.
Choice choose(const LeaderMoveRequest& request, const std::vector<Member>& members,
              const MembersSeen& seen) {
  Choice choice;
  using Rank = std::tuple<bool, std::int64_t, bool, std::string>;
  Rank best;
  for (const Member& member : members) {
    const bool asked_for =
        request.target.empty() || manifests::names::instance_pod(member.instance) == request.target;
    if (member.leads || !asked_for || (request.may_lead && !request.may_lead(member))) continue;
    if (Message obstacle = unfitness(request, member, seen); !obstacle.empty()) {
      choice.obstacles.push_back(std::move(obstacle));
      continue;
    }
    const MemberSeen& told = seen.members.at(member.pod->name);
    const bool same_node =
        request.leader->pod != nullptr && request.leader->pod->node == member.pod->node;
    const Rank rank{!is_synchronous(told), told.lag.value_or(0), same_node, member.instance};
    if (choice.member != nullptr && best <= rank) continue;
    best = rank;
    choice.member = &member;
  }
  return choice;
}

void ask_leader(StepBuilder& builder, const LeaderMoveRequest& request, const Member& candidate) {
  ClusterState& state = builder.state();
  const std::string& from = request.leader->pod->name;
  const std::string& to = candidate.pod->name;
  const MemberSeen& told = state.members->members.at(to);
  // A leader that does not answer cannot be asked to let go.
  const std::string& asked = request.forced ? to : from;
  SwitchOver action{.digest = sha256_hex(concat(from, " ", to)),
                    .host = host_of(state, asked),
                    .authority_secret = manifests::kRootAuthority,
                    .leader = from,
                    .candidate = to,
                    .forced = request.forced};
  state.leader_move = {.from = from, .to = to, .asked = state.now};
  builder.decide({.machine = request.machine,
                  .transition = "hand-over",
                  .reason = say::handing_over(to, from, request.reason),
                  .inputs = {{.name = "candidate-state", .value = told.state, .holds = true},
                             {.name = "candidate-lag",
                              .value = told.lag ? concat(*told.lag) : std::string("unknown"),
                              .holds = told.lag.has_value()}},
                  .intents = {}},
                 {std::move(action)});
}

}  // namespace

void settle_leader_move(ClusterState& state) {
  if (!state.leader_move) return;
  const auto from = state.pods.find(state.leader_move->from);
  const bool leads = from != state.pods.end() && from->second.role == "master";
  // Refused, or without an answer for so long that it may be asked again.
  const bool has_failed =
      state.retries.contains(kLeaderTarget) && state.leader_move->asked + kTimeout <= state.now;
  if ((!leads || has_failed) && !is_pending(state, kLeaderTarget)) state.leader_move.reset();
}

Wait move_leader(StepBuilder& builder, const LeaderMoveRequest& request) {
  ClusterState& state = builder.state();
  const std::string& from = request.leader->pod->name;
  Wait wait{.satisfied = false, .waits_for = say::pod_to_hand_over(from, "", "")};
  if (is_asking(state, *request.leader)) {
    if (state.leader_move && state.leader_move->from != from) {
      wait.waits_for =
          say::hand_over_to_be_answered(state.leader_move->from, state.leader_move->to);
    } else if (state.leader_move) {
      wait.waits_for = say::pod_to_hand_over(from, state.leader_move->to, "");
      requeue_at(state, state.leader_move->asked + kTimeout);
    }
    return wait;
  }
  if (Wait other = primary_may_go(state); !other.satisfied) return other;
  const auto retry = state.retries.find(kLeaderTarget);
  if (retry != state.retries.end() && retry->second.due > state.now) {
    wait.waits_for = say::pod_to_hand_over(from, "", retry->second.error);
    wait.remedy = say::patronictl_list_and_log(from);
    return wait;
  }
  const MembersSeen* seen = fresh_members(builder, request.machine, request.reason);
  if (seen == nullptr) {
    if (Message obstacle = obstacle_to_members(state); !obstacle.empty()) {
      wait.waits_for = say::pod_to_hand_over(from, "", say::member_list_failing(obstacle));
      wait.remedy = say::members_remedy();
    }
    return wait;
  }
  const std::vector<Member> members = members_of(state);
  Choice choice = choose(request, members, *seen);
  if (choice.member == nullptr) {
    requeue_at(state, seen->at + kMembersFresh + 1s);
    if (choice.obstacles.empty()) choice.obstacles.push_back(say::no_candidate());
    wait.waits_for = say::candidate_for_primary(from, std::move(choice.obstacles));
    wait.remedy = say::candidate_remedy();
    return wait;
  }
  wait.waits_for = say::pod_to_hand_over(from, choice.member->pod->name, "");
  ask_leader(builder, request, *choice.member);
  return wait;
}

}  // namespace annals::fsm

#include "fsm/operations/hand_over.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/members_query.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 30s;             // until a leader that has agreed is asked again
constexpr std::int64_t kMostLag = 1 << 20;  // Patroni's own maximum_lag_on_failover

bool is_asking(const ClusterState& state, const Member& leader) {
  if (is_pending(state, kLeaderTarget)) return true;
  return state.hand_over && leader.pod != nullptr && state.hand_over->from == leader.pod->name &&
         !state.retries.contains(kLeaderTarget) && state.now < state.hand_over->asked + kPatience;
}

// In its synchronous mode Patroni hands over to no other.
bool is_synchronous_mode(const MembersSeen& seen) {
  return std::ranges::any_of(seen.members,
                             [](const auto& entry) { return is_synchronous(entry.second); });
}

// Why it cannot lead; empty when it can.
std::string unfitness(const HandOverWish& wish, const Member& member, const MembersSeen& seen) {
  if (member.pod == nullptr) return concat("instance ", member.instance, " has no pod");
  const std::string who = "pod " + member.pod->name;
  if (!member.available) return who + " is not ready";
  const auto told = seen.members.find(member.pod->name);
  if (told == seen.members.end()) return who + " is unknown to Patroni";
  if (wish.forced) return {};
  if (told->second.state != "streaming" && told->second.state != "running")
    return concat(who, " is ", told->second.state);
  if (is_synchronous_mode(seen) && !is_synchronous(told->second))
    return who + " is not the synchronous standby";
  if (!told->second.lag) return who + " lags by nobody knows how much";
  if (*told->second.lag > kMostLag) return concat(who, " lags by ", *told->second.lag, " bytes");
  return {};
}

struct Choice {
  const Member* member = nullptr;
  std::string obstacles;  // why it is none of the others
};

// A synchronous one first, then the one that is least behind, then one on another node.
Choice choose(const HandOverWish& wish, const std::vector<Member>& members,
              const MembersSeen& seen) {
  Choice choice;
  using Rank = std::tuple<bool, std::int64_t, bool, std::string>;
  Rank best;
  for (const Member& member : members) {
    const bool asked_for =
        wish.target.empty() || (member.pod != nullptr && member.pod->name == wish.target);
    if (member.leads || !asked_for || (wish.may_lead && !wish.may_lead(member))) continue;
    const std::string obstacle = unfitness(wish, member, seen);
    if (!obstacle.empty()) {
      choice.obstacles += concat(choice.obstacles.empty() ? "" : "; ", obstacle);
      continue;
    }
    const MemberSeen& told = seen.members.at(member.pod->name);
    const bool same_node =
        wish.leader->pod != nullptr && wish.leader->pod->node == member.pod->node;
    const Rank rank{!is_synchronous(told), told.lag.value_or(0), same_node, member.instance};
    if (choice.member != nullptr && best <= rank) continue;
    best = rank;
    choice.member = &member;
  }
  return choice;
}

void ask_leader(StepBuilder& builder, const HandOverWish& wish, const Member& candidate) {
  ClusterState& state = builder.state();
  const std::string& from = wish.leader->pod->name;
  const std::string& to = candidate.pod->name;
  const MemberSeen& told = state.members->members.at(to);
  // A leader that does not answer cannot be asked to let go.
  const std::string& asked = wish.forced ? to : from;
  SwitchOver action{.digest = sha256_hex(concat(from, " ", to)),
                    .host = host_of(state, asked),
                    .authority_secret = manifests::kRootAuthority,
                    .leader = from,
                    .candidate = to,
                    .forced = wish.forced};
  state.hand_over = {.from = from, .to = to, .asked = state.now};
  builder.decide({.machine = wish.machine,
                  .transition = "hand-over",
                  .reason = concat(to, " is to lead instead of ", from, ": ", wish.reason),
                  .inputs = {{.name = "candidate-state", .value = told.state, .holds = true},
                             {.name = "candidate-lag",
                              .value = told.lag ? concat(*told.lag) : std::string("unknown"),
                              .holds = told.lag.has_value()}},
                  .intents = {}},
                 {std::move(action)});
}

}  // namespace

void settle_hand_over(ClusterState& state) {
  if (!state.hand_over) return;
  const auto from = state.pods.find(state.hand_over->from);
  const bool leads = from != state.pods.end() && from->second.role == "master";
  if (!leads && !is_pending(state, kLeaderTarget)) state.hand_over.reset();
}

Wait ask_hand_over(StepBuilder& builder, const HandOverWish& wish) {
  ClusterState& state = builder.state();
  const std::string& from = wish.leader->pod->name;
  Wait wait{
      .over = false, .waits_for = concat("pod ", from, " to hand over"), .cure = "none is needed"};
  if (is_asking(state, *wish.leader)) {
    if (state.hand_over && state.hand_over->from != from) {
      wait.waits_for = concat("an answer of pod ", state.hand_over->from,
                              ", which was asked to hand over to pod ", state.hand_over->to);
    } else if (state.hand_over) {
      wait.waits_for += " to pod " + state.hand_over->to;
      requeue_at(state, state.hand_over->asked + kPatience);
    }
    return wait;
  }
  const auto retry = state.retries.find(kLeaderTarget);
  if (retry != state.retries.end() && retry->second.due > state.now) {
    wait.waits_for += ": " + retry->second.error;
    wait.cure = "see 'patronictl list' and Patroni's log in pod " + from;
    return wait;
  }
  const MembersSeen* seen = fresh_members(builder, wish.machine, wish.reason);
  if (seen == nullptr) return wait;
  const std::vector<Member> members = members_of(state);
  const Choice choice = choose(wish, members, *seen);
  if (choice.member == nullptr) {
    requeue_at(state, seen->at + kMembersFresh + 1s);
    wait.waits_for = concat("a member that can lead instead of pod ", from, ": ",
                            choice.obstacles.empty() ? "there is none" : choice.obstacles);
    wait.cure = "add a replica, or mend those there are";
    return wait;
  }
  wait.waits_for += " to pod " + choice.member->pod->name;
  ask_leader(builder, wish, *choice.member);
  return wait;
}

}  // namespace annals::fsm

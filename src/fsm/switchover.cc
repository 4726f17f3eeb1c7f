#include "fsm/switchover.h"

#include <algorithm>
#include <chrono>

#include "base/concat.h"
#include "fsm/events.h"
#include "fsm/hand_over.h"
#include "fsm/members.h"
#include "fsm/rendering.h"
#include "fsm/waits.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr Awaited kSwitched{"switchover", "another-leads", 2min};
constexpr const char* kMachine = "switchover";
constexpr const char* kTrigger = "postgres-operator.crunchydata.com/trigger-switchover";
// A request that cannot be met by then is refused, so that it does not come as a surprise.
constexpr auto kPatience = 10min;

std::string trigger_of(const spec::PostgresCluster& cluster) {
  const auto& wish = cluster.spec.patroni.switchover;
  const auto trigger = cluster.annotations.find(kTrigger);
  if (!wish || !wish->enabled || trigger == cluster.annotations.end()) return {};
  return trigger->second;
}

// Which request, and whose.
std::string why(const ClusterState& state, const std::string& trigger) {
  std::string reason = concat("asked for by the annotation trigger-switchover: ", trigger);
  const std::string& changes = state.changes.text;
  if (changes.contains(kTrigger) || changes.contains("spec.patroni.switchover"))
    reason += concat("; ", in_words(state.changes));
  return reason;
}

void refuse(StepBuilder& builder, const std::string& trigger, const std::string& why) {
  ClusterState& state = builder.state();
  state.handled_trigger = trigger;
  builder.decide({.machine = kMachine,
                  .transition = "refuse",
                  .reason = why,
                  .inputs = {{.name = "trigger", .value = trigger, .holds = false}},
                  .intents = {}});
  // Another request with the same mistake is another answer.
  tell_once(builder, Tone::kWarning, "InvalidSwitchover",
            concat(why, "; to ask again, give the annotation ", kTrigger, " another value"));
}

// What is wrong with the request itself; empty when it could be met.
std::string mistake_in(const spec::Switchover& wish, const std::vector<Member>& members,
                       const Member* target) {
  if (members.size() < 2)
    return "a switchover needs another instance: give a set in spec.instances more replicas";
  const bool failover = wish.type == spec::SwitchoverType::kFailover;
  if (wish.target_instance.empty()) {
    return failover ? "a failover needs spec.patroni.switchover.targetInstance: name the instance "
                      "that is to lead"
                    : "";
  }
  if (target != nullptr) return {};
  std::string names;
  for (const Member& member : members) names += concat(names.empty() ? "" : ", ", member.instance);
  return concat("spec.patroni.switchover.targetInstance is ", wish.target_instance,
                ", which is no instance of this cluster: choose one of ", names);
}

const Member* find(const std::vector<Member>& members, const std::string& instance) {
  const auto found = std::ranges::find(members, instance, &Member::instance);
  return found == members.end() ? nullptr : &*found;
}

void complete(StepBuilder& builder, const Switchover& operation, const Member& leader) {
  ClusterState& state = builder.state();
  state.handled_trigger = operation.trigger;
  state.operation = std::monostate();
  builder.decide({.machine = kMachine,
                  .transition = "complete",
                  .reason = concat("pod ", leader.pod->name, " leads"),
                  .inputs = {{.name = "leader", .value = leader.pod->name, .holds = true}},
                  .intents = {}});
  tell_once(builder, Tone::kNormal, "SwitchedOver",
            concat("pod ", leader.pod->name, " leads, as asked for by ", operation.trigger));
}

void give_up(StepBuilder& builder, const Switchover& operation, const std::string& why) {
  builder.state().operation = std::monostate();
  refuse(builder, operation.trigger, why);
}

// The request was taken: another pod than the one that led then is to lead.
bool go_on(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const auto operation = std::get<Switchover>(state.operation);
  const std::vector<Member> members = members_of(state);
  const Member* leader = leader_among(members);
  const bool is_other = leader != nullptr && leader->available &&
                        leader->pod->name != operation.from &&
                        (operation.target.empty() || leader->pod->name == operation.target);
  if (is_other) {
    complete(builder, operation, *leader);
    return false;
  }
  if (trigger_of(rendered(state).cluster) != operation.trigger) {
    give_up(builder, operation, "the request was taken back");
    return false;
  }
  if (leader == nullptr && !operation.forced) {
    note_wait(builder, kSwitched,
              {.over = false, .waits_for = "a leader", .cure = "see 'patronictl list'"});
    return true;
  }
  const auto from = std::ranges::find_if(members, [&](const Member& member) {
    return member.pod != nullptr && member.pod->name == operation.from;
  });
  const Member* asked = leader != nullptr ? leader : from == members.end() ? nullptr : &*from;
  if (asked == nullptr) {
    give_up(builder, operation, "nobody leads, and who led is gone: Patroni elects by itself");
    return false;
  }
  const Wait wait = ask_hand_over(builder, {.machine = kMachine,
                                            .reason = operation.reason,
                                            .leader = asked,
                                            .target = operation.target,
                                            .forced = operation.forced});
  if (state.now >= operation.since + kPatience && !state.hand_over) {
    give_up(builder, operation, "it waited for " + wait.waits_for + " for ten minutes");
    return false;
  }
  note_wait(builder, kSwitched, wait);
  return true;
}

}  // namespace

bool is_switchover_asked(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const std::string trigger = trigger_of(cluster);
  return !trigger.empty() && state.phase == ProvisionPhase::kDone && state.handled_trigger &&
         trigger != *state.handled_trigger &&
         cluster.spec.patroni.switchover->type != spec::SwitchoverType::kFailover;
}

bool ask_switchover(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (std::holds_alternative<Switchover>(state.operation)) return go_on(builder);
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const std::string trigger = trigger_of(cluster);
  // What stands there before there is a database, or before this journal began, is no request.
  if (state.phase != ProvisionPhase::kDone || !state.handled_trigger) {
    if (state.phase == ProvisionPhase::kDone || !trigger.empty()) state.handled_trigger = trigger;
    return false;
  }
  if (trigger.empty() || trigger == *state.handled_trigger) return false;
  const spec::Switchover wish = *cluster.spec.patroni.switchover;
  const std::vector<Member> members = members_of(state);
  const Member* target = find(members, wish.target_instance);
  const std::string mistake = mistake_in(wish, members, target);
  if (!mistake.empty()) {
    refuse(builder, trigger, mistake);
    return false;
  }
  const Member* leader = leader_among(members);
  Switchover operation{
      .reason = why(state, trigger),
      .since = state.now,
      .trigger = trigger,
      .from = leader != nullptr ? leader->pod->name : "",
      .target = target == nullptr ? "" : manifests::names::instance_pod(target->instance),
      .forced = wish.type == spec::SwitchoverType::kFailover};
  if (leader != nullptr && leader == target) {
    complete(builder, operation, *leader);
    return false;
  }
  builder.decide({.machine = kMachine,
                  .transition = "begin",
                  .reason = operation.reason,
                  .inputs = {{.name = "leader", .value = operation.from, .holds = true},
                             {.name = "target",
                              .value = operation.target.empty() ? "the best" : operation.target,
                              .holds = true}},
                  .intents = {}});
  state.operation = std::move(operation);
  return go_on(builder);
}

}  // namespace annals::fsm

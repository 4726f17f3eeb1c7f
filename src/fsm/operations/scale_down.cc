#include "fsm/operations/scale_down.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/concat.h"
#include "fsm/operations/move_leader.h"
#include "fsm/step/members_query.h"
#include "fsm/text/say.h"
#include "fsm/view/members.h"
#include "fsm/view/rendering.h"
#include "fsm/view/retention.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace scale_down {
namespace {

using namespace std::chrono_literals;

int wanted_of(ClusterState& state, const std::string& set) {
  for (const auto& [name, replicas] : rendered(state).sets) {
    if (name == set) return replicas;
  }
  return 0;
}

// A set with more instances than asked for; one that is to have none comes first.
std::optional<std::string> set_in_excess(ClusterState& state) {
  std::optional<std::string> found;
  for (const auto& [set, names] : state.instances) {
    const int wanted = wanted_of(state, set);
    if (static_cast<int>(names.size()) <= wanted) continue;
    if (wanted == 0) return set;
    if (!found) found = set;
  }
  return found;
}

Message why(ClusterState& state, const std::string& set) {
  const int wanted = wanted_of(state, set);
  const Message changes = in_words(state.changes);
  return wanted == 0 ? say::set_removed(set, changes) : say::set_scaled_down(set, wanted, changes);
}

MemberSeen told_of(const Member& member, const MembersSeen* seen) {
  if (seen == nullptr || member.pod == nullptr) return {};
  const auto told = seen->members.find(member.pod->name);
  return told == seen->members.end() ? MemberSeen() : told->second;
}

// How many of them share its node; none of one without a pod.
std::ptrdiff_t crowd_around(const Member& member, const std::vector<Member>& all) {
  if (member.pod == nullptr) return 0;
  return std::ranges::count_if(all, [&](const Member& other) {
    return other.pod != nullptr && other.pod->node == member.pod->node;
  });
}

// Who goes: nobody would miss one that does not run; then one that may not lead, in Patroni's
// synchronous mode: should the leader be lost meanwhile, nobody else could follow; then the one
// that is most behind, then one on the node with most of them, then the youngest.
const Member* choose(const std::vector<Member>& all, const std::vector<Member>& of_set,
                     const MembersSeen* seen) {
  const Member* chosen = nullptr;
  const auto order = [&](const Member& member) {
    const MemberSeen told = told_of(member, seen);
    return std::tuple(member.leads, member.available, !member.available ? false : member.follows,
                      is_synchronous(told), -told.lag.value_or(0), -crowd_around(member, all));
  };
  for (const Member& member : of_set) {
    // Of two that are alike the later one, which was made later.
    if (chosen == nullptr || order(member) <= order(*chosen)) chosen = &member;
  }
  return chosen;
}

// What made it this one, in the order in which that counts.
std::vector<Predicate> merits_of(const Member& member, const std::vector<Member>& all,
                                 const MembersSeen* seen) {
  const MemberSeen told = told_of(member, seen);
  const std::string pod = member.pod == nullptr ? "none" : member.pod->name;
  std::vector<Predicate> merits{
      {.name = "leads", .value = member.leads ? "true" : "false", .holds = !member.leads},
      {.name = "ready", .value = member.available ? "true" : "false", .holds = member.available},
      {.name = "pod", .value = pod, .holds = member.pod != nullptr}};
  // Where all of a set go, or one does not run, nobody is asked.
  if (seen != nullptr)
    merits.push_back({.name = "bytes-behind",
                      .value = told.lag ? concat(*told.lag) : std::string("unknown"),
                      .holds = told.lag.has_value()});
  if (member.pod != nullptr) {
    merits.push_back({.name = "node", .value = member.pod->node, .holds = true});
    merits.push_back(
        {.name = "instances-on-node", .value = concat(crowd_around(member, all)), .holds = true});
  }
  return merits;
}

// Out of the set: from here on nothing heals it, and decide_retired() takes it away.
void retire(StepBuilder& builder, const Member& member, std::vector<Predicate> merits) {
  ClusterState& state = builder.state();
  auto& operation = std::get<ScaleDown>(state.operation);
  operation.instance = member.instance;
  std::erase(state.instances[member.set], member.instance);
  if (state.instances[member.set].empty()) state.instances.erase(member.set);
  state.retired[member.instance] = {
      .set = member.set, .since = state.now, .reason = operation.reason};
  state.rollout_suppressed.erase(member.instance);
  state.rendered.reset();
  builder.decide({.machine = kScaleDown.name,
                  .transition = "retire-instance",
                  .reason = say::removing_instance(member.instance, operation.reason),
                  .inputs = std::move(merits),
                  .intents = {}});
}

const ScaleDown& its(const OperationView& view) {
  return std::get<ScaleDown>(view.state.operation);
}

bool is_set_going(const OperationView& view) { return wanted_of(view.state, its(view).set) == 0; }

std::vector<Member> of_its_set(const OperationView& view) {
  std::vector<Member> of_set;
  std::ranges::copy_if(view.members, std::back_inserter(of_set),
                       [&](const Member& member) { return member.set == its(view).set; });
  return of_set;
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = view.state;
  const std::optional<std::string> set = set_in_excess(builder.state());
  if (!set) return std::nullopt;
  const Message reason = why(state, *set);
  return Begin{
      .operation = ScaleDown{.reason = reason, .since = state.now, .set = *set, .instance = {}},
      .reason = reason,
      .inputs = {
          {.name = "instances", .value = concat(state.instances[*set].size()), .holds = false},
          {.name = "asked-for", .value = concat(wanted_of(state, *set)), .holds = true}}};
}

Message withdrawn(const OperationView& view) {
  const ScaleDown& operation = its(view);
  if (!operation.instance.empty()) {
    if (view.state.retired.contains(operation.instance)) return {};
    return say::instance_wanted_again(operation.instance);
  }
  const auto names = view.state.instances.find(operation.set);
  const int wanted = wanted_of(view.state, operation.set);
  if (names != view.state.instances.end() && static_cast<int>(names->second.size()) > wanted)
    return {};
  return say::set_not_in_excess(operation.set);
}

// A set goes when those that replace it are there: until then it is the copy that there is.
Wait successors_stream(const OperationView& view) {
  if (!its(view).instance.empty() || !is_set_going(view)) return {.satisfied = true};
  for (const Member& member : view.members) {
    if (wanted_of(view.state, member.set) == 0 ||
        (member.available && (member.leads || member.follows)))
      continue;
    return {.satisfied = false,
            .waits_for = say::instance_to_stream(member.instance),
            .remedy = say::describe_pod(manifests::names::instance_pod(member.instance))};
  }
  return {.satisfied = true};
}

Wait instance_chosen(const OperationView& view) {
  if (!its(view).instance.empty()) return {.satisfied = true};
  if (Message obstacle = obstacle_to_members(view.state); !obstacle.empty())
    return {.satisfied = false,
            .waits_for = say::member_list_failing(std::move(obstacle)),
            .remedy = say::members_remedy()};
  return {.satisfied = false, .waits_for = say::member_list()};
}

// Whether it matters how far behind whom is.
bool is_choice(const OperationView& view, const std::vector<Member>& of_set) {
  const auto healthy = std::ranges::count_if(
      of_set, [](const Member& member) { return member.available && !member.leads; });
  const auto excess = static_cast<int>(of_set.size()) - wanted_of(view.state, its(view).set);
  return !is_set_going(view) && healthy > excess && view.primary != nullptr;
}

// Has the primary hand over where it must go.
Wait choose_instance(StepBuilder& builder, const OperationView& view) {
  const ScaleDown operation = its(view);
  const std::vector<Member> of_set = of_its_set(view);
  const MembersSeen* seen = nullptr;
  if (is_choice(view, of_set)) {
    seen = fresh_members(builder, kScaleDown.name, operation.reason);
    if (seen == nullptr) return instance_chosen(view);
  }
  const Member* victim = choose(view.members, of_set, seen);
  // Who led until now may be the one that has all commits.
  if (victim->available && view.primary == nullptr) {
    return {.satisfied = false,
            .waits_for = say::primary_to_be_elected(),
            .remedy = say::patronictl_list()};
  }
  if (!victim->leads) {
    retire(builder, *victim, merits_of(*victim, view.members, seen));
    return {.satisfied = true};
  }
  const bool all_go = is_set_going(view);
  return move_leader(builder, {.machine = kScaleDown.name,
                               .reason = operation.reason,
                               .leader = victim,
                               .target = {},
                               .may_lead = [&operation, all_go](const Member& member) {
                                 return !all_go || member.set != operation.set;
                               }});
}

Wait instance_stopped(const OperationView& view) {
  const std::string& instance = its(view).instance;
  if (!is_there(view.state, instance)) return {.satisfied = true};
  const std::string pod = manifests::names::instance_pod(instance);
  return {.satisfied = false,
          .waits_for = say::pod_to_terminate(pod),
          .remedy = say::describe_pod(pod)};
}

Message complete(StepBuilder& builder, const OperationView& view) {
  const std::string& instance = its(view).instance;
  return say::instance_removed(instance, end_of(builder.state(), view.state.retired.at(instance)));
}

// New instances may have no room before the old ones have made it.
constexpr std::array kGoals{
    Goal{"successors-stream", 10min, successors_stream, nullptr, Late::kSkip},
    Goal{"instance-chosen", 10min, instance_chosen, choose_instance},
    Goal{"instance-stopped", 10min, instance_stopped}};

}  // namespace
}  // namespace scale_down

bool is_scale_down_asked(ClusterState& state) {
  return scale_down::set_in_excess(state).has_value();
}

const OperationKind kScaleDown{.name = "scale-down",
                               .wanted = scale_down::wanted,
                               .withdrawn = scale_down::withdrawn,
                               .goals = scale_down::kGoals,
                               .complete = scale_down::complete,
                               .is_asked = is_scale_down_asked};

}  // namespace annals::fsm

#include "fsm/scale_down.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include "base/concat.h"
#include "fsm/events.h"
#include "fsm/hand_over.h"
#include "fsm/members.h"
#include "fsm/members_query.h"
#include "fsm/rendering.h"
#include "fsm/retention.h"
#include "fsm/waits.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr Awaited kScaled{"scale-down", "instance-removed", 10min};
constexpr const char* kMachine = "scale-down";
// Where the new instances cannot start before the old ones have made room.
constexpr auto kSuccessorsAwaited = 10min;

// An annotation that nobody understands is told, and the volumes are kept as long as without it.
void check_retention(StepBuilder& builder) {
  const auto& annotations = rendered(builder.state()).cluster.annotations;
  const auto kept = annotations.find(kRetentionAnnotation);
  if (kept == annotations.end() || retention_of(kept->second)) {
    end_telling(builder.state(), "InvalidRetention");
    return;
  }
  const std::string message =
      concat("the annotation ", kRetentionAnnotation, " is ", kept->second,
             ": give a number and a unit, such as 90s, 30m, 24h or 7d; until then it is 24h");
  tell(builder, Tone::kWarning, "InvalidRetention", message);
}

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

std::string why(ClusterState& state, const std::string& set) {
  const int wanted = wanted_of(state, set);
  std::string reason = wanted == 0 ? concat("set ", set, " is no longer in the spec")
                                   : concat("set ", set, " is to have ", wanted, " instances");
  if (state.changes.text.empty()) return reason;
  return concat(reason, ": ", in_words(state.changes));
}

// Who goes: nobody would miss one that does not run; then one that may not lead, in Patroni's
// synchronous mode: should the leader be lost meanwhile, nobody else could follow; then the one
// that is most behind, then one on the node with most of them, then the youngest.
const Member* choose(const std::vector<Member>& all, const std::vector<Member>& of_set,
                     const MembersSeen* seen) {
  const auto crowd = [&](const Member& member) {
    if (member.pod == nullptr) return std::ptrdiff_t{0};
    return std::ranges::count_if(all, [&](const Member& other) {
      return other.pod != nullptr && other.pod->node == member.pod->node;
    });
  };
  const auto told_of = [&](const Member& member) {
    if (seen == nullptr || member.pod == nullptr) return MemberSeen();
    const auto told = seen->members.find(member.pod->name);
    return told == seen->members.end() ? MemberSeen() : told->second;
  };
  const Member* chosen = nullptr;
  const auto order = [&](const Member& member) {
    const MemberSeen told = told_of(member);
    return std::tuple(member.leads, member.available, !member.available ? false : member.follows,
                      is_synchronous(told), -told.lag.value_or(0), -crowd(member));
  };
  for (const Member& member : of_set) {
    // Of two that are alike the later one, which was made later.
    if (chosen == nullptr || order(member) <= order(*chosen)) chosen = &member;
  }
  return chosen;
}

void begin(StepBuilder& builder, const std::string& set) {
  ClusterState& state = builder.state();
  state.operation =
      ScaleDown{.reason = why(state, set), .since = state.now, .set = set, .instance = {}};
  builder.decide(
      {.machine = kMachine,
       .transition = "begin",
       .reason = why(state, set),
       .inputs = {{.name = "instances",
                   .value = concat(state.instances[set].size()),
                   .holds = false},
                  {.name = "asked-for", .value = concat(wanted_of(state, set)), .holds = true}},
       .intents = {}});
}

void end(StepBuilder& builder, const char* transition, std::string reason) {
  builder.state().operation = std::monostate();
  builder.decide({.machine = kMachine,
                  .transition = transition,
                  .reason = std::move(reason),
                  .inputs = {},
                  .intents = {}});
}

// Out of the set: from here on nothing heals it, and ask_retired() takes it away.
void retire(StepBuilder& builder, const Member& member) {
  ClusterState& state = builder.state();
  auto& operation = std::get<ScaleDown>(state.operation);
  operation.instance = member.instance;
  std::erase(state.instances[member.set], member.instance);
  if (state.instances[member.set].empty()) state.instances.erase(member.set);
  state.retired[member.instance] = {
      .set = member.set, .since = state.now, .reason = operation.reason};
  state.lenient.erase(member.instance);
  state.rendered.reset();
  const std::string pod = member.pod == nullptr ? "none" : member.pod->name;
  builder.decide({.machine = kMachine,
                  .transition = "retire-instance",
                  .reason = concat("instance ", member.instance, " goes: ", operation.reason),
                  .inputs = {{.name = "leads",
                              .value = member.leads ? "true" : "false",
                              .holds = !member.leads},
                             {.name = "ready",
                              .value = member.available ? "true" : "false",
                              .holds = member.available},
                             {.name = "pod", .value = pod, .holds = member.pod != nullptr}},
                  .intents = {}});
}

Wait wait_until_gone(const ClusterState& state, const std::string& instance) {
  Wait wait{.over = true, .waits_for = {}, .cure = "none is needed"};
  const std::string pod = manifests::names::instance_pod(instance);
  if (state.objects.contains(stateful_set_ref(state, instance)) || state.pods.contains(pod)) {
    wait.over = false;
    wait.waits_for = concat("pod ", pod, " to end");
    wait.cure = concat("see 'kubectl describe pod ", pod, "'");
  }
  return wait;
}

// A set goes when those that replace it are there: until then it is the copy that there is.
Wait wait_for_successors(ClusterState& state, const std::vector<Member>& members) {
  for (const Member& member : members) {
    if (wanted_of(state, member.set) == 0 || (member.available && (member.leads || member.follows)))
      continue;
    return {.over = false,
            .waits_for = concat("instance ", member.instance, " to stream from the leader"),
            .cure = concat("see 'kubectl describe pod ", member.instance, "-0'")};
  }
  return {.over = true};
}

// Chooses, and has the leader hand over where it must go.
Wait remove_one(StepBuilder& builder, const ScaleDown& operation) {
  const auto& [reason, since, set, instance] = operation;
  ClusterState& state = builder.state();
  const std::vector<Member> members = members_of(state);
  std::vector<Member> of_set;
  for (const Member& member : members) {
    if (member.set == set) of_set.push_back(member);
  }
  const auto healthy = std::ranges::count_if(
      of_set, [](const Member& member) { return member.available && !member.leads; });
  const MembersSeen* seen = nullptr;
  const auto excess = static_cast<int>(of_set.size()) - wanted_of(state, set);
  const bool all_go = wanted_of(state, set) == 0;
  const bool matters = !all_go && healthy > excess && leader_among(members) != nullptr;
  if (matters) {
    seen = fresh_members(builder, kMachine, reason);
    if (seen == nullptr)
      return {
          .over = false, .waits_for = "Patroni's word about its members", .cure = "none is needed"};
  }
  if (all_go && state.now < since + kSuccessorsAwaited) {
    const Wait successors = wait_for_successors(state, members);
    if (!successors.over) {
      requeue_at(state, since + kSuccessorsAwaited);
      return successors;
    }
  }
  const Member* victim = choose(members, of_set, seen);
  if (!victim->leads) {
    retire(builder, *victim);
    return wait_until_gone(state, victim->instance);
  }
  const std::string& unwanted = set;
  return ask_hand_over(builder, {.machine = kMachine,
                                 .reason = reason,
                                 .leader = victim,
                                 .target = {},
                                 .may_lead = [&unwanted, all_go](const Member& member) {
                                   return !all_go || member.set != unwanted;
                                 }});
}

bool is_of(const ObjectRef& ref, const ObjectObserved& object, const std::string& instance) {
  const auto label = object.fields.find("instance");
  return (label != object.fields.end() && label->second == instance) || ref.name == instance;
}

void remove_object(StepBuilder& builder, const ObjectObserved& object, const char* transition,
                   std::string reason, Guard guard) {
  ClusterState& state = builder.state();
  const std::string target = to_string(object.ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide(
      {.machine = kMachine,
       .transition = transition,
       .reason = std::move(reason),
       .inputs = {{.name = "exists", .value = target, .holds = true}},
       .intents = {}},
      {DeleteObject{.ref = object.ref, .digest = object.uid, .guard = std::move(guard)}});
}

std::vector<ObjectObserved> objects_of(const ClusterState& state, const std::string& instance) {
  std::vector<ObjectObserved> objects;
  for (const auto& [ref, object] : state.objects) {
    if (is_of(ref, object, instance)) objects.push_back(object);
  }
  return objects;
}

// The runner first, then what its pod was configured by; volumes when their time is over.
void take_away(StepBuilder& builder, const std::string& instance, const Retired& retired) {
  ClusterState& state = builder.state();
  const bool runs = !wait_until_gone(state, instance).over;
  const Timestamp due = end_of(state, retired);
  for (const ObjectObserved& object : objects_of(state, instance)) {
    const std::string what = to_string(object.ref);
    if (object.ref.kind == "StatefulSet") {
      remove_object(builder, object, "stop-instance", concat(what, " goes: ", retired.reason),
                    {.lost = "nothing: the pod stops PostgreSQL in order",
                     .other_copy = "the instance's volumes",
                     .allowed_by = retired.reason});
    } else if (!runs && (object.ref.kind == "ConfigMap" || object.ref.kind == "Secret")) {
      remove_object(builder, object, "remove-configuration",
                    concat(what, " goes: its instance is gone"),
                    {.lost = "what can be made again",
                     .other_copy = "none is needed",
                     .allowed_by = retired.reason});
    } else if (!runs && object.ref.kind == "PersistentVolumeClaim" && due <= state.now) {
      const PodObserved* leader = nullptr;
      for (const auto& [name, pod] : state.pods) {
        if (pod.role == "master" && pod.ready) leader = &pod;
      }
      // The last copy is nobody's to remove.
      if (leader == nullptr) continue;
      remove_object(builder, object, "remove-volume",
                    concat(what, " goes: it was kept since ", annals::to_string(retired.since)),
                    {.lost = concat("the volume of instance ", instance),
                     .other_copy = concat("the database in pod ", leader->name),
                     .allowed_by = retired.reason});
    }
  }
  if (!runs && due > state.now) requeue_at(state, due);
}

}  // namespace

bool is_scale_down_asked(ClusterState& state) { return set_in_excess(state).has_value(); }

bool ask_scale_down(StepBuilder& builder) {
  ClusterState& state = builder.state();
  auto* operation = std::get_if<ScaleDown>(&state.operation);
  if (operation == nullptr) {
    const std::optional<std::string> set = set_in_excess(state);
    if (!set) return false;
    begin(builder, *set);
    operation = &std::get<ScaleDown>(state.operation);
  }
  const ScaleDown now = *operation;
  if (now.instance.empty()) {
    const auto names = state.instances.find(now.set);
    const int wanted = wanted_of(state, now.set);
    if (names == state.instances.end() || static_cast<int>(names->second.size()) <= wanted) {
      end(builder, "abandon", "the spec asks for as many instances as there are again");
      return false;
    }
    note_wait(builder, kScaled, remove_one(builder, now));
    return true;
  }
  const auto retired = state.retired.find(now.instance);
  if (retired == state.retired.end()) {
    end(builder, "abandon", concat("instance ", now.instance, " is wanted again"));
    return false;
  }
  const Wait wait = wait_until_gone(state, now.instance);
  if (wait.over) {
    end(builder, "complete",
        concat("instance ", now.instance, " is gone; its volumes are kept until ",
               annals::to_string(end_of(state, retired->second))));
    return false;
  }
  note_wait(builder, kScaled, wait);
  return true;
}

void ask_retired(StepBuilder& builder) {
  ClusterState& state = builder.state();
  check_retention(builder);
  const std::map<std::string, Retired> retired = state.retired;
  for (const auto& [instance, one] : retired) {
    take_away(builder, instance, one);
    if (objects_of(state, instance).empty() &&
        !state.pods.contains(manifests::names::instance_pod(instance)) &&
        name_of(state.operation) != "scale-down")
      state.retired.erase(instance);
  }
}

}  // namespace annals::fsm

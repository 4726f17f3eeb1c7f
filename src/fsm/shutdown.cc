#include "fsm/shutdown.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/concat.h"
#include "fsm/members.h"
#include "fsm/rendering.h"
#include "fsm/repository_host.h"
#include "fsm/waits.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr Awaited kStopped{"shutdown", "instances-stopped", 10min};
constexpr Awaited kStarted{"shutdown", "leader-started", 10min};
// PostgreSQL asks for archived WAL before it leads, and pgBackRest tries for a minute to reach a
// host that does not answer.
constexpr Awaited kRepository{"shutdown", "repository-started", 1min};
constexpr const char* kMachine = "shutdown";

std::string why(const ClusterState& state) {
  constexpr const char* kField = "spec.shutdown";
  const bool is_it = state.changes.text.contains(kField);
  return is_it ? in_words(state.changes) : concat(kField, " is true");
}

bool has_pod(const Member& member) { return member.pod != nullptr; }

void stop(StepBuilder& builder, const Member& member) {
  ClusterState& state = builder.state();
  if (!state.stopped.insert(member.instance).second) return;
  state.rendered.reset();
  builder.decide({.machine = kMachine,
                  .transition = "stop-instance",
                  .reason = concat("it is the turn of ", member.instance, ": ",
                                   std::get<Shutdown>(state.operation).reason),
                  .inputs = {{.name = "leads",
                              .value = member.leads ? "true" : "false",
                              .holds = member.leads}},
                  .intents = {}});
}

Wait wait_until_stopped(const std::vector<Member>& members) {
  for (const Member& member : members) {
    if (!has_pod(member)) continue;
    return {.over = false,
            .waits_for = concat("pod ", member.pod->name, " to end"),
            .cure = concat("see 'kubectl describe pod ", member.pod->name, "'")};
  }
  return {.over = true};
}

// All but the leader, until it is alone. Where nobody leads there is nothing to spare.
void stop_in_order(StepBuilder& builder, const std::vector<Member>& members) {
  const Member* leader = leader_among(members);
  const auto running = std::ranges::count_if(members, has_pod);
  for (const Member& member : members) {
    const bool is_last = leader != nullptr && member.instance == leader->instance;
    if (!is_last || running <= 1) stop(builder, member);
  }
}

bool ask_stop(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::vector<Member> members = members_of(state);
  if (const Member* leader = leader_among(members)) state.startup_instance = leader->instance;
  if (!std::holds_alternative<Shutdown>(state.operation)) {
    state.operation = Shutdown{.reason = why(state), .since = state.now};
    builder.decide({.machine = kMachine,
                    .transition = "begin",
                    .reason = why(state),
                    .inputs = {{.name = "leader",
                                .value = state.startup_instance,
                                .holds = !state.startup_instance.empty()}},
                    .intents = {}});
  }
  std::get<Shutdown>(state.operation).start_asked.reset();
  stop_in_order(builder, members);
  const Wait wait = wait_until_stopped(members);
  if (wait.over) {
  } else {
    note_wait(builder, kStopped, wait);
  }
  return true;
}

void start(StepBuilder& builder, const std::string& instance, const std::string& reason) {
  ClusterState& state = builder.state();
  if (state.stopped.erase(instance) == 0) return;
  state.rendered.reset();
  builder.decide({.machine = kMachine,
                  .transition = "start-instance",
                  .reason = concat(instance, " starts: ", reason),
                  .inputs = {},
                  .intents = {}});
}

// The repository host first, as long as that is of use.
bool is_repository_awaited(StepBuilder& builder) {
  ClusterState& state = builder.state();
  auto& its = std::get<Shutdown>(state.operation);
  if (!its.start_asked) its.start_asked = state.now;
  const Timestamp enough = *its.start_asked + kRepository.limit;
  const Wait wait = wait_for_repository_host(state);
  if (wait.over || enough <= state.now) {
    return false;
  }
  requeue_at(state, enough);
  note_wait(builder, kRepository, wait);
  return true;
}

bool ask_start(StepBuilder& builder) {
  if (is_repository_awaited(builder)) return true;
  ClusterState& state = builder.state();
  const std::vector<Member> members = members_of(state);
  const bool is_known = std::ranges::any_of(
      members, [&](const Member& member) { return member.instance == state.startup_instance; });
  if (is_known) start(builder, state.startup_instance, "it led before the shutdown");
  const Member* leader = leader_among(members);
  const bool is_led = leader != nullptr && leader->available;
  if (is_led || !is_known) {
    const std::set<std::string> others = state.stopped;
    for (const std::string& instance : others) {
      start(builder, instance,
            is_led ? concat("pod ", leader->pod->name, " leads") : "nobody knows who led");
    }
  }
  if (is_led && state.stopped.empty()) {
    state.operation = std::monostate();
    state.startup_instance.clear();
    builder.decide({.machine = kMachine,
                    .transition = "complete",
                    .reason = "every instance is to run again",
                    .inputs = {},
                    .intents = {}});
    return false;
  }
  note_wait(builder, kStarted,
            {.over = false,
             .waits_for = concat("instance ", state.startup_instance, " to lead again"),
             .cure = "see 'kubectl describe' of its pod"});
  return true;
}

}  // namespace

bool ask_shutdown(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (rendered(state).cluster.spec.shutdown) return ask_stop(builder);
  if (!std::holds_alternative<Shutdown>(state.operation)) return false;
  return ask_start(builder);
}

}  // namespace annals::fsm

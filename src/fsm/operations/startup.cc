#include "fsm/operations/startup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "base/concat.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

std::string why(const ClusterState& state) {
  constexpr const char* kField = "spec.shutdown";
  const bool is_it = state.changes.text.contains(kField);
  return is_it ? in_words(state.changes) : concat(kField, " is not true");
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& /*view*/) {
  const ClusterState& state = builder.state();
  if (state.stopped.empty()) return std::nullopt;
  return Begin{.operation = Startup{.reason = why(state), .since = state.now},
               .reason = why(state),
               .inputs = {{.name = "leader",
                           .value = state.startup_instance,
                           .holds = !state.startup_instance.empty()}}};
}

std::string withdrawn(const OperationView& /*view*/) { return {}; }

void start(StepBuilder& builder, const std::string& instance, const std::string& reason) {
  ClusterState& state = builder.state();
  if (state.stopped.erase(instance) == 0) return;
  state.rendered.reset();
  builder.decide({.machine = kStartup.name,
                  .transition = "start-instance",
                  .reason = concat(instance, " starts: ", reason),
                  .inputs = {},
                  .intents = {}});
}

void start_others(StepBuilder& builder, const std::string& reason) {
  const std::set<std::string> others = builder.state().stopped;
  for (const std::string& instance : others) start(builder, instance, reason);
}

Wait repository_started(const OperationView& view) { return wait_for_repository_host(view.state); }

Wait primary_started(const OperationView& view) {
  if (view.primary != nullptr && view.primary->available) return {.over = true};
  return {.over = false,
          .waits_for = concat("instance ", view.state.startup_instance, " to lead again"),
          .cure = "see 'kubectl describe' of its pod"};
}

Wait start_primary(StepBuilder& builder, const OperationView& view) {
  const std::string first = view.state.startup_instance;
  const bool is_known =
      std::ranges::find(view.members, first, &Member::instance) != view.members.end();
  if (is_known) {
    start(builder, first, "it led before the shutdown");
  } else {
    start_others(builder, "nobody knows who led");
  }
  return primary_started(view);
}

Wait all_started(const OperationView& view) { return {.over = view.state.stopped.empty()}; }

Wait start_replicas(StepBuilder& builder, const OperationView& view) {
  start_others(builder, concat("pod ", view.primary->pod->name, " leads"));
  return all_started(view);
}

std::string complete(StepBuilder& builder, const OperationView& /*view*/) {
  builder.state().startup_instance.clear();
  return "every instance is to run again";
}

// PostgreSQL asks for archived WAL before it leads, and pgBackRest tries for a minute to reach a
// host that does not answer.
constexpr std::array kGoals{
    Goal{"repository-started", 1min, repository_started, nullptr, Late::kSkip},
    Goal{"primary-started", 10min, primary_started, start_primary},
    Goal{"replicas-started", 10min, all_started, start_replicas}};

}  // namespace

const OperationKind kStartup{.name = "startup",
                             .wanted = wanted,
                             .withdrawn = withdrawn,
                             .goals = kGoals,
                             .complete = complete,
                             .needs_api_server = false};

}  // namespace annals::fsm

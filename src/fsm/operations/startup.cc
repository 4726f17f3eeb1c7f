#include "fsm/operations/startup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace startup {
namespace {

using namespace std::chrono_literals;

Message why(const ClusterState& state) {
  const bool is_it = state.changes.text.contains("spec.shutdown");
  return is_it ? in_words(state.changes) : say::startup_requested();
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

Message withdrawn(const OperationView& /*view*/) { return {}; }

void start(StepBuilder& builder, const std::string& instance, const Message& reason) {
  ClusterState& state = builder.state();
  if (state.stopped.erase(instance) == 0) return;
  state.rendered.reset();
  builder.decide({.machine = kStartup.name,
                  .transition = "start-instance",
                  .reason = say::starting_instance(instance, reason),
                  .inputs = {},
                  .intents = {}});
}

void start_others(StepBuilder& builder, const Message& reason) {
  const std::set<std::string> others = builder.state().stopped;
  for (const std::string& instance : others) start(builder, instance, reason);
}

Wait repository_started(const OperationView& view) { return wait_for_repository_host(view.state); }

bool is_instance(const OperationView& view, const std::string& name) {
  return std::ranges::find(view.members, name, &Member::instance) != view.members.end();
}

Wait primary_started(const OperationView& view) {
  if (view.primary != nullptr && view.primary->available) return {.satisfied = true};
  const std::string& first = view.state.startup_instance;
  if (!is_instance(view, first))
    return {.satisfied = false,
            .waits_for = say::primary_to_be_elected(),
            .remedy = say::patronictl_list()};
  return {.satisfied = false,
          .waits_for = say::instance_to_be_primary(first),
          .remedy = say::describe_pod(manifests::names::instance_pod(first))};
}

Wait start_primary(StepBuilder& builder, const OperationView& view) {
  const std::string first = view.state.startup_instance;
  if (is_instance(view, first)) {
    start(builder, first, say::was_primary_before_shutdown());
  } else {
    start_others(builder, say::primary_before_shutdown_unknown());
  }
  return primary_started(view);
}

Wait all_started(const OperationView& view) { return {.satisfied = view.state.stopped.empty()}; }

Wait start_replicas(StepBuilder& builder, const OperationView& view) {
  start_others(builder, say::pod_is_primary(view.primary->pod->name));
  return all_started(view);
}

Message complete(StepBuilder& builder, const OperationView& /*view*/) {
  builder.state().startup_instance.clear();
  return say::all_instances_to_run();
}

// PostgreSQL asks for archived WAL before it leads, and pgBackRest tries for a minute to reach a
// host that does not answer.
constexpr std::array kGoals{
    Goal{"repository-started", 1min, repository_started, nullptr, Late::kSkip},
    Goal{"primary-started", 10min, primary_started, start_primary},
    Goal{"replicas-started", 10min, all_started, start_replicas}};

}  // namespace
}  // namespace startup

const OperationKind kStartup{.name = "startup",
                             .wanted = startup::wanted,
                             .withdrawn = startup::withdrawn,
                             .goals = startup::kGoals,
                             .complete = startup::complete,
                             .needs_api_server = false};

}  // namespace annals::fsm

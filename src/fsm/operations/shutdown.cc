#include "fsm/operations/shutdown.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "fsm/operations/receipt_goal.h"
#include "fsm/text/say.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace shutdown {
namespace {

using namespace std::chrono_literals;

Message why(const ClusterState& state) {
  const bool is_it = state.changes.text.contains("spec.shutdown");
  return is_it ? in_words(state.changes) : say::shutdown_requested();
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  if (!rendered(state).cluster.spec.shutdown) return std::nullopt;
  const std::string leader =
      view.primary == nullptr ? state.startup_instance : view.primary->instance;
  return Begin{.operation = Shutdown{.reason = why(state), .since = state.now},
               .reason = why(state),
               .inputs = {{.name = "leader", .value = leader, .holds = !leader.empty()}}};
}

Message withdrawn(const OperationView& view) {
  if (rendered(view.state).cluster.spec.shutdown) return {};
  return say::shutdown_withdrawn();
}

// Who leads last starts first.
void remember_primary(const OperationView& view) {
  if (view.primary != nullptr && rendered(view.state).cluster.spec.shutdown)
    view.state.startup_instance = view.primary->instance;
}

// Where nobody leads there is nobody to spare.
bool is_spared(const OperationView& view, const Member& member) {
  return view.primary != nullptr && member.instance == view.primary->instance;
}

Wait check_stopped(const OperationView& view, bool spares_primary) {
  for (const Member& member : view.members) {
    if (spares_primary && is_spared(view, member)) continue;
    if (member.pod != nullptr)
      return {.satisfied = false,
              .waits_for = say::pod_to_terminate(member.pod->name),
              .remedy = say::describe_pod(member.pod->name)};
    if (!view.state.stopped.contains(member.instance))
      return {.satisfied = false, .waits_for = say::instance_to_stop(member.instance)};
  }
  return {.satisfied = true};
}

void stop(StepBuilder& builder, const Member& member) {
  ClusterState& state = builder.state();
  if (!state.stopped.insert(member.instance).second) return;
  state.rendered.reset();
  builder.decide({.machine = kShutdown.name,
                  .transition = "stop-instance",
                  .reason = say::stopping_instance(member.instance,
                                                   std::get<Shutdown>(state.operation).reason),
                  .inputs = {{.name = "leads",
                              .value = member.leads ? "true" : "false",
                              .holds = member.leads}},
                  .intents = {}});
}

Wait stop_all(StepBuilder& builder, const OperationView& view, bool spares_primary) {
  for (const Member& member : view.members) {
    if (!spares_primary || !is_spared(view, member)) stop(builder, member);
  }
  return check_stopped(view, spares_primary);
}

Wait replicas_stopped(const OperationView& view) { return check_stopped(view, true); }
Wait stop_replicas(StepBuilder& builder, const OperationView& view) {
  return stop_all(builder, view, true);
}
Wait primary_stopped(const OperationView& view) { return check_stopped(view, false); }
Wait stop_primary(StepBuilder& builder, const OperationView& view) {
  return stop_all(builder, view, false);
}

constexpr std::array kGoals{Goal{"replicas-stopped", 10min, replicas_stopped, stop_replicas},
                            Goal{"primary-stopped", 10min, primary_stopped, stop_primary},
                            Goal{"receipt-written", 10min, receipt_written, write_receipt}};

}  // namespace
}  // namespace shutdown

const OperationKind kShutdown{.name = "shutdown",
                              .wanted = shutdown::wanted,
                              .withdrawn = shutdown::withdrawn,
                              .goals = shutdown::kGoals,
                              .complete = nullptr,
                              .observe = shutdown::remember_primary,
                              .lasts = true,
                              .needs_api_server = false};

}  // namespace annals::fsm

#include "fsm/operations/shutdown.h"

#include <array>
#include <chrono>

#include "fsm/operations/receipt_goal.h"
#include "fsm/step/stop_instances.h"
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

void note_primary(const OperationView& view) {
  if (rendered(view.state).cluster.spec.shutdown) stopping::remember_primary(view);
}

stopping::Order order(const ClusterState& state) {
  return {kShutdown.name, std::get<Shutdown>(state.operation).reason};
}
Wait stop_its_replicas(StepBuilder& builder, const OperationView& view) {
  return stopping::stop_replicas(builder, view, order(view.state));
}
Wait stop_its_primary(StepBuilder& builder, const OperationView& view) {
  return stopping::stop_primary(builder, view, order(view.state));
}

constexpr std::array kGoals{
    Goal{"replicas-stopped", 10min, stopping::replicas_stopped, stop_its_replicas},
    Goal{"primary-stopped", 10min, stopping::primary_stopped, stop_its_primary},
    Goal{"receipt-written", 10min, receipt_written, write_receipt}};

}  // namespace
}  // namespace shutdown

const OperationKind kShutdown{.name = "shutdown",
                              .wanted = shutdown::wanted,
                              .withdrawn = shutdown::withdrawn,
                              .goals = shutdown::kGoals,
                              .complete = nullptr,
                              .observe = shutdown::note_primary,
                              .lasts = true,
                              .needs_api_server = false};

}  // namespace annals::fsm

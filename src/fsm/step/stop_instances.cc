#include "fsm/step/stop_instances.h"

#include <string>

#include "fsm/text/say.h"

namespace annals::fsm::stopping {
namespace {

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

void stop_one(StepBuilder& builder, const Member& member, const Order& order) {
  ClusterState& state = builder.state();
  if (!state.stopped.insert(member.instance).second) return;
  state.rendered.reset();
  builder.decide({.machine = std::string(order.machine),
                  .transition = "stop-instance",
                  .reason = say::stopping_instance(member.instance, order.reason),
                  .inputs = {{.name = "leads",
                              .value = member.leads ? "true" : "false",
                              .holds = member.leads}},
                  .intents = {}});
}

Wait stop_all(StepBuilder& builder, const OperationView& view, const Order& order,
              bool spares_primary) {
  for (const Member& member : view.members) {
    if (!spares_primary || !is_spared(view, member)) stop_one(builder, member, order);
  }
  return check_stopped(view, spares_primary);
}

}  // namespace

Wait replicas_stopped(const OperationView& view) { return check_stopped(view, true); }
Wait primary_stopped(const OperationView& view) { return check_stopped(view, false); }

Wait stop_replicas(StepBuilder& builder, const OperationView& view, const Order& order) {
  return stop_all(builder, view, order, true);
}
Wait stop_primary(StepBuilder& builder, const OperationView& view, const Order& order) {
  return stop_all(builder, view, order, false);
}

void remember_primary(const OperationView& view) {
  if (view.primary != nullptr) view.state.startup_instance = view.primary->instance;
}

}  // namespace annals::fsm::stopping

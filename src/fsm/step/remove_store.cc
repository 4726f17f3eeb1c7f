#include "fsm/step/remove_store.h"

namespace annals::fsm {
namespace {

// Not there as far as we know, and deleted by its name since.
std::string uid_of(const ClusterState& state, const ObjectRef& store) {
  const auto known = state.objects.find(store);
  return known == state.objects.end() ? std::string() : known->second.uid;
}

}  // namespace

void remove_store(StepBuilder& builder, const ObjectRef& store, const StoreRemoval& why) {
  const ClusterState& state = builder.state();
  const std::string target = to_string(store);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide({.machine = why.machine,
                  .transition = why.transition,
                  .reason = why.reason,
                  .inputs = {{.name = why.input, .value = "0", .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = store, .digest = uid_of(state, store), .guard = why.guard}});
}

}  // namespace annals::fsm

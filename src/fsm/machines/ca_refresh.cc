#include "fsm/machines/ca_refresh.h"

#include <utility>
#include <vector>

#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace {

constexpr const char* kUnusable = "CustomTLSUnusable";

bool has_copies(const Wanted& wanted) {
  const auto* recipe = std::get_if<manifests::SecretRecipe>(&wanted.content);
  const auto* certificates =
      recipe == nullptr ? nullptr : std::get_if<manifests::CertificateSecret>(recipe);
  return certificates != nullptr && !certificates->also_trusts.empty();
}

using Copies = std::vector<const Wanted*>;

Copies copies_in(const std::vector<Wanted>& all) {
  Copies copies;
  for (const Wanted& wanted : all) {
    if (has_copies(wanted)) copies.push_back(&wanted);
  }
  return copies;
}

void tell_of_failures(StepBuilder& builder, const Copies& copies) {
  ClusterState& state = builder.state();
  for (const Wanted* wanted : copies) {
    const auto retry = state.retries.find(wanted->target);
    if (retry == state.retries.end()) continue;
    report_event(builder, EventType::kWarning, kUnusable,
                 say::custom_tls_unusable(wanted->target, retry->second.error));
    return;
  }
  clear_event(state, kUnusable);
}

void copy_again(StepBuilder& builder, const Copies& copies) {
  ClusterState& state = builder.state();
  state.trust_renewed = state.now;
  std::vector<Action> actions;
  for (const Wanted* wanted : copies) {
    // What is not in place is written by the desired set anyway.
    if (in_sync(state, *wanted) && !is_pending(state, wanted->target))
      actions.push_back(write_action(state, *wanted));
  }
  if (actions.empty()) return;
  builder.decide({.machine = "trust",
                  .transition = "copy-again",
                  .reason = say::refreshing_authorities(),
                  .inputs = {},
                  .intents = {}},
                 std::move(actions));
}

}  // namespace

void decide_ca_refresh(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const Copies copies = copies_in(rendered(state).wanted);
  if (copies.empty()) {
    state.trust_renewed.reset();
    clear_event(state, kUnusable);
    return;
  }
  tell_of_failures(builder, copies);
  if (!state.trust_renewed) state.trust_renewed = state.now;
  if (*state.trust_renewed + kCaRefreshInterval <= state.now) copy_again(builder, copies);
  requeue_at(state, *state.trust_renewed + kCaRefreshInterval);
}

}  // namespace annals::fsm

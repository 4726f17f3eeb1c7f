#include "fsm/events.h"

#include "base/concat.h"
#include "base/sha256.h"

namespace annals::fsm {

void tell(StepBuilder& builder, Tone tone, const std::string& reason, const std::string& message) {
  ClusterState& state = builder.state();
  const auto told = state.told.find(reason);
  if (told != state.told.end() && told->second == message) return;
  EmitEvent event{.ref = {.api_version = "postgres-operator.crunchydata.com/v1beta1",
                          .kind = "PostgresCluster",
                          .name_space = state.spec->name_space,
                          .name = state.spec->name},
                  .digest = {},
                  .warning = tone == Tone::kWarning,
                  .reason = reason,
                  .message = message};
  const std::string target = target_of(event);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  // The same again at another time is another Event.
  event.digest = sha256_hex(
      concat(state.uid.value(), " ", state.last_intent.value(), " ", reason, " ", message));
  state.told[reason] = message;
  builder.decide({.machine = "events",
                  .transition = "tell",
                  .reason = concat(reason, ": ", message),
                  .inputs = {},
                  .intents = {}},
                 {std::move(event)});
}

void end_telling(ClusterState& state, const std::string& reason) { state.told.erase(reason); }

}  // namespace annals::fsm

#include "fsm/step/events.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/text/say.h"
#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

// What nobody could be told for that long is no news any more.
constexpr std::size_t kMostUntold = 20;

// The same again at another time is another Event.
std::string digest_of(const ClusterState& state, const Telling& telling) {
  std::string digest = sha256_hex(concat(state.uid.value(), " ", state.last_intent.value(), " ",
                                         telling.reason, " ", key_of(telling.message)));
  while (std::ranges::find(state.untold, digest, &Telling::digest) != state.untold.end())
    digest = sha256_hex(digest);
  return digest;
}

EmitEvent event_of(const ClusterState& state, const Telling& telling) {
  return {.ref = {.api_version = "postgres-operator.crunchydata.com/v1beta1",
                  .kind = "PostgresCluster",
                  .name_space = state.spec->name_space,
                  .name = state.spec->name},
          .digest = telling.digest,
          .warning = telling.warning,
          .reason = telling.reason,
          .message = telling.message};
}

bool is_on_its_way(const ClusterState& state, const Telling& telling) {
  return std::ranges::any_of(state.pending, [&](const auto& entry) {
    const auto* event = std::get_if<EmitEvent>(&entry.second);
    return event != nullptr && event->digest == telling.digest;
  });
}

// Older words about what is so are outdated by newer ones, unless they have been sent.
void forget_unsent(ClusterState& state, const std::string& reason) {
  std::erase_if(state.untold, [&](const Telling& telling) {
    return telling.lasting && telling.reason == reason && !is_on_its_way(state, telling);
  });
}

// One at a time for each reason, in order.
void emit(StepBuilder& builder, const Telling& telling) {
  ClusterState& state = builder.state();
  EmitEvent event = event_of(state, telling);
  const std::string target = target_of(event);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide({.machine = "events",
                  .transition = "tell",
                  .reason = say::event_reported(telling.reason, telling.message),
                  .inputs = {},
                  .intents = {}},
                 {std::move(event)});
}

void queue(StepBuilder& builder, Telling telling) {
  ClusterState& state = builder.state();
  telling.digest = digest_of(state, telling);
  if (state.untold.size() == kMostUntold) state.untold.erase(state.untold.begin());
  state.untold.push_back(telling);
  const auto first = std::ranges::find(state.untold, telling.reason, &Telling::reason);
  emit(builder, Telling(*first));
}

}  // namespace

void tell(StepBuilder& builder, Tone tone, const std::string& reason, const Message& message) {
  ClusterState& state = builder.state();
  const auto told = state.told.find(reason);
  if (told != state.told.end() && told->second == message) return;
  forget_unsent(state, reason);
  state.told[reason] = message;
  queue(builder, {.reason = reason,
                  .message = message,
                  .digest = {},
                  .warning = tone == Tone::kWarning,
                  .lasting = true});
}

void end_telling(ClusterState& state, const std::string& reason) {
  forget_unsent(state, reason);
  state.told.erase(reason);
}

void tell_once(StepBuilder& builder, Tone tone, const std::string& reason, const Message& message) {
  queue(builder, {.reason = reason,
                  .message = message,
                  .digest = {},
                  .warning = tone == Tone::kWarning,
                  .lasting = false});
}

void tell_what_waits(StepBuilder& builder) {
  const std::vector<Telling> untold = builder.state().untold;
  for (const Telling& telling : untold) emit(builder, telling);
}

void note_told(ClusterState& state, const EmitEvent& event) {
  std::erase_if(state.untold,
                [&](const Telling& telling) { return telling.digest == event.digest; });
}

}  // namespace annals::fsm

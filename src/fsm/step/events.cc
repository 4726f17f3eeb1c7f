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
constexpr std::size_t kMaxOutboxSize = 20;

// The same again at another time is another Event.
std::string digest_of(const ClusterState& state, const PendingEvent& pending_event) {
  std::string digest = sha256_hex(concat(state.uid.value(), " ", state.last_intent.value(), " ",
                                         pending_event.reason, " ", key_of(pending_event.message)));
  while (std::ranges::find(state.event_outbox, digest, &PendingEvent::digest) !=
         state.event_outbox.end())
    digest = sha256_hex(digest);
  return digest;
}

EmitEvent event_of(const ClusterState& state, const PendingEvent& pending_event) {
  return {.ref = {.api_version = "postgres-operator.crunchydata.com/v1beta1",
                  .kind = "PostgresCluster",
                  .name_space = state.spec->name_space,
                  .name = state.spec->name},
          .digest = pending_event.digest,
          .warning = pending_event.warning,
          .reason = pending_event.reason,
          .message = pending_event.message};
}

bool is_on_its_way(const ClusterState& state, const PendingEvent& pending_event) {
  return std::ranges::any_of(state.pending, [&](const auto& entry) {
    const auto* event = std::get_if<EmitEvent>(&entry.second);
    return event != nullptr && event->digest == pending_event.digest;
  });
}

// Older words about what is so are outdated by newer ones, unless they have been sent.
void forget_unsent(ClusterState& state, const std::string& reason) {
  std::erase_if(state.event_outbox, [&](const PendingEvent& pending_event) {
    return pending_event.lasting && pending_event.reason == reason &&
           !is_on_its_way(state, pending_event);
  });
}

// One at a time for each reason, in order.
void emit(StepBuilder& builder, const PendingEvent& pending_event) {
  ClusterState& state = builder.state();
  EmitEvent event = event_of(state, pending_event);
  const std::string target = target_of(event);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide({.machine = "events",
                  .transition = "tell",
                  .reason = say::event_reported(pending_event.reason, pending_event.message),
                  .inputs = {},
                  .intents = {}},
                 {std::move(event)});
}

void queue(StepBuilder& builder, PendingEvent pending_event) {
  ClusterState& state = builder.state();
  pending_event.digest = digest_of(state, pending_event);
  if (state.event_outbox.size() == kMaxOutboxSize)
    state.event_outbox.erase(state.event_outbox.begin());
  state.event_outbox.push_back(pending_event);
  const auto first =
      std::ranges::find(state.event_outbox, pending_event.reason, &PendingEvent::reason);
  emit(builder, PendingEvent(*first));
}

}  // namespace

void report_event(StepBuilder& builder, EventType type, const std::string& reason,
                  const Message& message) {
  ClusterState& state = builder.state();
  const auto told = state.reported_events.find(reason);
  if (told != state.reported_events.end() && told->second == message) return;
  forget_unsent(state, reason);
  state.reported_events[reason] = message;
  queue(builder, {.reason = reason,
                  .message = message,
                  .digest = {},
                  .warning = type == EventType::kWarning,
                  .lasting = true});
}

void clear_event(ClusterState& state, const std::string& reason) {
  forget_unsent(state, reason);
  state.reported_events.erase(reason);
}

void report_event_once(StepBuilder& builder, EventType type, const std::string& reason,
                       const Message& message) {
  queue(builder, {.reason = reason,
                  .message = message,
                  .digest = {},
                  .warning = type == EventType::kWarning,
                  .lasting = false});
}

void flush_event_outbox(StepBuilder& builder) {
  const std::vector<PendingEvent> event_outbox = builder.state().event_outbox;
  for (const PendingEvent& pending_event : event_outbox) emit(builder, pending_event);
}

void mark_delivered(ClusterState& state, const EmitEvent& event) {
  std::erase_if(state.event_outbox, [&](const PendingEvent& pending_event) {
    return pending_event.digest == event.digest;
  });
}

}  // namespace annals::fsm

#include "fsm/absorb.h"

#include <algorithm>
#include <chrono>

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 1s;
constexpr auto kLastRetry = 60s;

// 1 s, 2 s, 4 s, ... 60 s.
Duration retry_delay(int failures) {
  const int doublings = std::min(failures - 1, 6);
  return std::min<Duration>(kFirstRetry * (1 << doublings), kLastRetry);
}

// A process has started: whatever its predecessor had asked for may or may not have happened, and
// what it knew of the world is old. Intents are idempotent and the world is about to be listed, so
// the machines simply look again.
void take(ClusterState& state, const OperatorStarted&) {
  for (const auto& [id, action] : state.pending) state.written.erase(target_of(action));
  state.pending.clear();
  state.retries.clear();
  state.synced = false;
  state.objects.clear();
  state.pods.clear();
  state.rendered.reset();
}

void take(ClusterState& state, const OperatorConfigured& config) {
  state.config = config;
  state.rendered.reset();
}

void take(ClusterState& state, const SpecObserved& spec) {
  state.spec = spec;
  state.gone = false;
  state.rendered.reset();
}

void take(ClusterState& state, const SpecGone&) {
  state.gone = true;
  state.rendered.reset();
}

// Objects that others look up when they are rendered; see observed_world().
bool is_rendered_from(const ObjectRef& ref) {
  return ref.kind == "Service" || ref.kind == "StatefulSet" || ref.kind == "Endpoints";
}

// The answer to a write that took long may be older than what a watch has told meanwhile.
bool is_older(const ObjectObserved& look, const ObjectObserved& than) {
  return look.uid == than.uid && look.version != 0 && look.version < than.version;
}

void take(ClusterState& state, const ObjectObserved& object) {
  const auto known = state.objects.find(object.ref);
  if (known != state.objects.end() && is_older(object, known->second)) return;
  const bool same_fields = known != state.objects.end() && known->second.fields == object.fields;
  if (is_rendered_from(object.ref) && !same_fields) state.rendered.reset();
  state.rendered.disturb();
  state.objects[object.ref] = object;
}

// What a write of this object will answer is older than what happened to it since.
void forget_writes(ClusterState& state, const ObjectRef& ref) {
  std::erase_if(state.pending, [&](const auto& entry) {
    const auto* apply = std::get_if<ApplyObject>(&entry.second);
    const auto* secret = std::get_if<EnsureSecret>(&entry.second);
    return (apply != nullptr && apply->ref == ref) || (secret != nullptr && secret->ref == ref);
  });
}

void take(ClusterState& state, const ObjectGone& object) {
  const auto known = state.objects.find(object.ref);
  // A namesake that was made meanwhile is another object.
  if (known != state.objects.end() && known->second.uid != object.uid) return;
  forget_writes(state, object.ref);
  if (known == state.objects.end()) return;
  state.objects.erase(known);
  state.rendered.disturb();
  if (is_rendered_from(object.ref)) state.rendered.reset();
}

void take(ClusterState& state, const PodObserved& pod) { state.pods[pod.name] = pod; }

void take(ClusterState& state, const PodGone& pod) {
  const auto known = state.pods.find(pod.name);
  if (known == state.pods.end() || known->second.uid != pod.uid) return;
  state.pods.erase(known);
}

void take(ClusterState& state, const Synced&) { state.synced = true; }

void take(ClusterState&, const TimerFired&) {}  // its time is the news, and every event brings that

// The API server's answer to a write is as good as a watch event, and comes sooner.
void see_written(ClusterState& state, const ObjectRef& ref, const Outcome& outcome) {
  if (outcome.uid.empty()) return;
  ObjectObserved object{.ref = ref,
                        .uid = outcome.uid,
                        .digest = outcome.digest,
                        .fields = outcome.fields,
                        .actor = {},
                        .version = outcome.version};
  take(state, object);
}

// The API server has accepted it; what a finalizer still holds is told by a later fact.
void forget_deleted(ClusterState& state, const DeleteObject& deleted) {
  take(state, ObjectGone{.ref = deleted.ref, .uid = deleted.digest});
  state.written.erase(to_string(deleted.ref));
  state.rendered.disturb();
}

// What Patroni answers is what it keeps; the watch tells it again.
void see_configured(ClusterState& state, const ConfigurePatroni& action, const Outcome& outcome) {
  const auto store = state.objects.find(action.ref);
  if (store != state.objects.end()) store->second.fields["config"] = outcome.digest;
}

std::string asked_by(const Action& action) {
  return std::visit([](const auto& each) { return each.digest; }, action);
}

void take(ClusterState& state, const Outcome& outcome) {
  const auto found = state.pending.find(outcome.intent);
  if (found == state.pending.end())
    return;  // of an earlier process; the world has been looked at since
  const Action action = std::move(found->second);
  state.pending.erase(found);
  const std::string target = target_of(action);
  if (outcome.status != OutcomeStatus::kDone) {
    Retry& retry = state.retries[target];
    retry.failures += 1;
    retry.due = state.now + retry_delay(retry.failures);
    retry.error = outcome.detail;
    return;
  }
  state.retries.erase(target);
  if (const auto* deleted = std::get_if<DeleteObject>(&action)) {
    forget_deleted(state, *deleted);
    return;
  }
  if (!std::holds_alternative<PatchStatus>(action)) state.rendered.disturb();
  state.written[target] = {.asked = asked_by(action), .result = outcome.digest};
  if (const auto* apply = std::get_if<ApplyObject>(&action))
    see_written(state, apply->ref, outcome);
  if (const auto* secret = std::get_if<EnsureSecret>(&action))
    see_written(state, secret->ref, outcome);
  if (const auto* configured = std::get_if<ConfigurePatroni>(&action))
    see_configured(state, *configured, outcome);
  if (const auto* finalizer = std::get_if<SetFinalizer>(&action); finalizer && state.spec)
    state.spec->finalized = finalizer->present;
}

}  // namespace

void absorb(ClusterState& state, const Event& event) {
  state.now = std::max(state.now, event.time);  // a clock that was set back does not make us forget
  std::visit([&](const auto& input) { take(state, input); }, event.input);
}

}  // namespace annals::fsm

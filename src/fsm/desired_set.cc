#include "fsm/desired_set.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/concat.h"
#include "fsm/oscillation.h"
#include "fsm/patroni_state.h"
#include "manifests/desired.h"

namespace annals::fsm {
namespace {

constexpr int kWorkload = static_cast<int>(manifests::Rank::kWorkload);

// Why an object is written: the transition's name, and a sentence.
struct Cause {
  const char* transition;
  std::string reason;
  bool undoes_somebody = false;
  Actor writer{};  // whose change it undoes
  bool is_update = false;
  bool is_adoption = false;
};

std::string by_whom(const Actor& actor) {
  return actor.manager.empty()
             ? std::string()
             : concat(" by ", actor.manager, " (", actor.operation, " at ", actor.time, ")");
}

// Every cluster of the namespace writes it: that it was changed by us is no drift.
bool is_shared(const Wanted& wanted) {
  const auto* recipe = std::get_if<manifests::SecretRecipe>(&wanted.content);
  return recipe != nullptr && std::holds_alternative<manifests::RootAuthority>(*recipe);
}

bool is_volume(const Wanted& wanted) { return wanted.ref.kind == "PersistentVolumeClaim"; }

// What is asked for. Certificates are asked of the authority that there is: another one has to sign
// them anew.
std::string asked_of(const ClusterState& state, const Wanted& wanted) {
  const auto* recipe = std::get_if<manifests::SecretRecipe>(&wanted.content);
  const auto* certificates =
      recipe == nullptr ? nullptr : std::get_if<manifests::CertificateSecret>(recipe);
  if (certificates == nullptr) return wanted.digest;
  ObjectRef ref = wanted.ref;
  ref.name = certificates->authority;
  const auto authority = state.objects.find(ref);
  if (authority == state.objects.end()) return wanted.digest;
  const auto certificate = authority->second.fields.find("authority");
  const bool is_known = certificate != authority->second.fields.end();
  return concat(wanted.digest, kSignedBy, is_known ? certificate->second : authority->second.uid);
}

std::optional<Cause> cause_to_write(const ClusterState& state, const Wanted& wanted) {
  const auto object = state.objects.find(wanted.ref);
  const auto written = state.written.find(wanted.target);
  if (object == state.objects.end()) {
    if (written == state.written.end()) return Cause{"create", "does not exist yet"};
    return Cause{"restore", "is missing: somebody has deleted it", true};
  }
  if (written == state.written.end())
    return Cause{.transition = "adopt",
                 .reason = "exists, and whether it is as asked for is not known",
                 .is_adoption = true};
  const auto refused = state.refused.find(wanted.target);
  if (refused != state.refused.end() && refused->second.asked == wanted.digest) return std::nullopt;
  if (written->second.asked != asked_of(state, wanted))
    return Cause{.transition = "update", .reason = "is asked for differently", .is_update = true};
  if (is_shared(wanted) && object->second.actor.manager.empty()) return std::nullopt;
  if (!object->second.digest.empty() && object->second.digest != written->second.result) {
    const Actor& writer = object->second.actor;
    return Cause{"undo-change", "was changed" + by_whom(writer), true, writer};
  }
  return std::nullopt;
}

// Pods are made anew for a template that the spec asks for, and not for one that only another
// version of the operator, or one without memory, would write.
void note_leniency(ClusterState& state, const Wanted& wanted, const Cause& cause) {
  if (wanted.ref.kind != "StatefulSet" || cause.undoes_somebody) return;
  const bool by_us = (cause.is_adoption || cause.is_update) && state.operator_changed;
  if (by_us) {
    state.lenient.insert(wanted.ref.name);
  } else {
    state.lenient.erase(wanted.ref.name);
  }
}

std::string with_changes(const ClusterState& state, const Cause& cause) {
  if (!cause.is_update) return cause.reason;
  if (state.operator_changed) return cause.reason + ": the operator is another one";
  if (state.changes.text.empty()) return cause.reason;
  return concat(cause.reason, ": ", in_words(state.changes));
}

void write(StepBuilder& builder, const Wanted& wanted, const Cause& cause) {
  const std::string& target = wanted.target;
  const std::string reason = concat(target, " ", with_changes(builder.state(), cause));
  if (cause.undoes_somebody &&
      !may_mend(builder, {.target = target, .reason = cause.reason, .writer = cause.writer}))
    return;
  note_leniency(builder.state(), wanted, cause);
  builder.decide(
      {.machine = "desired-set",
       .transition = cause.transition,
       .reason = reason,
       .inputs = {{.name = "in-place", .value = target, .holds = false},
                  {.name = "asked-for", .value = wanted.digest.substr(0, 12), .holds = true}},
       .intents = {}},
      {write_action(builder.state(), wanted)}, wanted.rank > kWorkload);
}

}  // namespace

bool in_place(const ClusterState& state, const Wanted& wanted) {
  return !cause_to_write(state, wanted);
}

std::string told_with_failures(const ClusterState& state, const Wanted& wanted) {
  const auto retry = state.retries.find(wanted.target);
  if (retry == state.retries.end()) return to_string(wanted.ref);
  return concat(to_string(wanted.ref), ", which failed ", retry->second.failures,
                " times: ", retry->second.error);
}

Action write_action(const ClusterState& state, const Wanted& wanted) {
  if (const auto* manifest = std::get_if<std::string>(&wanted.content)) {
    return ApplyObject{.ref = wanted.ref, .digest = wanted.digest, .manifest = *manifest};
  }
  return EnsureSecret{.ref = wanted.ref,
                      .digest = asked_of(state, wanted),
                      .recipe = std::get<manifests::SecretRecipe>(wanted.content)};
}

const Wanted* first_not_in_place(ClusterState& state) {
  const std::vector<Wanted>& wanted = rendered(state).wanted;
  if (!state.rendered.has_looked()) {
    const auto missing =
        std::ranges::find_if_not(wanted, [&](const Wanted& each) { return in_place(state, each); });
    state.rendered.note_first_not_in_place(static_cast<std::size_t>(missing - wanted.begin()));
  }
  const std::size_t place = state.rendered.first_not_in_place();
  return place == wanted.size() ? nullptr : &wanted[place];
}

void ask_desired_set(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (first_not_in_place(state) == nullptr) return;
  const std::shared_ptr<const Rendered> all =
      state.rendered.last();  // a write may not render it anew under our feet
  const bool may_start = wait_for_own_patroni_state(state).over;
  std::optional<int> unsettled;  // the lowest rank with something that is not in place
  for (const Wanted& wanted : std::span(all->wanted).subspan(state.rendered.first_not_in_place())) {
    if (unsettled && wanted.rank > *unsettled) break;
    // Nothing runs before its deletion can be held until it is stopped in order.
    if (wanted.rank >= kWorkload && !state.spec->finalized) break;
    if (wanted.rank >= kWorkload && !may_start) break;
    // Volumes are the sign that an instance may have run.
    if (is_volume(wanted) && !may_start) continue;
    const std::optional<Cause> cause = cause_to_write(state, wanted);
    if (!cause) continue;
    const std::string& target = wanted.target;
    // A pod that cannot be is no reason to leave people without what they reach the others by.
    if (wanted.rank != kWorkload || !is_waiting_to_retry(state, target)) unsettled = wanted.rank;
    if (is_pending(state, target) || is_waiting_to_retry(state, target)) continue;
    write(builder, wanted, *cause);
  }
}

}  // namespace annals::fsm

#include "fsm/view/in_sync.h"

#include <algorithm>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/kept_volumes.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

Message by_whom(const Actor& actor) {
  return actor.manager.empty() ? Message()
                               : say::manager_of(actor.manager, actor.operation, actor.time);
}

// Every cluster of the namespace writes it: that it was changed by us is no drift.
bool is_shared(const Wanted& wanted) {
  const auto* recipe = std::get_if<manifests::SecretRecipe>(&wanted.content);
  return recipe != nullptr && std::holds_alternative<manifests::RootAuthority>(*recipe);
}

// Of a Secret with certificates.
const manifests::CertificateSecret* certificates_in(const Wanted& wanted) {
  const auto* recipe = std::get_if<manifests::SecretRecipe>(&wanted.content);
  return recipe == nullptr ? nullptr : std::get_if<manifests::CertificateSecret>(recipe);
}

// What is asked for. Certificates are asked of the authority that there is: another one has to sign
// them anew.
std::string asked_of(const ClusterState& state, const Wanted& wanted) {
  const manifests::CertificateSecret* certificates = certificates_in(wanted);
  if (certificates == nullptr) return wanted.digest;
  ObjectRef ref = wanted.ref;
  ref.name = certificates->authority;
  const auto authority = state.objects.find(ref);
  if (authority == state.objects.end()) return wanted.digest;
  const std::optional<std::string>& certificate = authority->second.fields.secret->authority;
  return concat(wanted.digest, kSignedBy, certificate ? *certificate : authority->second.uid);
}

}  // namespace

std::optional<Cause> cause_to_write(const ClusterState& state, const Wanted& wanted) {
  const auto object = state.objects.find(wanted.ref);
  const auto written = state.written.find(wanted.target);
  if (object == state.objects.end()) {
    if (written == state.written.end()) return Cause{"create", say::object_missing()};
    return Cause{"restore", say::object_deleted(), true};
  }
  if (written == state.written.end())
    return Cause{.transition = "adopt", .reason = say::object_to_adopt(), .is_adoption = true};
  const auto refused = state.refused.find(wanted.target);
  if (refused != state.refused.end() && refused->second.asked == wanted.digest) return std::nullopt;
  if (written->second.asked != asked_of(state, wanted))
    return Cause{.transition = "update", .reason = say::desired_state_changed(), .is_update = true};
  if (is_shared(wanted) && object->second.actor.manager.empty()) return std::nullopt;
  if (!object->second.digest.empty() && object->second.digest != written->second.result) {
    const Actor& writer = object->second.actor;
    return Cause{"undo-change", say::object_changed(by_whom(writer)), true, writer};
  }
  return std::nullopt;
}

bool in_sync(const ClusterState& state, const Wanted& wanted) {
  return !cause_to_write(state, wanted);
}

Action write_action(const ClusterState& state, const Wanted& wanted) {
  if (const auto* manifest = std::get_if<std::string>(&wanted.content)) {
    return ApplyObject{.ref = wanted.ref, .digest = wanted.digest, .manifest = *manifest};
  }
  return EnsureSecret{.ref = wanted.ref,
                      .digest = asked_of(state, wanted),
                      .recipe = std::get<manifests::SecretRecipe>(wanted.content)};
}

Wait wait_for_object(const ClusterState& state, const Wanted& missing) {
  const std::string target = to_string(missing.ref);
  const auto retry = state.retries.find(missing.target);
  const auto object = state.objects.find(missing.ref);
  if (object != state.objects.end() && is_claim(missing.ref) &&
      is_kept_for_another(state, object->second)) {
    const std::string& uid = *object->second.fields.claim->kept_for;
    return {.satisfied = false,
            .waits_for = say::claim_kept_for_deleted(target, uid),
            .remedy = say::claim_kept_remedy(manifests::annotation::kTakeUpDeleted, uid)};
  }
  if (retry == state.retries.end())
    return {.satisfied = false, .waits_for = say::object_to_be_in_place(target)};
  const int failures = retry->second.failures;
  return {.satisfied = false,
          .waits_for = say::object_failing(target, failures == 0 ? std::string() : concat(failures),
                                           retry->second.error),
          .remedy = say::fix_cause_of_error()};
}

// Whether what happened to objects of these names may have brought it out of place.
static bool is_touched(const Wanted& wanted, const std::vector<std::string>& names) {
  const manifests::CertificateSecret* certificates = certificates_in(wanted);
  return std::ranges::any_of(names, [&](const std::string& name) {
    return name == wanted.ref.name || (certificates != nullptr && name == certificates->authority);
  });
}

static std::size_t find_not_in_sync(const ClusterState& state, const std::vector<Wanted>& wanted) {
  const std::size_t known = state.rendered.known_in_sync();
  for (std::size_t place = 0; place < wanted.size(); ++place) {
    const bool is_known = place < known && !is_touched(wanted[place], state.rendered.touched());
    if (!is_known && !in_sync(state, wanted[place])) return place;
  }
  return wanted.size();
}

const Wanted* first_not_in_sync(ClusterState& state) {
  const std::vector<Wanted>& wanted = rendered(state).wanted;
  if (!state.rendered.has_looked())
    state.rendered.note_first_not_in_sync(find_not_in_sync(state, wanted));
  const std::size_t place = state.rendered.first_not_in_sync();
  return place == wanted.size() ? nullptr : &wanted[place];
}

}  // namespace annals::fsm

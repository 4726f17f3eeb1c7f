#include "fsm/machines/renewal.h"

#include <utility>
#include <variant>
#include <vector>

#include "fsm/text/say.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace {

bool has_certificates(const Wanted& wanted) {
  const auto* recipe = std::get_if<manifests::SecretRecipe>(&wanted.content);
  return recipe != nullptr && std::holds_alternative<manifests::CertificateSecret>(*recipe);
}

// All that an operator looks after are first seen at once by a new version of it: their checks are
// spread over half of the time between two, by the UID.
Duration head_start(const ClusterUid& uid) {
  constexpr std::uint32_t kParts = 1000;
  std::uint32_t sum = 0;
  for (const char c : uid.value()) sum = (sum * 31 + static_cast<unsigned char>(c)) % kParts;
  return Duration(kCertificatesChecked) / 2 / kParts * sum;
}

}  // namespace

void decide_renewal(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!state.certificates_checked) state.certificates_checked = state.now - head_start(state.uid);
  if (*state.certificates_checked + kCertificatesChecked <= state.now) {
    state.certificates_checked = state.now;
    std::vector<Action> actions;
    for (const Wanted& wanted : rendered(state).wanted) {
      // What is not in place is written by the desired set anyway.
      if (has_certificates(wanted) && in_sync(state, wanted) && !is_pending(state, wanted.target))
        actions.push_back(write_action(state, wanted));
    }
    if (!actions.empty()) {
      builder.decide({.machine = "renewal",
                      .transition = "check-certificates",
                      .reason = say::checking_certificates(),
                      .inputs = {},
                      .intents = {}},
                     std::move(actions));
    }
  }
  requeue_at(state, *state.certificates_checked + kCertificatesChecked);
}

}  // namespace annals::fsm

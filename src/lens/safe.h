// Whoever may write an object chooses texts of it, and the journal refuses those that look like
// secrets. Names and UIDs are Kubernetes' own to check. Only for the lenses' own files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/printable.h"
#include "fsm/model/fact.h"
#include "k8s/lens/actor.h"
#include "k8s/lens/fingerprint.h"
#include "spec/redaction.h"

namespace annals::lens {

inline std::string safe(std::string text) { return spec::redacted_text(std::move(text)); }

// What a program says, in one line of about `max` bytes. Its secrets go before it is cut: half of
// one is no longer known for one. What the cut leaves of a replacement is made whole again.
inline std::string safe_words(std::string_view text, std::size_t max) {
  return safe(printable(safe(std::string(text)), max));
}

inline fsm::Actor safe(k8s::Actor actor) {
  return {.manager = safe(std::move(actor.manager)),
          .operation = safe(std::move(actor.operation)),
          .time = safe(std::move(actor.time))};
}

inline void add(k8s::Fingerprint& fingerprint, const fsm::Actor& actor) {
  fingerprint.add(actor.manager).add(actor.operation).add(actor.time);
}

}  // namespace annals::lens

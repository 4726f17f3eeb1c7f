// The lens for any object that a cluster owns: the digest of what is ours in it, by which drift is
// told from a change of somebody else's fields; who else wrote it last; and the few values that
// machines read. What it is does not matter: items of a list do not carry their kind. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/fact.h"
#include "k8s/lens/fingerprint.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"

namespace annals::lens {

// As a watch tells it. The kind is the reflector's to say.
struct OwnedView {
  k8s::ObjectMeta meta;
  fsm::ObjectObserved fact;
};

// What is known of an object once it has vanished: its cluster.
std::string mark_of(const OwnedView& view);

// Two views that give the same record are the same.
void add_to(k8s::Fingerprint& fingerprint, const OwnedView& view);

Result<OwnedView> read_owned_view(k8s::JsonReader& reader, std::string_view object);

// As the answer to a write tells it: of an object that the caller knows, so without `ref`. Contents
// of Secrets count by a digest of their own and are never kept.
Result<fsm::ObjectObserved> read_answer(k8s::JsonReader& reader, std::string_view object);

}  // namespace annals::lens

// What is ours in an object: the values of exactly those fields that managedFields says our field
// manager applied. Their digest is how drift is told from a change of somebody else's fields. Pure.
// Source: Kubernetes, "Server-Side Apply", and the format of fieldsV1 (structured-merge-diff).
#pragma once

#include <string>
#include <string_view>

#include "actions/written.h"
#include "base/result.h"
#include "k8s/lens/actor.h"
#include "k8s/text/json.h"

namespace annals::actions {

struct OwnedObject {
  Written written;
  k8s::Actor last_writer;  // other than us, of more than status; empty when nobody else wrote
};

// Reads an object's JSON text. Contents of Secrets count by a digest of their own and are never
// kept.
Result<OwnedObject> read_owned_object(k8s::JsonReader& reader, std::string_view object);

// The digest of a JSON text, however it is laid out and its keys are sorted; empty when it is none.
std::string digest_of_json(std::string_view text);

}  // namespace annals::actions

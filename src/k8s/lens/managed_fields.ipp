// What metadata.managedFields tells of an object: the digest of what our field manager has applied,
// and who else wrote last. The digest stands in journals: it is SHA-256 over the canonical JSON of
// exactly those values that managedFields says our field manager applied, under their paths in
// fieldsV1. Only for the lenses' own files.
// Source: Kubernetes, "Server-Side Apply", and the format of fieldsV1 (structured-merge-diff).
#pragma once

#include <simdjson.h>

#include <string>

#include "k8s/lens/actor.h"

namespace annals::k8s {

struct ManagedFields {
  std::string digest;  // 64 hexadecimal digits; empty where our field manager applied nothing
  Actor last_writer;   // other than us, of more than status; empty when nobody else wrote
};

// `keys` is for small texts inside of the object. Throws simdjson_error.
ManagedFields read_managed_fields(simdjson::dom::element object, simdjson::dom::parser& keys);

}  // namespace annals::k8s

// What of an object is ours: a digest over the values of the fields that managedFields says were
// applied by our field manager. Of the answer to an apply it gives the digest to expect, of what a
// watch shows later the digest that is: another one is drift. What others own (status, defaults,
// their own fields) does not count, nor does the order of anything. Pure.
// Format of managedFields: Kubernetes API concepts, "Server-side apply"; FieldsV1 of
// sigs.k8s.io/structured-merge-diff.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/json.h"

namespace annals::k8s {

// The values of a Secret's data never enter a digest: one could be guessed by trying. Of them only
// the names count.
enum class Content : std::uint8_t { kOpen, kSecret };

// 64 hexadecimal digits; empty where our field manager applied nothing. kInvalid if unreadable.
Result<std::string> owned_digest(JsonReader& reader, std::string_view object,
                                 Content content = Content::kOpen);

}  // namespace annals::k8s

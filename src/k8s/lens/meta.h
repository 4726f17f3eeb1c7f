// ObjectMeta: what is read of any object's metadata, the part of each lens that is the same for all
// kinds. Of the labels only those count that begin as the lens says. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/lens/fingerprint.h"
#include "k8s/resource.h"
#include "k8s/text/json.h"

namespace annals::k8s {

struct ObjectMeta {
  ObjectKey key;
  std::string resource_version;  // changes with any write: not part of a fingerprint
  std::int64_t generation = 0;
  std::string deletion_timestamp;  // RFC 3339, empty while the object is not being deleted
  std::string controller_uid;      // of the owner reference with controller: true
  std::map<std::string, std::string> labels;  // of the prefix that was asked for, without it

  bool deleting() const { return !deletion_timestamp.empty(); }
};

void add_to(Fingerprint& fingerprint, const ObjectMeta& meta);

// Name and UID must be there: without them an object cannot be told from others.
Result<void> check(const ObjectMeta& meta);

// Only the metadata; without labels unless a prefix of theirs is given.
Result<ObjectMeta> read_meta(JsonReader& reader, std::string_view object,
                             std::string_view label_prefix = {});

}  // namespace annals::k8s

// The lens for PostgresCluster and PGUpgrade: the spec as it stands, and who wrote it last, so that
// an explanation can end in a person or a tool. The spec's bytes go to src/spec. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "k8s/lens/meta.h"

namespace annals::k8s {

// One line of metadata.managedFields.
struct Actor {
  std::string manager;    // "kubectl-client-side-apply"
  std::string operation;  // "Apply", "Update"
  std::string time;       // RFC 3339
};

struct CustomResourceView {
  ObjectMeta meta;
  std::string annotations;  // JSON object of those with kLabelPrefix, sorted; "{}" without any
  std::string spec;         // JSON, as the server sent it
  std::vector<std::string> finalizers;
  Actor actor;  // of the latest change to anything but status; not in the fingerprint
};

void add_to(Fingerprint& fingerprint, const CustomResourceView& view);
Result<CustomResourceView> read_custom_resource(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s

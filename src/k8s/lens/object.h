// The lens for kinds of which only identity and drift matter: ServiceAccount, Role, Secret, ...
#pragma once

#include <string>
#include <string_view>

#include "k8s/lens/meta.h"

namespace annals::k8s {

struct ObjectView {
  ObjectMeta meta;
  std::string owned;  // see owned.h
};

void add_to(Fingerprint& fingerprint, const ObjectView& view);
Result<ObjectView> read_object_view(JsonReader& reader, std::string_view object);
// For Secrets: nothing of their data, neither values nor digests of values, gets out.
Result<ObjectView> read_secret(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s

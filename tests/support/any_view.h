// The least that a Reflector can be given, for tests and benchmarks: what any object is called, and
// its spec or data.
#pragma once

#include <string>
#include <string_view>

#include "k8s/lens/meta.h"
#include "lens/label.h"

namespace annals::k8s {

using lens::kLabelPrefix;  // of the labels that it reads

struct AnyView {
  ObjectMeta meta;
  std::string content;  // of `spec`, else of `data`, as JSON; empty without either
};

void add_to(Fingerprint& fingerprint, const AnyView& view);
Result<AnyView> read_any_view(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s

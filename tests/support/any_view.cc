#include "tests/support/any_view.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace annals::k8s {

void add_to(Fingerprint& fingerprint, const AnyView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.content);
}

Result<AnyView> read_any_view(JsonReader& reader, std::string_view object) {
  Result<ObjectMeta> meta = read_meta(reader, object, kLabelPrefix);
  if (!meta) return fail(std::move(meta).error());
  AnyView view{.meta = *std::move(meta), .content = {}};
  const nlohmann::json whole = nlohmann::json::parse(object, nullptr, false);
  for (const char* field : {"data", "spec"})
    if (whole.contains(field)) view.content = whole[field].dump();
  return view;
}

}  // namespace annals::k8s

#include "k8s/lens/object.h"

#include "k8s/lens/read_meta.ipp"

namespace annals::k8s {
namespace {

void take_field(ObjectView& view, std::string_view key, ondemand::value value) {
  if (key == "metadata") take_meta(value, view.meta);
}

}  // namespace

void add_to(Fingerprint& fingerprint, const ObjectView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.owned);
}

Result<ObjectView> read_object_view(JsonReader& reader, std::string_view object) {
  return read_owned_view<ObjectView>(reader, object, take_field);
}

Result<ObjectView> read_secret(JsonReader& reader, std::string_view object) {
  return read_owned_view<ObjectView>(reader, object, take_field, Content::kSecret);
}

}  // namespace annals::k8s

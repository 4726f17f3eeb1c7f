#include "k8s/lens/storage.h"

#include <utility>

#include "k8s/lens/read_meta.ipp"

namespace annals::k8s {
namespace {

void take_storage(std::string& quantity, ondemand::value list) {
  each_field(list, [&quantity](std::string_view key, ondemand::value value) {
    if (key == "storage") quantity = text_of(value);
  });
}

void take_condition(VolumeClaimView& claim, ondemand::value condition) {
  std::string type;
  std::string status;
  each_field(condition, [&](std::string_view key, ondemand::value value) {
    if (key == "type") type = text_of(value);
    if (key == "status") status = text_of(value);
  });
  claim.conditions.insert_or_assign(std::move(type), std::move(status));
}

void take_claim(VolumeClaimView& claim, std::string_view part, ondemand::value value) {
  if (part == "metadata") take_meta(value, claim.meta);
  each_field_of("spec", part, value, [&claim](std::string_view key, ondemand::value inner) {
    if (key == "volumeName") claim.volume = text_of(inner);
    if (key == "storageClassName") claim.storage_class = text_of(inner);
    each_field_of("resources", key, inner, [&claim](std::string_view kind, ondemand::value list) {
      if (kind == "requests") take_storage(claim.requested, list);
    });
  });
  each_field_of("status", part, value, [&claim](std::string_view key, ondemand::value inner) {
    if (key == "phase") claim.phase = text_of(inner);
    if (key == "capacity") take_storage(claim.capacity, inner);
    if (key != "conditions") return;
    each_element(inner, [&claim](ondemand::value condition) { take_condition(claim, condition); });
  });
}

}  // namespace

void add_to(Fingerprint& fingerprint, const VolumeClaimView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.owned).add(view.phase).add(view.volume).add(view.storage_class);
  fingerprint.add(view.requested).add(view.capacity).add(view.conditions);
}

Result<VolumeClaimView> read_volume_claim(JsonReader& reader, std::string_view object) {
  return read_owned_view<VolumeClaimView>(reader, object, take_claim);
}

}  // namespace annals::k8s

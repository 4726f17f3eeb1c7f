// The lens for PersistentVolumeClaims. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "k8s/lens/meta.h"

namespace annals::k8s {

struct VolumeClaimView {
  ObjectMeta meta;
  std::string owned;   // see owned.h
  std::string phase;   // "Pending", "Bound", "Lost"
  std::string volume;  // spec.volumeName
  std::string storage_class;
  std::string requested;                          // quantity, as written: "1Gi"
  std::string capacity;                           // quantity that the volume has
  std::map<std::string, std::string> conditions;  // type to status: "Resizing", "True"
};

void add_to(Fingerprint& fingerprint, const VolumeClaimView& view);
Result<VolumeClaimView> read_volume_claim(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s

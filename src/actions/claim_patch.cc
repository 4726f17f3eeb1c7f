#include "actions/claim_patch.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "fsm/model/kept_claim.h"

namespace annals::actions {
namespace {

using nlohmann::json;
namespace kept_claim = fsm::kept_claim;
using Patch = std::optional<std::string>;

std::string text_in(const json& metadata, const char* part, const char* name) {
  const json values = metadata.value(part, json::object());
  return values.value(name, std::string());
}

json owners_of(const json& metadata) { return metadata.value("ownerReferences", json::array()); }

bool is_owned_by(const json& metadata, const std::string& uid) {
  for (const json& owner : owners_of(metadata)) {
    if (owner.value("uid", "") == uid) return true;
  }
  return false;
}

// Only what was looked at is written.
Patch patch_of(const json& before, json metadata) {
  metadata["resourceVersion"] = before.at("resourceVersion");
  const json patch = {{"metadata", std::move(metadata)}};
  return patch.dump();
}

json without_owner(const json& metadata, const std::string& uid) {
  json owners = json::array();
  for (const json& owner : owners_of(metadata)) {
    if (owner.value("uid", "") != uid) owners.push_back(owner);
  }
  return owners;
}

// Somebody may have given it another time since: that stays.
Patch patch_to_keep(const json& metadata, const fsm::KeepClaim& intent) {
  const bool is_owned = is_owned_by(metadata, intent.of);
  const bool is_kept = text_in(metadata, "labels", kept_claim::kKeptForLabel) == intent.of;
  const bool is_led = text_in(metadata, "annotations", kept_claim::kLedAnnotation) == intent.of;
  if (!is_owned && (!is_kept || is_led == intent.led)) return std::nullopt;
  json annotations = json::object();
  if (intent.led) annotations[kept_claim::kLedAnnotation] = intent.of;
  if (!intent.led && is_led) annotations[kept_claim::kLedAnnotation] = nullptr;
  json changed = json::object();
  if (!is_kept) {
    annotations[kept_claim::kDeletedAnnotation] = intent.deleted_at;
    annotations[kept_claim::kUntilAnnotation] = intent.until;
    changed["labels"] = {{kept_claim::kKeptForLabel, intent.of}};
  }
  if (is_owned) changed["ownerReferences"] = without_owner(metadata, intent.of);
  changed["annotations"] = std::move(annotations);
  return patch_of(metadata, std::move(changed));
}

Result<Patch> patch_to_take_up(const json& metadata, const fsm::KeepClaim& intent,
                               const ClusterIdentity& cluster) {
  if (is_owned_by(metadata, cluster.uid.value())) return std::nullopt;
  const std::string name = metadata.at("name").get<std::string>();
  if (metadata.contains("deletionTimestamp"))
    return fail(Errc::kConflict, "PersistentVolumeClaim/", name, " is being deleted");
  if (text_in(metadata, "labels", kept_claim::kKeptForLabel) != intent.of ||
      !owners_of(metadata).empty())
    return fail(Errc::kConflict, "PersistentVolumeClaim/", name,
                " is no longer kept for the deleted cluster ", intent.of);
  const bool is_led = text_in(metadata, "annotations", kept_claim::kLedAnnotation) == intent.of;
  if (is_led != intent.led)
    return fail(Errc::kConflict, "PersistentVolumeClaim/", name, is_led ? " has" : " has not",
                " the data of the last leader of the deleted cluster ", intent.of);
  const json owner = {{"apiVersion", kept_claim::kOwnerApiVersion},
                      {"kind", kept_claim::kOwnerKind},
                      {"name", cluster.name},
                      {"uid", cluster.uid.value()},
                      {"controller", true},
                      {"blockOwnerDeletion", true}};
  return patch_of(
      metadata,
      {{"labels", {{kept_claim::kKeptForLabel, nullptr}}},
       {"annotations",
        {{kept_claim::kDeletedAnnotation, nullptr}, {kept_claim::kUntilAnnotation, nullptr}}},
       {"ownerReferences", json::array({owner})}});
}

}  // namespace

Result<Patch> claim_patch(std::string_view object, const fsm::KeepClaim& intent,
                          const ClusterIdentity& cluster) {
  try {
    const json metadata = json::parse(object).at("metadata");
    if (intent.kept) return patch_to_keep(metadata, intent);
    return patch_to_take_up(metadata, intent, cluster);
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read a volume claim: ", error.what());
  }
}

}  // namespace annals::actions

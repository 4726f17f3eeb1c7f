#include "spec/instances.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "spec/fields.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

bool is_tablespace_name(std::string_view text) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto lower_or_digit = [&](char c) { return lower(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && lower(text.front()) && std::ranges::all_of(text, lower_or_digit);
}

// A whole number from 0, or "0%" to "100%".
bool is_min_available(const Opaque& value) {
  if (value.empty()) return true;
  const Json json = Json::parse(value.json);
  if (json.is_number()) return json.get<std::int64_t>() >= 0;
  std::string text = json.get<std::string>();
  if (!text.ends_with('%')) return false;
  text.pop_back();
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, digit)) return false;
  return std::stoi(text) <= 100;
}

// Names of containers and their uniqueness are checked by Kubernetes; that they have one, here.
bool all_named(const Opaque& containers) {
  if (containers.empty()) return true;
  const auto named = [](const Json& item) {
    return item.is_object() && item.contains("name") && item["name"].is_string();
  };
  const Json list = Json::parse(containers.json);
  return std::all_of(list.begin(), list.end(), named);
}

}  // namespace

void describe(Fields& fields, TablespaceVolume& volume) {
  fields.require("name", "give the name of the tablespace");
  fields.text("name", volume.name);
  fields.check(!fields.has("name") || is_tablespace_name(volume.name), "name",
               "begin with a lower-case letter and use only lower-case letters and digits");
  fields.require("dataVolumeClaimSpec", "define the volume claim");
  fields.part("dataVolumeClaimSpec", volume.data_volume_claim_spec);
}

void describe(Fields& fields, InstanceVolumes& volumes) {
  fields.part("temp", volumes.temp);
  fields.not_yet("additional", volumes.additional);
}

void describe(Fields& fields, InstanceSidecars& sidecars) {
  fields.part("replicaCertCopy", sidecars.replica_cert_copy);
}

void describe(Fields& fields, InstanceSet& set) {
  fields.text("name", set.name);
  fields.check(set.name.empty() || is_dns_label(set.name), "name",
               "use lower-case letters, digits and inner dashes");
  fields.part("metadata", set.metadata);
  fields.number("replicas", set.replicas);
  fields.check(set.replicas >= 1, "replicas",
               "give 1 or more; to stop a cluster, set spec.shutdown");
  fields.number_or_text("minAvailable", set.min_available);
  fields.check(is_min_available(set.min_available), "minAvailable",
               "give a whole number from 0, or a percentage such as 50%");
  describe_resources(fields, set.resources);
  describe_scheduling(fields, set.scheduling, Spread::kYes);
  fields.require("dataVolumeClaimSpec", "define the volume claim of the data directory");
  fields.part("dataVolumeClaimSpec", set.data_volume_claim_spec);
  fields.part("walVolumeClaimSpec", set.wal_volume_claim_spec);
  fields.parts("tablespaceVolumes", set.tablespace_volumes, Keyed::kByName);
  fields.part("volumes", set.volumes);
  fields.part("sidecars", set.sidecars);
  fields.opaque("containers", set.containers, Shape::kArray);
  fields.check(all_named(set.containers), "containers", "give each container a name");
}

}  // namespace annals::spec

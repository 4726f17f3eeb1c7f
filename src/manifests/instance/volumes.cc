#include "manifests/instance/volumes.h"

#include "manifests/json.h"
#include "spec/quantity.h"

namespace annals::manifests {
namespace {

// spec.resources.requests of a claim; null where there is none.
const Json* requests_of(const Json& claim) {
  const Json* place = &claim;
  for (const char* name : {"spec", "resources", "requests"}) {
    place = place == nullptr ? nullptr : place->find(name);
  }
  return place;
}

}  // namespace

std::string requested_storage(const std::string& manifest) {
  const Json claim = Json::parse(manifest);
  const Json* requests = requests_of(claim);
  const Json* storage = requests == nullptr ? nullptr : requests->find("storage");
  if (storage == nullptr) return {};
  return storage->is_string() ? storage->text() : storage->dump();
}

bool chooses_volume(const std::string& claim_spec) {
  if (claim_spec.empty()) return false;
  const Json spec = Json::parse(claim_spec);
  return spec.find("volumeName") != nullptr || spec.find("selector") != nullptr;
}

std::string volume_chosen_by_name(const std::string& claim_spec) {
  if (claim_spec.empty()) return {};
  const Json spec = Json::parse(claim_spec);
  const Json* name = spec.find("volumeName");
  return name == nullptr || !name->is_string() ? std::string() : name->text();
}

std::optional<std::string> without_shrinking(const std::string& manifest,
                                             const std::string& requested) {
  const std::optional<std::int64_t> before = spec::quantity_value(requested);
  const std::optional<std::int64_t> wanted = spec::quantity_value(requested_storage(manifest));
  if (!before || !wanted || *wanted >= *before) return std::nullopt;
  Json claim = Json::parse(manifest);
  claim["spec"]["resources"]["requests"]["storage"] = requested;
  return canonical(claim);
}

}  // namespace annals::manifests

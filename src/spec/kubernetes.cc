#include "spec/kubernetes.h"

#include <nlohmann/json.hpp>

#include "base/concat.h"
#include "spec/fields.h"
#include "spec/quantity.h"

namespace annals::spec {
namespace {

constexpr std::string_view kQuantityCure = "give a quantity such as 500m, 2 or 1Gi";

bool is_quantity(const Json& value) {
  if (!value.is_string() && !value.is_number_integer()) return false;
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return quantity_value(text).has_value();
}

const Json* member(const Json& object, const std::string& name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

void check_quantities(Fields& fields, std::string_view name, const Json& resources) {
  for (const char* const kind : {"limits", "requests"}) {
    const Json* amounts = member(resources, kind);
    if (amounts == nullptr) continue;
    if (!amounts->is_object()) {
      fields.check(false, name, concat("make ", kind, " an object of quantities"));
      continue;
    }
    for (const auto& [resource, amount] : amounts->items()) {
      fields.check(is_quantity(amount), name, concat(kQuantityCure, " for ", kind, ".", resource));
    }
  }
}

// A quantity may be written as a number, but an API server of 1.20 takes none in an apply.
void write_quantities_as_text(Json& resources) {
  for (const char* const kind : {"limits", "requests"}) {
    const auto amounts = resources.find(kind);
    if (amounts == resources.end() || !amounts->is_object()) continue;
    for (Json& amount : *amounts) {
      if (amount.is_number_integer()) amount = amount.dump();
    }
  }
}

}  // namespace

void describe_resources(Fields& fields, Resources& resources) {
  fields.opaque("resources", resources.json, Shape::kObject);
  if (!fields.is_reading() || resources.json.empty()) return;
  Json amounts = Json::parse(resources.json.json);
  check_quantities(fields, "resources", amounts);
  write_quantities_as_text(amounts);
  resources.json.json = canonical(amounts);
}

void describe(Fields& fields, Sidecar& sidecar) { describe_resources(fields, sidecar.resources); }

void describe_scheduling(Fields& fields, Scheduling& scheduling, Spread spread) {
  fields.opaque("affinity", scheduling.affinity, Shape::kObject);
  fields.opaque("tolerations", scheduling.tolerations, Shape::kArray);
  fields.text("priorityClassName", scheduling.priority_class_name);
  if (spread == Spread::kYes) {
    fields.opaque("topologySpreadConstraints", scheduling.topology_spread_constraints,
                  Shape::kArray);
  }
}

namespace {

void check_claim(Fields& fields, const Json& claim) {
  const Json* modes = member(claim, "accessModes");
  fields.check(modes != nullptr && modes->is_array() && !modes->empty(), "accessModes",
               "name at least one access mode, usually ReadWriteOnce");
  const Json* resources = member(claim, "resources");
  const Json* requests = resources == nullptr ? nullptr : member(*resources, "requests");
  const Json* storage = requests == nullptr ? nullptr : member(*requests, "storage");
  fields.check(storage != nullptr, "resources.requests.storage",
               "set the size of the volume, such as 10Gi");
  if (resources != nullptr) check_quantities(fields, "resources", *resources);
}

}  // namespace

void describe(Fields& fields, VolumeClaim& claim) {
  fields.not_yet("autoGrow", claim.auto_grow);
  fields.rest(claim.json);
  if (!fields.is_reading()) return;
  Json claimed = claim.json.empty() ? Json::object() : Json::parse(claim.json.json);
  check_claim(fields, claimed);
  const auto resources = claimed.find("resources");
  if (resources == claimed.end() || !resources->is_object()) return;
  write_quantities_as_text(*resources);
  claim.json.json = canonical(claimed);
}

void describe(Fields& fields, TlsSecret& secret) {
  fields.text("name", secret.name);
  fields.check(!secret.name.empty(), "name", "name the Secret");
  fields.opaque("items", secret.items, Shape::kArray);
  fields.flag("optional", secret.optional);
}

}  // namespace annals::spec

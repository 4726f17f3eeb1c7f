#include "k8s/lens/custom_resource.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "k8s/lens/read_meta.ipp"

namespace annals::k8s {
namespace {

// An entry that holds only status was written by a controller, mostly by us.
void take_actor(Actor& latest, ondemand::value entry) {
  Actor actor;
  bool more_than_status = false;
  each_field(entry, [&](std::string_view key, ondemand::value value) {
    if (key == "manager") actor.manager = text_of(value);
    if (key == "operation") actor.operation = text_of(value);
    if (key == "time") actor.time = text_of(value);
    if (key != "fieldsV1") return;
    each_field(value, [&more_than_status](std::string_view field, ondemand::value) {
      more_than_status = more_than_status || field != "f:status";
    });
  });
  // RFC 3339 in UTC sorts as text.
  if (more_than_status && actor.time >= latest.time) latest = std::move(actor);
}

std::string annotations_of(ondemand::value annotations) {
  nlohmann::json ours = nlohmann::json::object();
  each_field(annotations, [&ours](std::string_view key, ondemand::value value) {
    if (key.starts_with(kLabelPrefix)) ours[std::string(key)] = text_of(value);
  });
  return ours.dump();
}

void take_custom_meta(CustomResourceView& view, std::string_view key, ondemand::value value) {
  if (key == "managedFields") {
    each_element(value, [&view](ondemand::value entry) { take_actor(view.actor, entry); });
  } else if (key == "annotations") {
    view.annotations = annotations_of(value);
  } else if (key == "finalizers") {
    each_element(value,
                 [&view](ondemand::value name) { view.finalizers.push_back(text_of(name)); });
  } else {
    (void)take_meta_field(key, value, view.meta);
  }
}

void take_custom_resource(CustomResourceView& view, std::string_view part, ondemand::value value) {
  each_field_of("metadata", part, value, [&view](std::string_view key, ondemand::value inner) {
    take_custom_meta(view, key, inner);
  });
  if (part == "spec") view.spec = raw_json(value);
}

}  // namespace

void add_to(Fingerprint& fingerprint, const CustomResourceView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.annotations).add(view.spec).add(view.finalizers);
}

Result<CustomResourceView> read_custom_resource(JsonReader& reader, std::string_view object) {
  Result<CustomResourceView> view =
      read_view<CustomResourceView>(reader, object, take_custom_resource);
  if (view && view->annotations.empty()) view->annotations = "{}";
  return view;
}

}  // namespace annals::k8s

#include "k8s/lens/recorded_resource.h"

#include <algorithm>
#include <utility>

#include "k8s/client/client.h"
#include "k8s/lens/canonical_json.ipp"
#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

std::string text_or_none(dom::element object, std::string_view name) {
  dom::element found;
  if (object.at_key(name).get(found) != simdjson::SUCCESS) return {};
  return std::string(std::string_view(found));
}

// An annotation of ours is a command, as much as the spec.
bool is_command(std::string_view field) {
  return field.starts_with("f:postgres-operator.crunchydata.com/");
}

bool wrote_what_is_asked_for(dom::element entry) {
  dom::element spec;
  if (entry["fieldsV1"]["f:spec"].get(spec) == simdjson::SUCCESS) return true;
  dom::object annotations;
  const auto error = entry["fieldsV1"]["f:metadata"]["f:annotations"].get(annotations);
  return error == simdjson::SUCCESS &&
         std::ranges::any_of(annotations, [](const auto& field) { return is_command(field.key); });
}

void take_writer(Actor& latest, dom::element entry) {
  if (!wrote_what_is_asked_for(entry)) return;
  Actor actor{text_or_none(entry, "manager"), text_or_none(entry, "operation"),
              text_or_none(entry, "time")};
  if (actor.manager == kFieldManager || actor.time < latest.time) return;
  latest = std::move(actor);
}

void append_annotations(std::string& text, dom::element metadata) {
  text += '{';
  const char* separator = "";
  dom::object annotations;
  if (metadata["annotations"].get(annotations) == simdjson::SUCCESS) {
    for (const auto& [name, value] : sorted_fields(annotations)) {
      if (name == kLastApplied) continue;
      text += separator;
      append_json_string(text, name);
      text += ':';
      append_canonical_json(text, value);
      separator = ",";
    }
  }
  text += '}';
}

std::string text_of_resource(dom::element root, dom::element metadata) {
  std::string text = R"({"metadata":{"annotations":)";
  append_annotations(text, metadata);
  text += R"(,"name":)";
  append_canonical_json(text, metadata["name"]);
  text += R"(,"namespace":)";
  append_canonical_json(text, metadata["namespace"]);
  text += R"(},"spec":)";
  dom::element spec;
  if (root["spec"].get(spec) == simdjson::SUCCESS) {
    append_canonical_json(text, spec);
  } else {
    text += "{}";
  }
  return text += '}';
}

}  // namespace

Result<RecordedResource> read_recorded_resource(JsonReader& reader, std::string_view object) {
  Result<ObjectMeta> meta = read_meta(reader, object);
  if (!meta) return fail(std::move(meta).error());
  RecordedResource resource{
      .meta = *std::move(meta), .finalizers = {}, .text = {}, .spec_writer = {}};
  try {
    const dom::element root = reader.scratch().dom.parse(object.data(), object.size());
    const dom::element metadata = root["metadata"];
    resource.text = text_of_resource(root, metadata);
    dom::array finalizers;
    if (metadata["finalizers"].get(finalizers) == simdjson::SUCCESS) {
      for (const dom::element name : finalizers) {
        resource.finalizers.emplace_back(std::string_view(name));
      }
    }
    dom::array entries;
    if (metadata["managedFields"].get(entries) == simdjson::SUCCESS) {
      for (const dom::element entry : entries) take_writer(resource.spec_writer, entry);
    }
    return resource;
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "malformed JSON: ", thrown.what());
  }
}

}  // namespace annals::k8s

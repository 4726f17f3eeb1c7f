#include "actions/owned_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/sha256.h"

namespace annals::actions {
namespace {

using nlohmann::json;

constexpr std::string_view kManager = "annals";

// The element of a list that a key such as k:{"name":"postgres"} stands for; null when there is
// none.
const json* element_of(const json& list, const json& key) {
  if (!list.is_array()) return nullptr;
  for (const json& element : list) {
    const bool same =
        element.is_object() && std::ranges::all_of(key.items(), [&](const auto& part) {
          return element.contains(part.key()) && element.at(part.key()) == part.value();
        });
    if (same) return &element;
  }
  return nullptr;
}

// "f:NAME" is a member, "k:{...}" an element by its keys, "v:VALUE" an element by its value, "."
// the thing itself.
json select(const json& fields, const json& value) {
  if (fields.empty()) return value;
  json chosen = json::object();
  for (const auto& [path, inner] : fields.items()) {
    const std::string rest = path.size() > 2 ? path.substr(2) : std::string();
    if (path.starts_with("f:")) {
      if (value.is_object() && value.contains(rest)) chosen[path] = select(inner, value.at(rest));
    } else if (path.starts_with("k:")) {
      const json* element = element_of(value, json::parse(rest));
      if (element != nullptr) chosen[path] = select(inner, *element);
    } else if (path.starts_with("v:")) {
      const json wanted = json::parse(rest);
      if (value.is_array() && std::ranges::find(value, wanted) != value.end()) chosen[path] = true;
    }
  }
  return chosen;
}

bool is_ours(const json& entry) {
  return entry.value("manager", "") == kManager && entry.value("operation", "") == "Apply" &&
         entry.value("subresource", "").empty();
}

void add_field(Written& written, const json& object, const char* name, const char* pointer) {
  const json::json_pointer place(pointer);
  if (!object.contains(place)) return;
  const json& value = object.at(place);
  written.fields[name] = value.is_string() ? value.get<std::string>() : value.dump();
}

// A Job has ended when it says so by one of these.
void add_job_end(Written& written, const json& object) {
  const json::json_pointer place("/status/conditions");
  if (!object.contains(place)) return;
  for (const json& condition : object.at(place)) {
    if (condition.value("status", "") != "True") continue;
    if (condition.value("type", "") == "Complete") written.fields["complete"] = "true";
    if (condition.value("type", "") == "Failed")
      written.fields["failed"] = condition.value("message", "true");
  }
}

// Where Patroni keeps its state; it writes the same configuration again with other whitespace.
void add_patroni_state(Written& written, const json& object) {
  add_field(written, object, "initialize", "/metadata/annotations/initialize");
  const json::json_pointer place("/metadata/annotations/config");
  if (object.contains(place) && object.at(place).is_string())
    written.fields["config"] = digest_of_json(object.at(place).get<std::string>());
}

OwnedObject read(const json& object) {
  OwnedObject owned;
  const json& metadata = object.at("metadata");
  owned.written.uid = metadata.at("uid").get<std::string>();
  for (const json& entry : metadata.value("managedFields", json::array())) {
    if (is_ours(entry)) {
      owned.written.digest = sha256_hex(select(entry.at("fieldsV1"), object).dump());
    } else if (entry.value("time", "") >= owned.last_writer.time &&
               entry.value("manager", "") != kManager) {
      owned.last_writer = {.manager = entry.value("manager", ""),
                           .operation = entry.value("operation", ""),
                           .time = entry.value("time", "")};
    }
  }
  const std::string kind = object.value("kind", "");
  if (kind == "Job") add_job_end(owned.written, object);
  if (kind == "Endpoints") add_patroni_state(owned.written, object);
  add_field(owned.written, object, "clusterIP", "/spec/clusterIP");
  add_field(owned.written, object, "instance-set",
            "/metadata/labels/postgres-operator.crunchydata.com~1instance-set");
  return owned;
}

}  // namespace

Result<OwnedObject> read_owned_object(std::string_view object) {
  try {
    return read(json::parse(object));
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read an object: ", error.what());
  }
}

std::string digest_of_json(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return {};
  return sha256_hex(document.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace annals::actions

#include "k8s/lens/applied.h"

#include <algorithm>
#include <utility>

#include "base/sha256.h"
#include "k8s/client/client.h"
#include "k8s/lens/canonical_json.ipp"
#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {
namespace {

namespace dom = simdjson::dom;

constexpr int kDepthMax = 64;

std::optional<dom::element> member(dom::element value, std::string_view name) {
  dom::element found;
  if (!value.is_object() || dom::object(value).at_key(name).get(found) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return found;
}

std::string canonical(dom::element value) {
  std::string text;
  append_canonical_json(text, value);
  return text;
}

bool equal(dom::element a, dom::element b) { return canonical(a) == canonical(b); }

// Text of a member; empty where it is absent. An error where it is anything else.
std::string member_text(dom::element value, std::string_view name) {
  const std::optional<dom::element> found = member(value, name);
  return found ? std::string(std::string_view(*found)) : std::string();
}

bool is_empty(dom::element fields) {
  if (fields.is_object()) return dom::object(fields).size() == 0;
  if (fields.is_array()) return dom::array(fields).size() == 0;
  return fields.is_null();
}

// Writes the values of `value` that `fields` names, as canonical JSON.
class Selection {
 public:
  explicit Selection(dom::parser& keys) : keys_(keys) {}

  void select(dom::element fields, dom::element value, int depth) {
    if (depth > kDepthMax) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
    if (is_empty(fields)) {
      append_canonical_json(text_, value);
      return;
    }
    text_ += '{';
    bool first = true;
    for (const auto& [path, inner] : sorted_fields(dom::object(fields))) {
      const std::string_view name = path.size() > 2 ? path.substr(2) : std::string_view();
      if (path.starts_with("f:")) {
        const std::optional<dom::element> found = member(value, name);
        if (!found) continue;
        begin(path, first);
        select(inner, *found, depth + 1);
      } else if (path.starts_with("k:")) {
        const std::optional<dom::element> found = element_of(value, name);
        if (!found) continue;
        begin(path, first);
        select(inner, *found, depth + 1);
      } else if (path.starts_with("v:")) {
        if (!has_value(value, name)) continue;
        begin(path, first);
        text_ += "true";
      }
    }
    text_ += '}';
  }

  const std::string& text() const { return text_; }

 private:
  void begin(std::string_view path, bool& first) {
    if (!std::exchange(first, false)) text_ += ',';
    append_json_string(text_, path);
    text_ += ':';
  }

  // The element of a list that a key such as {"name":"postgres"} stands for.
  std::optional<dom::element> element_of(dom::element list, std::string_view key) {
    const dom::element wanted = keys_.parse(key.data(), key.size());
    if (!list.is_array()) return std::nullopt;
    for (const dom::element element : dom::array(list)) {
      if (element.is_object() && has_all(element, dom::object(wanted))) return element;
    }
    return std::nullopt;
  }

  static bool has_all(dom::element element, dom::object wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [element](const dom::key_value_pair& part) {
      const std::optional<dom::element> found = member(element, part.key);
      return found && equal(*found, part.value);
    });
  }

  bool has_value(dom::element list, std::string_view text) {
    const dom::element wanted = keys_.parse(text.data(), text.size());
    if (!list.is_array()) return false;
    const dom::array elements(list);
    return std::any_of(elements.begin(), elements.end(),
                       [wanted](dom::element element) { return equal(element, wanted); });
  }

  dom::parser& keys_;
  std::string text_;
};

bool is_ours(dom::element entry) {
  return member_text(entry, "manager") == kFieldManager &&
         member_text(entry, "operation") == "Apply" && member_text(entry, "subresource").empty();
}

// Controllers write status again and again; whoever wrote that alone has undone nothing of ours.
bool wrote_status_alone(dom::element entry) {
  dom::object fields;
  if (entry["fieldsV1"].get(fields) != simdjson::SUCCESS) return false;
  return fields.size() == 1 && (*fields.begin()).key == "f:status";
}

void take_entry(AppliedView& view, dom::element entry, dom::element root, dom::parser& keys) {
  if (is_ours(entry)) {
    Selection ours(keys);
    ours.select(entry["fieldsV1"], root, 0);
    view.digest = sha256_hex(ours.text());
    return;
  }
  Actor actor{member_text(entry, "manager"), member_text(entry, "operation"),
              member_text(entry, "time")};
  // RFC 3339 in UTC sorts as text.
  if (actor.time < view.last_writer.time || actor.manager == kFieldManager) return;
  if (wrote_status_alone(entry)) return;
  view.last_writer = std::move(actor);
}

std::optional<std::string> text_at(dom::element root,
                                   std::initializer_list<std::string_view> path) {
  std::optional<dom::element> place = root;
  for (const std::string_view name : path) {
    if (place) place = member(*place, name);
  }
  if (!place) return std::nullopt;
  return place->is_string() ? std::string(std::string_view(*place)) : canonical(*place);
}

// The StatefulSet's status speaks of the template only when it has caught up with the spec.
std::optional<std::string> revision_of(dom::element root) {
  const std::optional<std::string> wanted = text_at(root, {"metadata", "generation"});
  const std::optional<std::string> seen = text_at(root, {"status", "observedGeneration"});
  if (!wanted || wanted != seen) return std::nullopt;
  return text_at(root, {"status", "updateRevision"});
}

void take_condition(AppliedView& view, dom::element condition) {
  if (member_text(condition, "status") != "True") return;
  const std::string type = member_text(condition, "type");
  if (type.contains("Resiz")) view.resize += (view.resize.empty() ? "" : " ") + type;
  // SuccessCriteriaMet and FailureTarget come first, in writes of their own, while its pods still
  // end.
  if (type == "Complete") view.complete = true;
  if (type != "Failed") return;
  view.failed = member(condition, "message") ? member_text(condition, "message") : "true";
}

void take_conditions(AppliedView& view, dom::element root) {
  const std::optional<dom::element> status = member(root, "status");
  const std::optional<dom::element> conditions = status ? member(*status, "conditions") : status;
  if (!conditions) return;
  for (const dom::element condition : dom::array(*conditions)) take_condition(view, condition);
}

// A CronJob has the labels of its Jobs, but no time at which it started.
void take_backup_job(AppliedView& view, dom::element root) {
  view.request = text_at(
      root, {"metadata", "annotations", "postgres-operator.crunchydata.com/pgbackrest-backup"});
  view.start_time = text_at(root, {"status", "startTime"});
  if (view.start_time) {
    view.schedule = text_at(
        root, {"metadata", "labels", "postgres-operator.crunchydata.com/pgbackrest-cronjob"});
  }
  if (view.start_time || view.request) {
    view.active = text_at(root, {"status", "active"});
    view.succeeded = text_at(root, {"status", "succeeded"});
    view.failures = text_at(root, {"status", "failed"});
  }
  if (!view.request && !view.schedule) return;
  view.repo =
      text_at(root, {"metadata", "labels", "postgres-operator.crunchydata.com/pgbackrest-repo"});
  view.completion_time = text_at(root, {"status", "completionTime"});
}

void take_patroni_state(AppliedView& view, dom::element metadata, JsonReader& reader) {
  const std::optional<dom::element> annotations = member(metadata, "annotations");
  if (!annotations) return;
  view.initialize = text_at(*annotations, {"initialize"});
  view.leader = text_at(*annotations, {"leader"});
  const std::optional<dom::element> config = member(*annotations, "config");
  if (!config || !config->is_string()) return;
  const std::string_view text(*config);
  dom::element value;
  if (reader.scratch().keys.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) {
    view.config = std::string();
    return;
  }
  view.config = sha256_hex(canonical(value));
  view.failsafe = text_at(value, {"failsafe_mode"});
}

// A certificate is public; its key, beside it, is not looked at.
void take_authority(AppliedView& view, dom::element root) {
  const std::optional<std::string> certificate = text_at(root, {"data", "root.crt"});
  if (certificate) view.authority = sha256_hex(*certificate);
}

}  // namespace

std::string digest_of_json(JsonReader& reader, std::string_view text) {
  dom::element value;
  if (reader.scratch().keys.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) {
    return {};
  }
  return sha256_hex(canonical(value));
}

Result<AppliedView> read_applied(JsonReader& reader, std::string_view object) {
  try {
    const dom::element root = reader.scratch().dom.parse(object.data(), object.size());
    const dom::element metadata = root["metadata"];
    AppliedView view;
    view.uid = std::string_view(metadata["uid"]);
    view.resource_version = member_text(metadata, "resourceVersion");
    if (const std::optional<dom::element> entries = member(metadata, "managedFields")) {
      for (const dom::element entry : dom::array(*entries)) {
        take_entry(view, entry, root, reader.scratch().keys);
      }
    }
    view.cluster_ip = text_at(root, {"spec", "clusterIP"});
    view.instance_set =
        text_at(root, {"metadata", "labels", "postgres-operator.crunchydata.com/instance-set"});
    view.instance =
        text_at(root, {"metadata", "labels", "postgres-operator.crunchydata.com/instance"});
    view.revision = revision_of(root);
    view.requested = text_at(root, {"spec", "resources", "requests", "storage"});
    view.capacity = text_at(root, {"status", "capacity", "storage"});
    take_conditions(view, root);
    take_backup_job(view, root);
    take_patroni_state(view, metadata, reader);
    take_authority(view, root);
    return view;
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "malformed JSON: ", thrown.what());
  }
}

}  // namespace annals::k8s

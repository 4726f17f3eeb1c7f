#include "k8s/lens/managed_fields.ipp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/sha256.h"
#include "k8s/client/client.h"
#include "k8s/lens/canonical_json.ipp"
#include "k8s/lens/dom.ipp"

namespace annals::k8s {
namespace {

namespace dom = simdjson::dom;

constexpr int kManagedDepthMax = 64;

std::string canonical(dom::element value) {
  std::string text;
  append_canonical_json(text, value);
  return text;
}

bool equal(dom::element a, dom::element b) { return canonical(a) == canonical(b); }

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
    if (depth > kManagedDepthMax) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
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

void take_entry(ManagedFields& seen, dom::element entry, dom::element root, dom::parser& keys) {
  if (is_ours(entry)) {
    Selection ours(keys);
    ours.select(entry["fieldsV1"], root, 0);
    seen.digest = sha256_hex(ours.text());
    return;
  }
  Actor actor{member_text(entry, "manager"), member_text(entry, "operation"),
              member_text(entry, "time")};
  // RFC 3339 in UTC sorts as text.
  if (actor.time < seen.last_writer.time || actor.manager == kFieldManager) return;
  if (wrote_status_alone(entry)) return;
  seen.last_writer = std::move(actor);
}

}  // namespace

ManagedFields read_managed_fields(dom::element object, dom::parser& keys) {
  ManagedFields seen;
  const std::optional<dom::element> entries = element_at(object, {"metadata", "managedFields"});
  if (!entries) return seen;
  for (const dom::element entry : dom::array(*entries)) take_entry(seen, entry, object, keys);
  return seen;
}

}  // namespace annals::k8s

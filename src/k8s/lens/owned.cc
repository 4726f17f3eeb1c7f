#include "k8s/lens/owned.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "k8s/client.h"
#include "k8s/json_scratch.ipp"
#include "k8s/lens/fingerprint.h"

namespace annals::k8s {
namespace {

namespace dom = simdjson::dom;

constexpr int kDepthMax = 64;

// Fields of an object in the order of their names, whatever order they came in.
std::vector<std::pair<std::string_view, dom::element>> sorted(dom::object object) {
  std::vector<std::pair<std::string_view, dom::element>> fields;
  for (const auto field : object) fields.emplace_back(field.key, field.value);
  std::ranges::sort(fields, {}, &std::pair<std::string_view, dom::element>::first);
  return fields;
}

void append_canonical(std::string& text, dom::element value, int depth) {
  if (depth > kDepthMax) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
  if (value.is_object()) {
    text += '{';
    for (const auto& [key, inner] : sorted(dom::object(value))) {
      text += concat(key.size(), ':', key);
      append_canonical(text, inner, depth + 1);
    }
    text += '}';
  } else if (value.is_array()) {
    text += '[';
    for (const dom::element inner : dom::array(value)) append_canonical(text, inner, depth + 1);
    text += ']';
  } else if (value.is_string()) {
    const std::string_view content = value;
    text += concat('"', content.size(), ':', content);
  } else {
    text += simdjson::minify(value);
    text += ',';
  }
}

std::string canonical(dom::element value) {
  std::string text;
  append_canonical(text, value, 0);
  return text;
}

class OwnedWalk {
 public:
  OwnedWalk(dom::parser& keys, Content content) : keys_(keys), content_(content) {}

  // `fields` are those of one manager, `value` what stands in the object there, if anything.
  void walk(dom::object fields, std::optional<dom::element> value, int depth) {
    if (depth > kDepthMax) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
    for (const auto& [key, below] : sorted(fields)) {
      if (depth == 0 && key == "f:status") continue;  // never ours to keep
      fingerprint_.add(key);
      const std::optional<dom::element> inner = key == "." ? value : child(value, key);
      fingerprint_.add(inner.has_value());
      if (!inner) continue;
      const bool secret =
          content_ == Content::kSecret && depth == 0 && (key == "f:data" || key == "f:stringData");
      const dom::object deeper = below;
      if (secret) {
        add_names(*inner);
      } else if (deeper.size() > 0) {
        walk(deeper, inner, depth + 1);
      } else if (key != ".") {
        fingerprint_.add(canonical(*inner));
      }
    }
  }

  std::string hex() const { return to_string(fingerprint_.digest()); }

 private:
  void add_names(dom::element data) {
    if (!data.is_object()) return;
    for (const auto& [name, value] : sorted(dom::object(data))) fingerprint_.add(name);
  }

  // "f:NAME" is a field, `k:{"port":1}` the element of a list with these keys, `v:"x"` the element
  // of a set, "i:N" a position.
  std::optional<dom::element> child(std::optional<dom::element> value, std::string_view key) {
    if (!value || key.size() < 2 || key[1] != ':') return std::nullopt;
    const std::string_view name = key.substr(2);
    if (key[0] == 'f') {
      dom::element found;
      if (value->is_object() && dom::object(*value).at_key(name).get(found) == simdjson::SUCCESS)
        return found;
      return std::nullopt;
    }
    if (!value->is_array()) return std::nullopt;
    const dom::element wanted = keys_.parse(name.data(), name.size());
    std::int64_t position = 0;
    for (const dom::element element : dom::array(*value)) {
      if (key[0] == 'k' && has_keys(element, wanted)) return element;
      if (key[0] == 'v' && canonical(element) == canonical(wanted)) return element;
      if (key[0] == 'i' && wanted.is_int64() && std::int64_t(wanted) == position) return element;
      ++position;
    }
    return std::nullopt;
  }

  static bool has_keys(dom::element element, dom::element wanted) {
    if (!element.is_object() || !wanted.is_object()) return false;
    for (const auto field : dom::object(wanted)) {
      dom::element found;
      if (dom::object(element).at_key(field.key).get(found) != simdjson::SUCCESS) return false;
      if (canonical(found) != canonical(field.value)) return false;
    }
    return true;
  }

  dom::parser& keys_;
  Content content_;
  Fingerprint fingerprint_;
};

bool ours(dom::element entry) {
  const auto is = [entry](std::string_view name, std::string_view expected) {
    std::string_view text;
    const auto got = entry[name].get(text);
    return got == simdjson::SUCCESS ? text == expected : expected.empty();
  };
  return is("manager", kFieldManager) && is("operation", "Apply") && is("subresource", "");
}

}  // namespace

Result<std::string> owned_digest(JsonReader& reader, std::string_view object, Content content) {
  try {
    const dom::element root = reader.scratch().dom.parse(object.data(), object.size());
    OwnedWalk walk(reader.scratch().keys, content);
    dom::array entries;
    if (root["metadata"]["managedFields"].get(entries) != simdjson::SUCCESS) return std::string();
    bool any = false;
    for (const dom::element entry : entries) {
      if (!ours(entry)) continue;
      any = true;
      walk.walk(dom::object(entry["fieldsV1"]), root, 0);
    }
    return any ? walk.hex() : std::string();
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "malformed JSON: ", thrown.what());
  }
}

}  // namespace annals::k8s

#include "tests/scenario/resource.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/concat.h"

namespace annals::scenario {
namespace {

using manifests::Json;

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// A word that nobody has put in quotation marks.
Json plain(const std::string& word) {
  if (word == "true" || word == "false") return word == "true";
  if (word == "null" || word == "~") return {};
  if (const std::optional<std::int64_t> number = number_in(word)) return *number;
  return word;
}

Json json_of(const YAML::Node& node) {
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const YAML::Node& item : node) list.push_back(json_of(item));
    return list;
  }
  if (node.IsMap()) {
    Json object = Json::object();
    for (const auto& member : node) object[member.first.as<std::string>()] = json_of(member.second);
    return object;
  }
  if (!node.IsScalar()) return {};
  return node.Tag() == "?" ? plain(node.Scalar()) : Json(node.Scalar());
}

// "a.b[0]" to a, b, [0].
std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == '.' || c == '[') steps.emplace_back();
    if (c != '.' && c != ']') steps.back() += c;
  }
  return steps;
}

// The place that a step leads to; null where it cannot.
Json* step_into(Json& from, std::string_view step) {
  if (!step.starts_with('[')) {
    if (!from.is_null() && !from.is_object()) return nullptr;
    return &from[step];
  }
  const std::optional<std::int64_t> place = number_in(step.substr(1));
  if (from.is_null()) from = Json::array();
  if (!place || !from.is_array() || *place < 0 || *place > static_cast<std::int64_t>(from.size()))
    return nullptr;
  if (*place == static_cast<std::int64_t>(from.size())) from.push_back({});
  return &from[*place];
}

}  // namespace

Result<Json> read_yaml(const std::string& path) {
  try {
    return json_of(YAML::LoadFile(path));
  } catch (const YAML::BadFile&) {
    return fail(Errc::kNotFound, "there is no ", path, ": write it, or name another file");
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInvalid, path, " is no YAML (", error.what(), "): correct it");
  }
}

Result<Json> patched(Json resource, std::string_view path, std::string_view value) {
  std::vector<std::string> steps = steps_of(path);
  const std::string last = std::move(steps.back());
  steps.pop_back();
  Json* at = &resource;
  for (const std::string& step : steps) {
    at = step_into(*at, step);
    if (at == nullptr)
      return fail(Errc::kInvalid, path, " leads through ", step,
                  ", which is no such object or list: correct the path");
  }
  if (value == "null" && at->is_object()) {
    at->erase(last);
    return resource;
  }
  Json* place = step_into(*at, last);
  if (place == nullptr)
    return fail(Errc::kInvalid, path, " has no place for ", last, ": correct the path");
  const bool is_structure = value.starts_with('{') || value.starts_with('[');
  *place = is_structure ? json_of(YAML::Load(std::string(value))) : plain(std::string(value));
  return resource;
}

Json annotated(Json resource, const std::string& name, const std::string& value) {
  const std::string ours = concat("postgres-operator.crunchydata.com/", name);
  resource["metadata"]["annotations"][name.contains('/') ? name : ours] = value;
  return resource;
}

}  // namespace annals::scenario

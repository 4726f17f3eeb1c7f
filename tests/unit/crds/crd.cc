#include "tests/unit/crds/crd.h"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>

namespace annals::crds {
namespace {

using nlohmann::json;

json scalar(const YAML::Node& node) {
  if (node.Tag() == "!") return node.Scalar();  // it was quoted
  bool flag = false;
  if (YAML::convert<bool>::decode(node, flag)) return flag;
  std::int64_t number = 0;
  if (YAML::convert<std::int64_t>::decode(node, number)) return number;
  return node.Scalar();
}

bool is_open(const json& schema) {
  return schema.value("x-kubernetes-preserve-unknown-fields", false);
}

void collect(const json& schema, const std::string& path, std::set<std::string>& paths) {
  if (!path.empty()) paths.insert(path);
  if (schema.contains("items")) collect(schema.at("items"), path + "[]", paths);
  if (!schema.contains("properties")) return;
  for (const auto& [name, field] : schema.at("properties").items())
    collect(field, path.empty() ? name : path + "." + name, paths);
}

}  // namespace

json to_json(const YAML::Node& node) {
  if (node.IsSequence()) {
    json list = json::array();
    for (const YAML::Node& item : node) list.push_back(to_json(item));
    return list;
  }
  if (!node.IsMap()) return scalar(node);
  json object = json::object();
  for (const auto& entry : node) object[entry.first.Scalar()] = to_json(entry.second);
  return object;
}

json read_crd(const std::string& plural) {
  return to_json(YAML::LoadFile(ANNALS_SOURCE_DIR "/crds/postgres-operator.crunchydata.com_" +
                                plural + ".yaml"));
}

const json& schema_of(const json& crd) {
  return crd.at("/spec/versions/0/schema/openAPIV3Schema"_json_pointer);
}

std::set<std::string> paths_of(const json& schema) {
  std::set<std::string> paths;
  collect(schema, "", paths);
  return paths;
}

bool takes(const json& schema, const std::string& path) {
  if (path.empty()) return true;
  if (path.starts_with("[]"))
    return schema.contains("items") && takes(schema.at("items"), path.substr(2));
  const std::size_t begin = path.starts_with('.') ? 1 : 0;
  const std::size_t end = std::min(path.find_first_of(".[", begin), path.size());
  const std::string name = path.substr(begin, end - begin);
  if (schema.contains("properties") && schema.at("properties").contains(name))
    return takes(schema.at("properties").at(name), path.substr(end));
  return is_open(schema) || schema.contains("additionalProperties");
}

json example_of(const json& schema) {
  if (schema.contains("enum")) return schema.at("enum").front();
  const std::string type = schema.value("type", "int-or-string");
  if (type == "boolean") return true;
  if (type == "integer") return schema.value("minimum", 1);
  if (type == "array") return json::array({example_of(schema.at("items"))});
  if (type != "object") return "1";
  json object = json::object();
  if (schema.contains("additionalProperties"))
    object["key"] = example_of(schema.at("additionalProperties"));
  if (!schema.contains("properties")) return object;
  for (const auto& [name, field] : schema.at("properties").items())
    object[name] = example_of(field);
  return object;
}

std::string without_numbers(const std::string& path) {
  std::string plain;
  bool inside = false;
  for (const char c : path) {
    if (c == ']') inside = false;
    if (!inside) plain += c;
    if (c == '[') inside = true;
  }
  return plain;
}

}  // namespace annals::crds

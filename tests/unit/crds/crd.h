// A committed CustomResourceDefinition, for tests: its schema by paths, and a resource that uses
// all of it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

namespace YAML {
class Node;
}

namespace annals::crds {

/// A document as an API server would take it.
nlohmann::json to_json(const YAML::Node& node);

/// The file `crds/postgres-operator.crunchydata.com_PLURAL.yaml`.
nlohmann::json read_crd(const std::string& plural);

/// The schema of its one version.
const nlohmann::json& schema_of(const nlohmann::json& crd);

/// Every field that the schema names: "spec.instances[].name".
std::set<std::string> paths_of(const nlohmann::json& schema);

/// Whether the schema takes a field at this path, "[]" standing for the items of a list: it names
/// it, or a map or an open object holds it.
bool takes(const nlohmann::json& schema, const std::string& path);

/// A value that has every field of the schema, each of the right type.
nlohmann::json example_of(const nlohmann::json& schema);

/// The path without its numbers: "spec.instances[0].name" becomes "spec.instances[].name".
std::string without_numbers(const std::string& path);

}  // namespace annals::crds

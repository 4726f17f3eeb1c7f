// A resource to make wrong: the smallest good one, and one with a change.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "spec/postgres_cluster.h"

namespace annals::spec {

// {"metadata": ..., "spec": ...} without mistakes.
nlohmann::json good_resource();
// The good one with `value` at the JSON pointer `place` below spec.
nlohmann::json with(const std::string& place, const nlohmann::json& value);
// A claim that has all it needs.
nlohmann::json good_claim();

// The mistakes as people see them.
std::vector<std::string> mistakes_in(const nlohmann::json& resource);
// The fields without effect as people see them.
std::vector<std::string> unused_in(const nlohmann::json& resource);
// The cluster of a resource that has no mistakes.
PostgresCluster cluster_from(const nlohmann::json& resource);

}  // namespace annals::spec

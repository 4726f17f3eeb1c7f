#include "tests/unit/spec/resource.h"

#include "base/assert.h"

namespace annals::spec {

using nlohmann::json;

json good_claim() {
  return json::parse(
      R"({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}})");
}

json good_resource() {
  json resource = json::parse(R"({
    "apiVersion": "postgres-operator.crunchydata.com/v1beta1",
    "kind": "PostgresCluster",
    "metadata": {"name": "hippo", "namespace": "zoo", "uid": "abc"},
    "spec": {"postgresVersion": 15, "instances": [{"name": "instance1"}]}})");
  resource["spec"]["instances"][0]["dataVolumeClaimSpec"] = good_claim();
  return resource;
}

json with(const std::string& place, const json& value) {
  json resource = good_resource();
  resource[json::json_pointer("/spec" + place)] = value;
  return resource;
}

std::vector<std::string> mistakes_in(const json& resource) {
  std::vector<std::string> texts;
  for (const Mistake& mistake : read_postgres_cluster(resource.dump()).findings.mistakes) {
    texts.push_back(to_string(mistake));
  }
  return texts;
}

std::vector<std::string> unused_in(const json& resource) {
  std::vector<std::string> texts;
  for (const UnusedField& unused : read_postgres_cluster(resource.dump()).findings.unused) {
    texts.push_back(to_string(unused));
  }
  return texts;
}

PostgresCluster cluster_from(const json& resource) {
  Result<PostgresCluster> cluster = parse_postgres_cluster(resource.dump());
  ANNALS_ASSERT(cluster.has_value(), cluster.error().detail);
  return *std::move(cluster);
}

}  // namespace annals::spec

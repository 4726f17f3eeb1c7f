// Manifests of clusters in the documents, as they would be typed: the operator finds no mistake in
// them and no field without effect, and the CRD has all of their fields.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "spec/postgres_cluster.h"
#include "tests/unit/crds/crd.h"

namespace annals::crds {
namespace {

namespace files = std::filesystem;

constexpr std::string_view kIndent = "    ";

// Indented blocks that begin with an API version; each may hold several documents.
std::vector<std::string> manifests_in(const files::path& document) {
  std::vector<std::string> found;
  std::ifstream in(document);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    const bool begins = line.starts_with("    apiVersion: postgres-operator.crunchydata.com");
    if (begins && !inside) found.emplace_back();
    inside = begins || (inside && (line.empty() || line.starts_with(kIndent)));
    if (inside && !line.empty()) found.back() += line.substr(kIndent.size()) + "\n";
  }
  return found;
}

void expect_works(const YAML::Node& manifest) {
  if (manifest["kind"].Scalar() != "PostgresCluster") return;
  nlohmann::json resource = to_json(manifest);
  resource["metadata"]["namespace"] = "zoo";
  const spec::Reading reading = spec::read_postgres_cluster(resource.dump());
  for (const spec::Mistake& mistake : reading.findings.mistakes)
    ADD_FAILURE() << spec::to_string(mistake);
  for (const spec::UnusedField& unused : reading.findings.unused)
    ADD_FAILURE() << spec::to_string(unused);
}

TEST(Documents, ManifestsOfClustersWorkAsTheyAreTyped) {
  int count = 0;
  for (const auto& entry : files::directory_iterator(ANNALS_SOURCE_DIR "/docs")) {
    if (entry.path().extension() != ".md") continue;
    for (const std::string& text : manifests_in(entry.path())) {
      SCOPED_TRACE(entry.path().filename().string() + ":\n" + text);
      for (const YAML::Node& manifest : YAML::LoadAll(text)) expect_works(manifest);
      ++count;
    }
  }
  EXPECT_GE(count, 5);
}

}  // namespace
}  // namespace annals::crds

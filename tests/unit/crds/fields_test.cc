// What the API server keeps is what the operator reads and writes: a field that the schema lacks
// would be dropped without a word.
#include "spec/fields.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "manifests/cluster/status.h"
#include "spec/postgres_cluster.h"
#include "tests/unit/crds/crd.h"

namespace annals::crds {
namespace {

using nlohmann::json;

// A resource with every field of the schema, as src/spec reads it.
spec::Findings read_all_of_it(const json& crd) {
  spec::Findings findings;
  findings.looked_for.emplace();
  const json resource = example_of(schema_of(crd));
  spec::Fields fields = spec::Fields::reading(resource, "", findings);
  spec::PostgresClusterSpec read;
  fields.part("spec", read);
  return findings;
}

TEST(CrdTest, HasEveryFieldOfPgo) {
  std::ifstream file(ANNALS_SOURCE_DIR "/crds/fields.txt");
  const std::map<std::string, json> crds{{"PostgresCluster", read_crd("postgresclusters")},
                                         {"PGUpgrade", read_crd("pgupgrades")}};
  std::map<std::string, std::set<std::string>> paths;
  for (const auto& [kind, crd] : crds) paths[kind] = paths_of(schema_of(crd));
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string kind;
    std::string path;
    words >> kind >> path;
    EXPECT_TRUE(paths.at(kind).contains(path)) << line;
    ++count;
  }
  EXPECT_GT(count, 400);
}

TEST(CrdTest, HasEveryFieldThatIsRead) {
  const json crd = read_crd("postgresclusters");
  const spec::Findings findings = read_all_of_it(crd);
  EXPECT_GT(findings.looked_for->size(), 180U);
  for (const std::string& path : *findings.looked_for)
    EXPECT_TRUE(takes(schema_of(crd), without_numbers(path))) << path;
}

TEST(CrdTest, HasNoFieldThatIsUnknownToTheReader) {
  for (const spec::UnusedField& field : read_all_of_it(read_crd("postgresclusters")).unused)
    EXPECT_EQ(field.why, spec::Unused::kNotYet) << field.field;
}

void expect_all_taken(const json& schema, const json& value, const std::string& path) {
  EXPECT_TRUE(takes(schema, path)) << path;
  if (value.is_object()) {
    for (const auto& [name, member] : value.items())
      expect_all_taken(schema, member, path + "." + name);
  } else if (value.is_array()) {
    for (const json& item : value) expect_all_taken(schema, item, path + "[]");
  }
}

TEST(CrdTest, HasEveryFieldOfTheStatus) {
  const manifests::JobStatus job{.start_time = "2026-01-02T00:00:00Z",
                                 .completion_time = "2026-01-02T00:01:00Z",
                                 .active = 1,
                                 .succeeded = 1,
                                 .failed = 1};
  const manifests::StatusDocument status{
      .name_space = "ns",
      .name = "hippo",
      .observed_generation = 7,
      .primary = "hippo-a-0",
      .conditions = {manifests::StatusCondition{}},
      .instances = {manifests::InstanceSetStatus{}},
      .system_identifier = "7000",
      .has_repository_host = true,
      .repositories = {{.name = "repo1",
                        .contents = {{.looked_at = "2026-01-02T00:00:00Z",
                                      .trouble = "[49] HostConnectError",
                                      .oldest_restorable_time = "2026-01-01T00:00:00Z",
                                      .newest_restorable_time = "2026-01-02T00:00:00Z",
                                      .backups = {{.label = "20260101-000000F",
                                                   .type = "full",
                                                   .start_time = "2026-01-01T00:00:00Z",
                                                   .stop_time = "2026-01-01T00:00:09Z",
                                                   .size = 1,
                                                   .faulty = true}}}}}},
      .manual_backup = {{.id = "id", .finished = true, .job = job}},
      .scheduled_backups = {
          {.cron_job = "hippo-repo1-full", .repo = "repo1", .type = "full", .job = job}}};
  const json crd = read_crd("postgresclusters");
  const json& schema = schema_of(crd).at("properties").at("status");
  const json written = json::parse(manifests::status_manifest(status));
  expect_all_taken(schema, written.at("status"), "");
}

TEST(CrdTest, TakesWhatANewerKubernetesPutsIntoItsOwnTypes) {
  const json crd = read_crd("postgresclusters");
  for (const char* path :
       {"spec.instances[].affinity.newField", "spec.instances[].containers[].newField",
        "spec.instances[].containers[].securityContext.newField",
        "spec.instances[].tolerations[].newField", "spec.instances[].dataVolumeClaimSpec.newField",
        "spec.config.files[].newField",
        "spec.backups.pgbackrest.repos[].volume.volumeClaimSpec.newField"}) {
    EXPECT_TRUE(takes(schema_of(crd), path)) << path;
  }
  EXPECT_FALSE(takes(schema_of(crd), "spec.newField"));
  EXPECT_FALSE(takes(schema_of(crd), "spec.instances[].newField"));
}

// A column is worth nothing if its path is.
TEST(CrdTest, ShowsColumnsThatExist) {
  for (const char* plural : {"postgresclusters", "pgupgrades"}) {
    const json crd = read_crd(plural);
    for (const json& column : crd.at("/spec/versions/0/additionalPrinterColumns"_json_pointer)) {
      std::string path = column.at("jsonPath");
      if (const std::size_t filter = path.find("[?("); filter != std::string::npos)
        path.replace(filter, path.find(")]") + 2 - filter, "[]");
      EXPECT_TRUE(path.starts_with(".metadata.") || takes(schema_of(crd), path)) << path;
    }
  }
}

}  // namespace
}  // namespace annals::crds

// Clusters that follow another one: made, changed, promoted, and asked for where there is a
// primary.
#include <chrono>

#include "base/concat.h"
#include "manifests/labels.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

std::string store(const std::string& bucket) {
  return concat(
      R"(,"backups":{"pgbackrest":{"repos":[{"name":"repo1","schedules":{"full":"0 1 * * 0"},)",
      R"("s3":{"bucket":")", bucket, R"(","endpoint":"e","region":"r"}}]}})");
}

std::string cluster_of_two(const std::string& more) {
  return concat(R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":2,)",
                R"("dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
                R"("resources":{"requests":{"storage":"1Gi"}}}}])", more, "}");
}

std::string standby_of(const std::string& source, const std::string& more = {}) {
  return cluster_of_two(concat(more, R"(,"standby":{)", source, "}"));
}

Deed make(Duration at, std::string name, std::string spec) {
  return {at, [name, spec](People& people) { people.create(name, spec); }};
}
Deed edit_spec(Duration at, std::string name, std::string spec) {
  return {at, [name, spec](People& people) { people.change(name, spec); }};
}
Deed write_row(Duration at, std::string name) {
  return {at, [name](People& people) { people.write(name); }};
}

constexpr const char* kHost = R"("host":"hippo-primary.ns.svc")";
constexpr const char* kOther = R"("host":"rhino-primary.ns.svc")";
constexpr const char* kRepository = R"("repoName":"repo1")";
constexpr const char* kConnections =
    R"(,"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":{"work_mem":"8MB"}}}})";

}  // namespace

void add_standby_scenarios(std::vector<Scenario>& all) {
  const std::string primary = cluster_of_two(store("b"));
  // What the followed cluster has when the other one is promoted is chance under faults.
  const std::vector<std::string> of_source{" user hippo", " database hippo", " row "};
  all.push_back(
      {.name = "standby",
       .deeds = {make(0s, "hippo", cluster_of_two("")), make(60s, "rhino", standby_of(kHost)),
                 write_row(90s, "hippo"), write_row(120s, "rhino"),
                 edit_spec(130s, "rhino", standby_of(R"("host":"hippo-primary.ns")")),
                 edit_spec(160s, "rhino",
                           standby_of(R"("host":"hippo-primary.ns","port":5433)", kConnections))}});
  // The cluster that it followed has left the place before, as it has to.
  const std::string from_store = standby_of(kRepository, store("b"));
  all.push_back(
      {.name = "standby-promoted",
       .deeds = {make(0s, "hippo", primary), write_row(90s, "hippo"),
                 make(100s, "rhino", from_store),
                 edit_spec(200s, "hippo", cluster_of_two(store("c"))),
                 edit_spec(220s, "rhino",
                           standby_of(R"("enabled":false,"repoName":"repo1")", store("b"))),
                 write_row(400s, "rhino")},
       .leftovers = {"Job/", of_source[0], of_source[1], of_source[2]}});
  all.push_back(
      {.name = "standby-by-streaming-promoted",
       .deeds = {make(0s, "hippo", cluster_of_two("")), write_row(60s, "hippo"),
                 make(70s, "rhino", standby_of(kHost)),
                 edit_spec(140s, "rhino", cluster_of_two(kConnections)), write_row(300s, "rhino")},
       .leftovers = of_source});
  // Whether anybody is promoted in between is chance; that nothing is lost is not.
  all.push_back(
      {.name = "standby-promoted-and-asked-for-again",
       .deeds = {make(0s, "hippo", cluster_of_two("")), make(30s, "rhino", standby_of(kHost)),
                 edit_spec(100s, "rhino", cluster_of_two("")),
                 edit_spec(101s, "rhino", standby_of(kHost, kConnections)),
                 edit_spec(160s, "rhino", cluster_of_two("")), write_row(300s, "rhino")},
       .leftovers = {"rhino", of_source[0], of_source[1], of_source[2]}});
  // Both have written since they parted: the first one gives that up, and follows.
  all.push_back({.name = "standby-demoted-with-consent",
                 .deeds = {make(0s, "hippo", cluster_of_two("")),
                           make(30s, "rhino", standby_of(kHost)),
                           edit_spec(100s, "rhino", cluster_of_two("")),
                           write_row(160s, "hippo"),
                           edit_spec(170s, "hippo", standby_of(kOther)),
                           {180s,
                            [](People& people) {
                              people.annotate("hippo", manifests::annotation::kGiveUpTimeline, "1");
                            }},
                           write_row(400s, "rhino")},
                 .leftovers = of_source});
  // It keeps its primary, and takes all else that is asked for.
  all.push_back({.name = "standby-of-a-primary",
                 .deeds = {make(0s, "hippo", primary), write_row(90s, "hippo"),
                           edit_spec(100s, "hippo",
                                     standby_of(R"("host":"elsewhere.example.com")",
                                                concat(store("b"), kConnections))),
                           write_row(200s, "hippo")},
                 .leftovers = {"Job/", " row "}});
}

}  // namespace annals::simulation

// Scenarios of backups that people ask for.
#include <chrono>

#include "base/concat.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {
namespace {

using namespace std::chrono_literals;

// `manual` is what spec.backups.pgbackrest has beside its repository.
std::string spec_asking(const std::string& manual) {
  return concat(
      R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":1,)",
      R"("dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
      R"("resources":{"requests":{"storage":"1Gi"}}}}],"backups":{"pgbackrest":{)", manual,
      R"("repos":[{"name":"repo1","volume":{"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
      R"("resources":{"requests":{"storage":"1Gi"}}}}}]}}})");
}

Deed create(std::string spec) {
  return {0s, [spec](People& people) { people.create("hippo", spec); }};
}
Deed change(Duration at, std::string spec) {
  return {at, [spec](People& people) { people.change("hippo", spec); }};
}
Deed ask(Duration at, std::string request) {
  return {at, [request](People& people) {
            people.annotate("hippo", "postgres-operator.crunchydata.com/pgbackrest-backup",
                            request);
          }};
}

Deed expire(Duration at, std::string value) {
  return {at, [value](People& people) {
            people.annotate("hippo", "postgres-operator.crunchydata.com/pgbackrest-expire", value);
          }};
}

// A second repository, for which stanza and first backup are made anew.
std::string spec_of_two(const std::string& manual) {
  std::string spec = spec_asking(manual);
  const std::string place = R"("repos":[)";
  return spec.insert(spec.find(place) + place.size(),
                     R"({"name":"repo2","s3":{"bucket":"b","endpoint":"e","region":"r"}},)");
}

constexpr const char* kToRepo1 = R"("manual":{"repoName":"repo1","options":["--type=full"]},)";
constexpr const char* kToRepo3 = R"("manual":{"repoName":"repo3"},)";

}  // namespace

// Whether a Job ends well depends on faults, and the status reports it.
void add_backup_scenarios(std::vector<Scenario>& all) {
  const std::vector<std::string> by_faults{"Job/", "PostgresCluster/ns/hippo"};
  all.push_back({.name = "manual-backup",
                 .deeds = {create(spec_asking(kToRepo1)), ask(30s, "one"), ask(50s, "two"),
                           ask(50'200ms, "three")},
                 .leftovers = by_faults});
  all.push_back({.name = "backups-at-once",
                 .deeds = {create(spec_asking(kToRepo1)), ask(30s, "one"),
                           change(30'300ms, spec_of_two(kToRepo1)), ask(30'600ms, "two"),
                           change(31s, spec_asking(kToRepo1)), ask(31'300ms, "three")},
                 .leftovers = by_faults});
  all.push_back({.name = "expire-backup",
                 .deeds = {create(spec_asking(kToRepo1)), ask(30s, "one"), ask(60s, "two"),
                           expire(90s, "repo1/OLDEST"), expire(120s, "repo1/20260101-000000F"),
                           expire(150s, "repo1/OLDEST")},
                 .leftovers = by_faults});
  all.push_back({.name = "manual-backup-to-nowhere",
                 .deeds = {create(spec_asking("")), ask(30s, "one"),
                           change(40s, spec_asking(kToRepo3)), change(60s, spec_asking(kToRepo1))},
                 .leftovers = by_faults});
}

}  // namespace annals::simulation

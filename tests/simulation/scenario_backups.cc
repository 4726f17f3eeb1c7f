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
  all.push_back({.name = "manual-backup-to-nowhere",
                 .deeds = {create(spec_asking("")), ask(30s, "one"),
                           change(40s, spec_asking(kToRepo3)), change(60s, spec_asking(kToRepo1))},
                 .leftovers = by_faults});
}

}  // namespace annals::simulation

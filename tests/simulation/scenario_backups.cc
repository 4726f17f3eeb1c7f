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

Deed write_rows(Duration at) {
  return {at, [](People& people) { people.write("hippo"); }};
}
Deed drop_wal(Duration at) {
  return {at, [](People& people) { people.drop_wal("hippo"); }};
}

// A second repository, for which stanza and first backup are made anew.
std::string spec_of_two(const std::string& manual) {
  std::string spec = spec_asking(manual);
  const std::string place = R"("repos":[)";
  return spec.insert(spec.find(place) + place.size(),
                     R"({"name":"repo2","s3":{"bucket":"b","endpoint":"e","region":"r"}},)");
}

// Two object stores, of which one may be lost.
std::string spec_of_stores(const std::string& first_bucket, const std::string& second_bucket,
                           const std::string& more = {}) {
  const auto store = [](const char* repo, const std::string& bucket) {
    return concat(R"({"name":")", repo, R"(","s3":{"bucket":")", bucket,
                  R"(","endpoint":"e","region":"r"}})");
  };
  std::string repos = store("repo1", first_bucket);
  if (!second_bucket.empty()) repos += concat(",", store("repo2", second_bucket));
  return concat(
      R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":2,)",
      R"("dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
      R"("resources":{"requests":{"storage":"1Gi"}}}}],"backups":{"pgbackrest":{"repos":[)", repos,
      "]}}", more, "}");
}
Deed lose(Duration at, const std::string& repo) {
  return {at, [repo](People& people) { people.trouble_repositories({.lost_repo = repo}); }};
}
Deed find_again(Duration at) { return lose(at, ""); }

constexpr const char* kToRepo1 = R"("manual":{"repoName":"repo1","options":["--type=full"]},)";
constexpr const char* kToRepo3 = R"("manual":{"repoName":"repo3"},)";

Deed create_as(Duration at, const std::string& name, std::string spec) {
  return {at, [name, spec](People& people) { people.create(name, spec); }};
}
Deed change_of(Duration at, const std::string& name, std::string spec) {
  return {at, [name, spec](People& people) { people.change(name, spec); }};
}
Deed remove_of(Duration at, const std::string& name) {
  return {at, [name](People& people) { people.remove(name); }};
}

// Two clusters at one place: the second one writes nothing there, until it gets a place of its own,
// or the first one goes.
void add_shared_places(std::vector<Scenario>& all, const std::vector<std::string>& by_choice) {
  all.push_back({.name = "place-taken",
                 .deeds = {create_as(0s, "hippo", spec_of_stores("a", "")),
                           create_as(300ms, "rhino", spec_of_stores("a", "")),
                           change_of(200s, "rhino", spec_of_stores("c", ""))},
                 .leftovers = by_choice,
                 .looks_again = true});
  all.push_back({.name = "place-taken-later",
                 .deeds = {create_as(0s, "hippo", spec_of_stores("a", "")),
                           create_as(300ms, "rhino", spec_of_stores("c", "")),
                           change_of(100s, "rhino", spec_of_stores("c", "a")),
                           change_of(300s, "rhino", spec_of_stores("c", "b"))},
                 .leftovers = by_choice,
                 .looks_again = true});
  all.push_back(
      {.name = "place-freed",
       .deeds = {create_as(0s, "hippo", spec_of_stores("a", "")),
                 create_as(300ms, "rhino", spec_of_stores("a", "")), remove_of(200s, "hippo")},
       .leftovers = by_choice,
       .looks_again = true});
}

// A shutdown leaves a receipt in each store, late where one is lost; a start withdraws them, also
// where it comes in the middle.
void add_receipts(std::vector<Scenario>& all) {
  constexpr const char* kShut = R"(,"shutdown":true)";
  const auto spec = [](const char* more) { return spec_of_stores("a", "b", more); };
  const std::vector<std::string> by_choice{"Job/", "hippo-instance1", "hippo-pgbackrest-config",
                                           "PostgresCluster/ns/hippo"};
  all.push_back({.name = "receipt",
                 .deeds = {create(spec("")), write_rows(80s), change(90s, spec(kShut)),
                           change(200s, spec(""))},
                 .leftovers = by_choice});
  all.push_back(
      {.name = "receipt-and-lost-store",
       .deeds = {create(spec("")), write_rows(80s), lose(85s, "repo2"), change(90s, spec(kShut)),
                 find_again(200s), lose(300s, "repo1"), change(310s, spec("")), find_again(400s)},
       .leftovers = by_choice});
  all.push_back({.name = "receipt-in-haste",
                 .deeds = {create(spec("")), write_rows(80s), change(90s, spec(kShut)),
                           change(97s, spec("")), change(150s, spec(kShut)), change(161s, spec("")),
                           change(164s, spec(kShut)), change(240s, spec(""))},
                 .leftovers = by_choice});
}

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
  // Whether a person finds a primary to write to depends on faults as well.
  std::vector<std::string> by_writes = by_faults;
  by_writes.emplace_back(" row ");
  // Some of the WAL never comes to the archive. Backups that people ask for may make good for it.
  all.push_back({.name = "wal-dropped",
                 .deeds = {create(spec_asking(kToRepo1)), write_rows(100s), drop_wal(130s),
                           write_rows(200s), write_rows(300s)},
                 .leftovers = by_writes,
                 .looks_again = true});
  all.push_back(
      {.name = "wal-dropped-beside-a-backup",
       .deeds = {create(spec_asking(kToRepo1)), write_rows(100s), drop_wal(130s), write_rows(200s),
                 ask(640s, "one"), write_rows(660s), drop_wal(700s), write_rows(705s)},
       .leftovers = by_writes,
       .looks_again = true});
  // Nothing comes after it.
  all.push_back({.name = "wal-dropped-at-the-end",
                 .deeds = {create(spec_asking(kToRepo1)), write_rows(100s), drop_wal(130s),
                           write_rows(900s), drop_wal(930s)},
                 .leftovers = by_writes,
                 .looks_again = true});
  // Without its journal the operator chooses anew from where replicas are made.
  std::vector<std::string> by_choice = by_faults;
  by_choice.emplace_back("ConfigMap/ns/hippo-instance1");
  // A store that is down when the cluster is made, and comes back.
  all.push_back({.name = "store-down-at-first",
                 .deeds = {lose(0s, "repo1"), create(spec_of_stores("a", "b")), find_again(700s)},
                 .leftovers = by_choice,
                 .looks_again = true,
                 .stores = 2});
  // One that is down when it is added to a cluster that runs.
  all.push_back({.name = "store-down-later",
                 .deeds = {create(spec_of_stores("a", "")), lose(55s, "repo2"),
                           change(60s, spec_of_stores("a", "b")), find_again(700s)},
                 .leftovers = by_choice,
                 .looks_again = true,
                 .stores = 2});
  // One that does not come back: it is given another place, and later it goes.
  all.push_back({.name = "store-moved",
                 .deeds = {lose(0s, "repo2"), create(spec_of_stores("a", "b")), find_again(200s),
                           change(200'500ms, spec_of_stores("a", "c")), lose(250s, "repo1"),
                           change(260s, spec_of_stores("d", "c")), find_again(500s),
                           change(520s, spec_of_stores("d", ""))},
                 .leftovers = by_choice,
                 .looks_again = true,
                 .stores = 2});
  by_choice.emplace_back("PostgresCluster/ns/rhino");
  by_choice.emplace_back("ConfigMap/ns/rhino-instance1");
  add_receipts(all);
  add_shared_places(all, by_choice);
}

}  // namespace annals::simulation

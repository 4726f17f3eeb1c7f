// Scenarios of deletions that can be undone: volumes outlive their cluster, and a new one of its
// name takes them up, or their time is over. What becomes of them is checked where it happens
// (restores.h, deed_checks.h).
#include <chrono>

#include "base/concat.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

constexpr const char* kRetention = "postgres-operator.crunchydata.com/deleted-volume-retention";
constexpr const char* kTakeUp = "postgres-operator.crunchydata.com/take-up-deleted";
constexpr const char* kFirstCluster = "cluster-1";  // its UID

std::string spec_of(int replicas) {
  return concat(
      R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":)", replicas,
      R"(,"dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
      R"("resources":{"requests":{"storage":"1Gi"}}}}],"backups":{"pgbackrest":{)",
      R"("repos":[{"name":"repo1","volume":{"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
      R"("resources":{"requests":{"storage":"1Gi"}}}}}]}}})");
}

Deed create_kept(const std::string& time, int replicas = 3) {
  return {0s, [time, replicas](People& people) {
            people.create_with("hippo", kRetention, time, spec_of(replicas));
          }};
}
Deed create_again(Duration at, int replicas = 3) {
  return {at, [replicas](People& people) {
            people.create_with("hippo", kTakeUp, kFirstCluster, spec_of(replicas));
          }};
}
Deed create_without_a_word(Duration at) {
  return {at, [](People& people) { people.create("hippo", spec_of(3)); }};
}
Deed take_up(Duration at) {
  return {at, [](People& people) { people.annotate("hippo", kTakeUp, kFirstCluster); }};
}
Deed write_row(Duration at) {
  return {at, [](People& people) { people.write("hippo"); }};
}
Deed remove_kept(Duration at) {
  return {at, [](People& people) { people.remove("hippo"); }};
}
Deed erase_claim(Duration at) {
  return {at, [](People& people) { people.erase("PersistentVolumeClaim", "hippo-instance1"); }};
}

}  // namespace

// Who led decides which volume goes on; who was deleted when decides until when it is kept. Where
// somebody has deleted the leader's volume, a person has to say which one goes on.
void add_deleted_scenarios(std::vector<Scenario>& all) {
  const std::vector<std::string> by_chance{" row ",
                                           "Job/",
                                           "Pod/ns/hippo-",
                                           "hippo-instance1",
                                           "PersistentVolumeClaim/",
                                           "PostgresCluster/ns/hippo",
                                           "hippo-pgbackrest-config",
                                           "hippo-set-"};
  const auto add = [&](const std::string& name, std::vector<Deed> deeds) {
    all.push_back({.name = name,
                   .deeds = std::move(deeds),
                   .leftovers = by_chance,
                   .spared = {FaultKind::kRollback, FaultKind::kExternalEdit}});
  };
  add("deleted-and-undone",
      {create_kept("30d"), write_row(60s), remove_kept(90s), create_again(120s), write_row(300s)});
  add("deleted-and-undone-with-one-instance",
      {create_kept("30d", 1), write_row(60s), remove_kept(90s), create_again(120s, 2)});
  add("deleted-and-undone-with-less",
      {create_kept("30d"), write_row(60s), remove_kept(90s), create_again(120s, 1)});
  add("deleted-and-answered-late", {create_kept("30d"), write_row(60s), remove_kept(90s),
                                    create_without_a_word(120s), take_up(240s)});
  // A namesake that begins before it is told of the volumes has a database by then.
  for (const FaultKind late : {FaultKind::kStream, FaultKind::kFaultState})
    all.back().spared.push_back(late);
  add("deleted-and-undone-without-journal",
      {create_kept("30d"),
       write_row(60s),
       remove_kept(90s),
       create_again(120s),
       {122s, [](People& people) { people.lose_journal(); }}});
  all.push_back({.name = "deleted-and-expired",
                 .deeds = {create_kept("120s"), write_row(60s), remove_kept(70s)},
                 .leftovers = by_chance,
                 .ends_empty = true});
  all.push_back({.name = "deleted-and-expired-without-journal",
                 .deeds = {create_kept("120s"),
                           remove_kept(70s),
                           {130s, [](People& people) { people.lose_journal(); }}},
                 .leftovers = by_chance,
                 .ends_empty = true});
  all.push_back({.name = "deleted-with-a-claim-that-goes",
                 .deeds = {create_kept("120s"), remove_kept(60s), erase_claim(61s)},
                 .leftovers = by_chance,
                 .ends_empty = true});
}

}  // namespace annals::simulation

// Clusters whose Patroni keeps its state in ConfigMaps, what a namesake leaves there, and the way
// over from one kind to the other.
#include <chrono>

#include "base/concat.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

constexpr const char* kStoreOtherImage = R"(,"image":"postgres:other")";
constexpr const char* kStore = "postgres-operator.crunchydata.com/patroni-store";
constexpr const char* kShutdown = R"(,"shutdown":true)";

std::string two_instances(const std::string& more = {}) {
  return concat(R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":2,)",
                R"("dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
                R"("resources":{"requests":{"storage":"1Gi"}}}}])", more, "}");
}

Deed create(Duration at) {
  return {at, [](People& people) { people.create("hippo", two_instances()); }};
}
Deed create_in_config_maps(Duration at) {
  return {at, [](People& people) {
            people.create_with("hippo", kStore, "configmaps", two_instances());
          }};
}
Deed change_two(Duration at, const std::string& more) {
  return {at, [more](People& people) { people.change("hippo", two_instances(more)); }};
}
Deed ask_for(Duration at, const std::string& store) {
  return {at, [store](People& people) { people.annotate("hippo", kStore, store); }};
}
Deed trigger_switchover(Duration at) {
  return {at, [](People& people) {
            people.annotate("hippo", "postgres-operator.crunchydata.com/trigger-switchover", "one");
          }};
}
Deed erase_of_store(Duration at, const std::string& kind, const std::string& name) {
  return {at, [kind, name](People& people) { people.erase(kind, name); }};
}
Deed remove(Duration at) {
  return {at, [](People& people) { people.remove("hippo"); }};
}
Deed remove_by_force(Duration at) {
  return {at, [](People& people) { people.remove_by_force("hippo"); }};
}

}  // namespace

void add_store_scenarios(std::vector<Scenario>& all) {
  // The trigger takes the place of the annotation: what the cluster has does not change by that.
  all.push_back({.name = "config-maps",
                 .deeds = {create_in_config_maps(0s),
                           change_two(60s, R"(,"patroni":{"switchover":{"enabled":true}})"),
                           trigger_switchover(70s), change_two(130s, kStoreOtherImage)}});
  all.push_back({.name = "config-maps-delete",
                 .deeds = {create_in_config_maps(0s), remove(40s)},
                 .ends_empty = true});
  // The second is of the other kind than the first.
  all.push_back({.name = "config-maps-namesake",
                 .deeds = {create_in_config_maps(0s), remove_by_force(30s), create(30'300ms)}});
  // What a pod of the first writes after the second has begun goes with the second.
  all.push_back({.name = "config-maps-after-a-namesake",
                 .deeds = {create(0s), remove_by_force(30s), create_in_config_maps(30'300ms)},
                 .leftovers = {"Endpoints/ns/hippo-ha"},
                 .spared = {FaultKind::kStream}});
  all.push_back(
      {.name = "config-maps-too-late",
       .deeds = {create(0s), ask_for(60s, "configmaps"), change_two(70s, kStoreOtherImage)}});
  // Where the stop took longer than the person waited, nothing has changed.
  all.push_back(
      {.name = "config-maps-way-over",
       .deeds = {create(0s), change_two(60s, kShutdown), ask_for(200s, "configmaps"),
                 erase_of_store(210s, "Endpoints", "hippo-ha-config"), change_two(220s, "")},
       .leftovers = {"hippo-ha", "ConfigMap/ns/hippo-config", "Role/ns/hippo-instance",
                     "PostgresCluster/ns/hippo"},
       .spared = {FaultKind::kRollback, FaultKind::kFaultState}});
}

}  // namespace annals::simulation

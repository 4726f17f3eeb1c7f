// Replicas that do not come back to their leader by themselves: alone, and while something else
// goes on.
#include <chrono>

#include "base/concat.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

std::string three_instances(const std::string& more = {}) {
  return concat(R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":3,)",
                R"("dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
                R"("resources":{"requests":{"storage":"1Gi"}}}}])", more, "}");
}

Deed create() {
  return {0s, [](People& people) { people.create("hippo", three_instances()); }};
}
Deed change_sets(Duration at, const std::string& more) {
  return {at, [more](People& people) { people.change("hippo", three_instances(more)); }};
}
Deed leave_history(Duration at) {
  return {at, [](People& people) { people.leave_history("hippo"); }};
}
Deed wait_for_wal(Duration at) {
  return {at, [](People& people) { people.wait_for_wal("hippo"); }};
}

constexpr const char* kReplicasOtherImage = R"(,"image":"postgres:other")";

}  // namespace

void add_replica_scenarios(std::vector<Scenario>& all) {
  all.push_back({.name = "replicas-leave-history", .deeds = {create(), leave_history(60s)}});
  all.push_back({.name = "replicas-leave-history-in-a-rolling-update",
                 .deeds = {create(), change_sets(60s, kReplicasOtherImage), leave_history(62s)}});
  all.push_back({.name = "replicas-wait-for-wal", .deeds = {create(), wait_for_wal(60s)}});
}

}  // namespace annals::simulation

// Scenarios after published bugs of other operators; known_bugs.md says which is after which.
#include <chrono>

#include "base/concat.h"
#include "tests/simulation/scenario.h"

namespace annals::simulation {
namespace {

using namespace std::chrono_literals;

constexpr const char* kHippo = "hippo";

struct Wish {
  int replicas = 1;
  std::string size = "1Gi";
  bool budgeted = false;   // a PodDisruptionBudget
  bool scheduled = false;  // a CronJob
  std::string more{};
};

std::string spec_of(const Wish& wish) {
  const auto claim = [](const std::string& size) {
    return concat(R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":")", size,
                  R"("}}})");
  };
  const std::string backups = concat(R"(,"backups":{"pgbackrest":{"repos":[{"name":"repo1",)",
                                     wish.scheduled ? R"("schedules":{"full":"0 1 * * 0"},)" : "",
                                     R"("volume":{"volumeClaimSpec":)", claim("1Gi"), "}}]}}");
  return concat(R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":)",
                wish.replicas, wish.budgeted ? R"(,"minAvailable":1)" : "",
                R"(,"dataVolumeClaimSpec":)", claim(wish.size), "}]", backups, wish.more, "}");
}

Deed create_wished(const Wish& wish) {
  return {0s, [spec = spec_of(wish)](People& people) { people.create(kHippo, spec); }};
}
Deed change_wished(Duration at, const Wish& wish) {
  return {at, [spec = spec_of(wish)](People& people) { people.change(kHippo, spec); }};
}
Deed restart_behind(Duration at) {
  return {at, [](People& people) { people.restart_behind(); }};
}
Deed hide_images(Duration at, bool hidden) {
  return {at, [hidden](People& people) { people.hide_images(hidden); }};
}

// Names and volumes depend on who was chosen, and on what happened before.
const std::vector<std::string> kByChoice{"hippo-instance1", "hippo-set-", "Job/",
                                         "hippo-pgbackrest-config", "PostgresCluster/ns/hippo"};

// Stale: the operator starts anew and is told of the past.
void add_stale(std::vector<Scenario>& all) {
  all.push_back(
      {.name = "behind-scale",
       .deeds = {create_wished({.replicas = 2}), change_wished(60s, {.replicas = 1}),
                 change_wished(120s, {.replicas = 2}), restart_behind(180s), restart_behind(200s)},
       .leftovers = kByChoice});
  all.push_back(
      {.name = "behind-toggles",
       .deeds = {create_wished({.budgeted = true, .scheduled = true}), change_wished(50s, {}),
                 change_wished(70s, {.budgeted = true, .scheduled = true}), restart_behind(90s),
                 restart_behind(110s)},
       .leftovers = kByChoice});
  all.push_back(
      {.name = "behind-shutdown",
       .deeds = {create_wished({.replicas = 2}),
                 change_wished(60s, {.replicas = 2, .more = R"(,"shutdown":true)"}),
                 change_wished(150s, {.replicas = 2}), restart_behind(220s), restart_behind(250s)},
       .leftovers = kByChoice});
}

// Unobserved: what was asked for has been taken back before anybody looked.
void add_unobserved(std::vector<Scenario>& all) {
  all.push_back(
      {.name = "scale-in-haste",
       .deeds = {create_wished({.replicas = 2}), change_wished(60s, {.replicas = 3}),
                 change_wished(60'400ms, {.replicas = 1}), change_wished(61s, {.replicas = 3}),
                 change_wished(75s, {.replicas = 1}), change_wished(75'100ms, {.replicas = 2})},
       .leftovers = kByChoice});
  all.push_back(
      {.name = "toggles-in-haste",
       .deeds = {create_wished({.budgeted = true, .scheduled = true}), change_wished(50s, {}),
                 change_wished(50'050ms, {.budgeted = true, .scheduled = true}),
                 change_wished(51s, {}),
                 change_wished(51'100ms, {.budgeted = true, .scheduled = true})},
       .leftovers = {"Job/"}});
}

// What an operator has to do in several writes, and what cannot be changed once it is there.
void add_intermediate(std::vector<Scenario>& all) {
  all.push_back({.name = "volumes-grow",
                 .deeds = {create_wished({.replicas = 2}),
                           change_wished(60s, {.replicas = 2, .size = "2Gi"})},
                 .leftovers = {"Job/"}});
  all.push_back({.name = "annotated-while-backing-up",
                 .deeds = {create_wished({}),
                           change_wished(3s, {.more = R"(,"metadata":{"annotations":{"a":"b"}})"}),
                           change_wished(8s, {.more = R"(,"metadata":{"annotations":{"a":"c"}})"}),
                           change_wished(60s, {})},
                 .leftovers = {"Job/"}});
}

// A mistake that a pod shows, and back: the pod of the mistake is nobody's reason to wait.
void add_mistaken(std::vector<Scenario>& all) {
  const std::string bad = R"(,"image":"postgres:other")";
  all.push_back({.name = "bad-image-and-back",
                 .deeds = {create_wished({.replicas = 2}), hide_images(59s, true),
                           change_wished(60s, {.replicas = 2, .more = bad}),
                           change_wished(120s, {.replicas = 2}), hide_images(150s, false)},
                 .leftovers = {"Job/"}});
}

}  // namespace

void add_published_scenarios(std::vector<Scenario>& all) {
  add_stale(all);
  add_unobserved(all);
  add_intermediate(all);
  add_mistaken(all);
}

}  // namespace annals::simulation

#include "tests/simulation/scenario.h"

#include <algorithm>
#include <chrono>

#include "base/concat.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

std::string set_of(const std::string& name, int replicas, const std::string& more = {}) {
  return concat(R"({"name":")", name, R"(","replicas":)", replicas, more,
                R"(,"dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
                R"("resources":{"requests":{"storage":"1Gi"}}}})");
}

std::string spec_with(const std::string& sets, const std::string& more = {}) {
  return concat(R"({"postgresVersion":15,"instances":[)", sets, "]", more, "}");
}

std::string with_users(const std::string& users) {
  return spec_with(set_of("instance1", 1), concat(R"(,"users":[)", users, "]"));
}

constexpr const char* kWeekly = R"("schedules":{"full":"0 1 * * 0"},)";

std::string spec_with_backups(const std::string& schedules = kWeekly,
                              const std::string& more = {}) {
  return spec_with(set_of("instance1", 1, more),
                   concat(R"(,"backups":{"pgbackrest":{"repos":[{"name":"repo1",)", schedules,
                          R"("volume":{"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
                          R"("resources":{"requests":{"storage":"1Gi"}}}}}]}})"));
}

// In every place where a person may put a secret although it does not belong there.
std::string spec_with_canaries() {
  const std::vector<std::string> each = canaries();
  return spec_with(
      concat(R"({"name":"instance1","containers":[{"name":"side","env":[{"name":"PGPASSWORD",)",
             R"("value":")", each[0], R"("}]}],"dataVolumeClaimSpec":{"accessModes":)",
             R"(["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})"),
      concat(R"(,"users":[{"name":"rhino","options":"PASSWORD ')", each[1], R"('"}],)",
             R"("patroni":{"dynamicConfiguration":{"postgresql":{"parameters":{)",
             R"("primary_conninfo":"host=h password=)", each[2], R"("}}}},)",
             R"("metadata":{"annotations":{"uri":"postgres://u:)", each[3], R"(@host/db"}})"));
}

Deed create(Duration at, std::string name, std::string spec) {
  return {at, [name, spec](People& people) { people.create(name, spec); }};
}
Deed change(Duration at, std::string name, std::string spec) {
  return {at, [name, spec](People& people) { people.change(name, spec); }};
}
Deed remove(Duration at, std::string name) {
  return {at, [name](People& people) { people.remove(name); }};
}
Deed remove_by_force(Duration at, std::string name) {
  return {at, [name](People& people) { people.remove_by_force(name); }};
}
Deed edit(Duration at, std::string kind, std::string name, std::string field) {
  return {at, [kind, name, field](People& people) { people.edit(kind, name, field); }};
}
Deed erase(Duration at, std::string kind, std::string name) {
  return {at, [kind, name](People& people) { people.erase(kind, name); }};
}
Deed restart(Duration at) {
  return {at, [](People& people) { people.restart_operator(); }};
}

constexpr const char* kOneUser = R"({"name":"rhino","databases":["zoo"]})";
constexpr const char* kTwoUsers =
    R"({"name":"rhino","databases":["zoo"]},{"name":"zebra","databases":["zoo","savanna"]})";

std::string instances(int replicas, const std::string& more = {}) {
  return spec_with(set_of("instance1", replicas), more);
}

constexpr const char* kOtherImage = R"(,"image":"postgres:other")";
constexpr const char* kThirdImage = R"(,"image":"postgres:third")";

// A user's own certificates.
constexpr const char* kOwnTls =
    R"(,"customTLSSecret":{"name":"own-tls"},"customReplicationTLSSecret":{"name":"own-replication-tls"})";

Deed bring(Duration at, std::string kind, std::string name, std::string content) {
  return {at, [kind, name, content](People& people) { people.bring(kind, name, content); }};
}

Deed show_images(Duration at) {
  return {at, [](People& people) { people.hide_images(false); }};
}
Deed hide_images(Duration at) {
  return {at, [](People& people) { people.hide_images(true); }};
}
Deed annotate(Duration at, std::string name, std::string value) {
  return {at, [name, value](People& people) {
            people.annotate(name, "postgres-operator.crunchydata.com/trigger-switchover", value);
          }};
}

// What a cluster that runs is asked for: more or fewer instances, another pod, another leader, a
// restart, a shutdown.
void add_operations(std::vector<Scenario>& all) {
  // Names and volumes depend on who was chosen, and what happened before.
  const std::vector<std::string> by_choice{"hippo-instance1", "hippo-fast", "hippo-slow",
                                           "hippo-set-", "PostgresCluster/ns/hippo"};
  all.push_back(
      {.name = "scale",
       .deeds = {create(0s, "hippo", instances(1)), change(60s, "hippo", instances(3)),
                 change(120s, "hippo", instances(2)), change(180s, "hippo", instances(3))},
       .leftovers = by_choice});
  all.push_back({.name = "scale-to-another-set",
                 .deeds = {create(0s, "hippo", spec_with(set_of("fast", 2))),
                           change(60s, "hippo", spec_with(set_of("slow", 2)))},
                 .leftovers = by_choice});
  all.push_back({.name = "rolling-update",
                 .deeds = {create(0s, "hippo", instances(3)),
                           change(60s, "hippo", instances(3, kOtherImage))}});
  all.push_back({.name = "rolling-update-alone",
                 .deeds = {create(0s, "hippo", instances(1)),
                           change(60s, "hippo", instances(1, kOtherImage))}});
  all.push_back({.name = "bad-image",
                 .deeds = {create(0s, "hippo", instances(3)), hide_images(59s),
                           change(60s, "hippo", instances(3, kOtherImage)), show_images(119s),
                           change(120s, "hippo", instances(3, kThirdImage))}});
  const std::string wish = R"(,"patroni":{"switchover":{"enabled":true}})";
  all.push_back(
      {.name = "switchover",
       .deeds = {create(0s, "hippo", instances(2)), change(60s, "hippo", instances(2, wish)),
                 annotate(70s, "hippo", "one"), annotate(100s, "hippo", "two")}});
  const std::string wrong_wish =
      R"(,"patroni":{"switchover":{"enabled":true,"targetInstance":"nobody"}})";
  all.push_back(
      {.name = "switchover-to-nobody",
       .deeds = {create(0s, "hippo", instances(2)), change(60s, "hippo", instances(2, wrong_wish)),
                 annotate(70s, "hippo", "one")}});
  const std::string connections =
      R"(,"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":{"max_connections":)";
  all.push_back({.name = "restart",
                 .deeds = {create(0s, "hippo", instances(2)),
                           change(60s, "hippo", instances(2, connections + "200}}}}")),
                           change(120s, "hippo", instances(2, connections + "50}}}}"))}});
  all.push_back({.name = "shutdown",
                 .deeds = {create(0s, "hippo", instances(2)),
                           change(60s, "hippo", instances(2, R"(,"shutdown":true)")),
                           change(150s, "hippo", instances(2))}});
}

// What people bring in objects of their own: late, in between, and with another content later.
void add_custom_tls(std::vector<Scenario>& all) {
  all.push_back(
      {.name = "own-certificates",
       .deeds = {create(0s, "hippo", instances(1, kOwnTls)), bring(5s, "Secret", "own-tls", "one"),
                 bring(10s, "Secret", "own-replication-tls", "two"),
                 change(90s, "hippo", instances(1)), change(150s, "hippo", instances(1, kOwnTls)),
                 bring(240s, "Secret", "own-tls", "three")},
       .looks_again = true});
  const std::string script = R"(,"databaseInitSQL":{"name":"own-sql","key":"init.sql"})";
  all.push_back({.name = "init-sql",
                 .deeds = {create(0s, "hippo", instances(2, script)),
                           bring(20s, "ConfigMap", "own-sql", "one"), restart(60s),
                           bring(70s, "ConfigMap", "own-sql", "two")}});
  all.push_back(
      {.name = "init-sql-forgotten",
       .deeds = {create(0s, "hippo", instances(1, script)),
                 bring(1s, "ConfigMap", "own-sql", "one"), change(200s, "hippo", instances(1))}});
}

std::vector<Scenario> make() {
  std::vector<Scenario> all;
  all.push_back({.name = "create", .deeds = {create(0s, "hippo", smallest_spec())}});
  all.push_back({.name = "two-instances", .deeds = {create(0s, "hippo", two_instances_spec())}});
  all.push_back(
      {.name = "two-sets",
       .deeds = {create(0s, "hippo", spec_with(set_of("fast", 1) + "," + set_of("slow", 1)))}});
  all.push_back({.name = "backups",
                 .deeds = {create(0s, "hippo", spec_with_backups())},
                 .leftovers = {"Job/"}});
  all.push_back({.name = "backups-later",
                 .deeds = {create(0s, "hippo", smallest_spec()),
                           change(20s, "hippo", spec_with_backups()), remove(60s, "hippo")},
                 .ends_empty = true});
  all.push_back({.name = "dropped",
                 .deeds = {create(0s, "hippo", spec_with_backups(kWeekly, R"(,"minAvailable":1)")),
                           change(40s, "hippo", spec_with_backups()),
                           change(60s, "hippo", spec_with_backups(""))},
                 .leftovers = {"Job/"}});
  all.push_back(
      {.name = "several-one-bad",
       .deeds = {create(0s, "hippo", smallest_spec()),
                 create(200ms, "rhino", spec_with(set_of("instance1", 1), R"(,"port":80)")),
                 create(400ms, "zebra", with_users(kOneUser))},
       .stuck = {"rhino"}});
  all.push_back(
      {.name = "spec-change",
       .deeds = {create(0s, "hippo", smallest_spec()), change(20s, "hippo", with_users(kOneUser)),
                 change(40s, "hippo", with_users(kTwoUsers))},
       .leftovers = {"pguser-hippo", " user hippo", " database hippo"}});
  all.push_back({.name = "back-and-forth",
                 .deeds = {create(0s, "hippo", with_users(kOneUser)),
                           change(900ms, "hippo", with_users(kTwoUsers)),
                           change(1'100ms, "hippo", with_users(kOneUser)),
                           change(15s, "hippo", with_users(kTwoUsers)),
                           change(15'050ms, "hippo", with_users(kOneUser))},
                 .leftovers = {"zebra", "savanna"}});
  all.push_back(
      {.name = "meddling",
       .deeds = {create(0s, "hippo", smallest_spec()), erase(20s, "Service", "hippo-primary"),
                 edit(25s, "ConfigMap", "hippo-config", "data"),
                 edit(30s, "Secret", "hippo-cluster-cert", "labels"),
                 erase(35s, "Secret", "hippo-replication-cert"),
                 erase(40s, "StatefulSet", "hippo-instance1"),
                 edit(70s, "Role", "hippo-instance", "rules")}});
  all.push_back({.name = "secrets-lost",
                 .deeds = {create(0s, "hippo", with_users(kOneUser)),
                           erase(30s, "Secret", "hippo-pguser-rhino"),
                           erase(60s, "Secret", "pgo-root-cacert")}});
  all.push_back({.name = "namesake",
                 .deeds = {create(0s, "hippo", smallest_spec()), remove(20s, "hippo"),
                           create(20'300ms, "hippo", smallest_spec())}});
  for (const auto& [name, spec] : {std::pair{"namesake-by-force", smallest_spec()},
                                   std::pair{"namesakes-by-force", two_instances_spec()}}) {
    all.push_back({.name = name,
                   .deeds = {create(0s, "hippo", spec), remove_by_force(20s, "hippo"),
                             create(20'300ms, "hippo", spec)}});
  }
  all.push_back({.name = "delete",
                 .deeds = {create(0s, "hippo", smallest_spec()),
                           create(100ms, "rhino", smallest_spec()), remove(20s, "hippo")}});
  all.push_back({.name = "delete-early",
                 .deeds = {create(0s, "hippo", smallest_spec()), remove(700ms, "hippo")},
                 .ends_empty = true});
  all.push_back({.name = "restarts",
                 .deeds = {create(0s, "hippo", smallest_spec()), restart(600ms), restart(25s),
                           restart(60s), restart(95s), restart(130s)}});
  all.push_back({.name = "two-operators",
                 .deeds = {create(0s, "hippo", smallest_spec()),
                           {20s, [](People& people) { people.pause_operator(40s); }},
                           change(30s, "hippo", with_users(kOneUser)),
                           {90s, [](People& people) { people.pause_operator(60s); }}},
                 .operators = 2,
                 .leftovers = {"pguser-hippo", " user hippo", " database hippo"}});
  all.push_back({.name = "journal-lost",
                 .deeds = {create(0s, "hippo", two_instances_spec()),
                           {60s, [](People& people) { people.lose_journal(); }}},
                 .calm_from = 60s});
  all.push_back({.name = "canaries",
                 .deeds = {create(0s, "hippo", smallest_spec()),
                           create(100ms, "rhino", spec_with_canaries())},
                 .stuck = {"rhino"}});
  add_operations(all);
  add_backup_scenarios(all);
  add_replica_scenarios(all);
  add_restore_scenarios(all);
  add_clone_scenarios(all);
  add_deleted_scenarios(all);
  add_drill_scenarios(all);
  add_store_scenarios(all);
  add_standby_scenarios(all);
  add_scenarios_of_two_sites(all);
  add_custom_tls(all);
  add_published_scenarios(all);
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"port", spec_with(set_of("instance1", 1), R"(,"port":80)")},
      {"version", R"({"postgresVersion":3,"instances":[)" + set_of("instance1", 1) + "]}"},
      {"no-image", R"({"postgresVersion":14,"instances":[)" + set_of("instance1", 1) + "]}"},
      {"no-sets", spec_with("")},
      {"user-name", with_users(R"({"name":"Rhino!","databases":["zoo"]})")},
      {"password", with_users(R"({"name":"rhino","options":"PASSWORD 'moon-canary-7'"})")},
      {"replicas", spec_with(set_of("instance1", -1))},
      {"type", R"({"postgresVersion":"fifteen","instances":7})"},
      {"empty", "{}"}};
  for (const auto& [field, spec] : wrong) {
    all.push_back({.name = "wrong-" + field,
                   .deeds = {create(0s, "hippo", smallest_spec()), change(20s, "hippo", spec),
                             change(60s, "hippo", smallest_spec())}});
  }
  return all;
}

}  // namespace

std::vector<std::string> canaries() {
  std::vector<std::string> all{kCanary};
  for (const char* place : {"environment", "option", "parameter", "annotation"})
    all.push_back(concat(kCanary, place));
  return {all.begin() + 1, all.end()};
}

std::string smallest_spec() { return spec_with(set_of("instance1", 1)); }
std::string two_instances_spec() { return spec_with(set_of("instance1", 2)); }

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> kAll = make();
  return kAll;
}

const Scenario* find_scenario(const std::string& name) {
  const auto found = std::ranges::find(scenarios(), name, &Scenario::name);
  return found == scenarios().end() ? nullptr : &*found;
}

}  // namespace annals::simulation

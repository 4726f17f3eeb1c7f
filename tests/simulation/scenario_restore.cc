// Scenarios of restores in place: rows are written before and after the time that is restored to.
// What a restore makes of the rows is checked where it happens (restores.h); here a run that is
// disturbed may refuse a row, or a restore.
#include <chrono>

#include "base/concat.h"
#include "spec/restore_target.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/schedule.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

constexpr const char* kRequest = "postgres-operator.crunchydata.com/pgbackrest-restore";
constexpr const char* kDrill = "postgres-operator.crunchydata.com/restore-drill";
constexpr const char* kDrillSchedule = "postgres-operator.crunchydata.com/restore-drill-schedule";
constexpr const char* kWithoutArchive = "postgres-operator.crunchydata.com/restore-without-archive";

struct RestoreWish {
  int replicas = 3;
  std::string restore{};  // spec.backups.pgbackrest.restore
  std::string more{};
};

std::string spec_restoring(const RestoreWish& wish) {
  const std::string restore =
      wish.restore.empty() ? std::string() : concat(R"("restore":)", wish.restore, ",");
  return concat(
      R"({"postgresVersion":15,"instances":[{"name":"instance1","replicas":)", wish.replicas,
      R"(,"dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
      R"("resources":{"requests":{"storage":"1Gi"}}}}],"backups":{"pgbackrest":{)", restore,
      R"("repos":[{"name":"repo1","volume":{"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
      R"("resources":{"requests":{"storage":"1Gi"}}}}}]}})", wish.more, "}");
}

// People act three seconds after the time of their deed.
std::string to_time(Duration deed) {
  return concat(R"({"enabled":true,"repoName":"repo1","options":["--type=time","--target=)",
                spec::point_in_time_text(Schedule::kStart + deed + 3s), R"("]})");
}
constexpr const char* kToTheEnd = R"({"enabled":true,"repoName":"repo1"})";
constexpr const char* kDisabled = R"({"enabled":false,"repoName":"repo1"})";

Deed create_three() {
  return {0s, [](People& people) { people.create("hippo", spec_restoring({})); }};
}
Deed wish(Duration at, const RestoreWish& wish) {
  return {at, [spec = spec_restoring(wish)](People& people) { people.change("hippo", spec); }};
}
Deed ask_restore(Duration at, const std::string& request) {
  return {at, [request](People& people) { people.annotate("hippo", kRequest, request); }};
}
Deed do_without(Duration at, const std::string& request) {
  return {at,
          [request](People& people) { people.annotate_also("hippo", kWithoutArchive, request); }};
}
Deed write(Duration at) {
  return {at, [](People& people) { people.write("hippo"); }};
}
Deed trouble(Duration at, const RepositoryTrouble& trouble) {
  return {at, [trouble](People& people) { people.trouble_repositories(trouble); }};
}
Deed remove_restoring(Duration at) {
  return {at, [](People& people) { people.remove("hippo"); }};
}

std::string from_source(const std::string& source) {
  return source.empty() ? source : concat(R"(,"dataSource":{"postgresCluster":{)", source, "}}");
}
std::string on_volume(const std::string& claim) {
  return concat(R"(,"dataSource":{"volumes":{"pgDataVolume":{"pvcName":")", claim,
                R"(","directory":"v4"}}})");
}
constexpr const char* kRhino = R"("clusterName":"rhino","repoName":"repo1")";
std::string rhino_at(Duration deed) {
  return concat(kRhino, R"(,"options":["--type=time","--target=)",
                spec::point_in_time_text(Schedule::kStart + deed + 3s), R"("])");
}

// To 75 s, asked for at 101 s, with a row on either side.
std::vector<Deed> restore_to_75s() {
  return {create_three(), write(60s), write(90s), wish(100s, {.restore = to_time(75s)}),
          ask_restore(101s, "one")};
}
std::vector<Deed> and_then(std::vector<Deed> deeds, const std::vector<Deed>& more) {
  deeds.insert(deeds.end(), more.begin(), more.end());
  return deeds;
}

// A new cluster with the data of rhino, which has backups.
Deed create_clone(Duration at, const std::string& source) {
  return {at, [source](People& people) {
            people.create("hippo", spec_restoring({.replicas = 2, .more = from_source(source)}));
          }};
}
Deed wish_clone(Duration at, const std::string& source) {
  return {at, [source](People& people) {
            people.change("hippo", spec_restoring({.replicas = 2, .more = from_source(source)}));
          }};
}
// From the bucket of that name, which has what the cluster of that name has written.
std::string from_bucket(const std::string& bucket, const std::string& more = {}) {
  return concat(R"(,"dataSource":{"pgbackrest":{)", more,
                R"("repo":{"name":"repo1","s3":{"bucket":")", bucket,
                R"(","endpoint":"s3.example.com","region":"north"}}}})");
}
Deed create_from(Duration at, const std::string& source) {
  return {at, [source](People& people) {
            people.create("hippo", spec_restoring({.replicas = 2, .more = source}));
          }};
}
Deed remove_source(Duration at) {
  return {at, [](People& people) { people.remove("rhino"); }};
}
Deed bring_volume(Duration at) {
  return {at, [](People& people) { people.bring("PersistentVolumeClaim", "old", "data"); }};
}
Deed create_on(Duration at, const std::string& claim) {
  return {at, [claim](People& people) {
            people.create("hippo", spec_restoring({.replicas = 2, .more = on_volume(claim)}));
          }};
}
Deed wish_on(Duration at, const std::string& more) {
  return {at, [more](People& people) {
            people.change("hippo", spec_restoring({.replicas = 2, .more = more}));
          }};
}
Deed create_source(Duration at) {
  return {at, [](People& people) { people.create("rhino", spec_restoring({.replicas = 1})); }};
}
Deed write_source(Duration at) {
  return {at, [](People& people) { people.write("rhino"); }};
}

}  // namespace

// Rows and the status depend on when somebody led; who led decides whose volume is restored.
void add_restore_scenarios(std::vector<Scenario>& all) {
  const std::vector<std::string> by_chance{" row ", "Job/", "Pod/ns/hippo-pgbackrest-",
                                           "PostgresCluster/ns/hippo"};
  const auto add = [&](const std::string& name, std::vector<Deed> deeds) {
    all.push_back({.name = name,
                   .deeds = std::move(deeds),
                   .leftovers = by_chance,
                   .spared = {FaultKind::kRollback}});
  };
  add("restore", and_then(restore_to_75s(), {write(300s)}));
  add("restore-whole", {create_three(), write(60s), wish(90s, {.restore = kToTheEnd}),
                        ask_restore(91s, "one"), write(300s)});
  add("restore-undo",
      and_then(restore_to_75s(), {write(300s), ask_restore(310s, "undo"), write(600s)}));
  add("restore-twice",
      and_then(restore_to_75s(), {write(300s), wish(310s, {.restore = to_time(95s)}),
                                  ask_restore(311s, "two"), write(600s)}));
  add("restore-of-one-instance",
      {{0s, [](People& people) { people.create("hippo", spec_restoring({.replicas = 1})); }},
       write(60s),
       write(90s),
       wish(100s, {.replicas = 1, .restore = to_time(75s)}),
       ask_restore(101s, "one")});
  // Another wish while instances stop.
  add("restore-replaced", and_then(restore_to_75s(), {wish(102s, {.restore = to_time(95s)}),
                                                      ask_restore(102'300ms, "two")}));
  // The first cannot be done; the second can.
  add("restore-refused",
      {create_three(), write(60s), wish(90s, {.restore = to_time(-3600s)}), ask_restore(91s, "one"),
       write(200s), wish(210s, {.restore = to_time(150s)}), ask_restore(211s, "two")});
  add("restore-fails-first",
      and_then(restore_to_75s(), {trouble(99s, {.is_corrupt = true}), ask_restore(220s, "two"),
                                  trouble(300s, {}), write(700s)}));
  add("restore-waits-for-archive", and_then(restore_to_75s(), {trouble(95s, {.takes_none = true}),
                                                               trouble(240s, {}), write(600s)}));
  // The row after the target is archived, and none after that.
  add("restore-without-archive",
      {create_three(), write(60s), write(90s), trouble(200s, {.takes_none = true}), write(205s),
       wish(210s, {.restore = to_time(75s)}), ask_restore(211s, "one"), do_without(300s, "one"),
       write(600s), trouble(700s, {})});
  add("restore-withdrawn",
      and_then(restore_to_75s(), {trouble(95s, {.takes_none = true}),
                                  wish(150s, {.restore = kDisabled}), trouble(200s, {})}));
  add("restore-and-shutdown",
      and_then(restore_to_75s(),
               {wish(103s, {.restore = to_time(75s), .more = R"(,"shutdown":true)"}),
                wish(400s, {.restore = to_time(75s)})}));
  // Asked for while nobody runs.
  add("restore-and-startup",
      {create_three(), write(60s), write(90s), wish(100s, {.more = R"(,"shutdown":true)"}),
       wish(150s, {.restore = to_time(75s), .more = R"(,"shutdown":true)"}),
       ask_restore(151s, "one"), wish(200s, {.restore = to_time(75s)})});
  add("restore-and-scale",
      and_then(restore_to_75s(), {wish(106s, {.replicas = 2, .restore = to_time(75s)})}));
  // Who goes is chosen by who leads, and pgBackRest is told who there is.
  for (const char* part : {"hippo-instance1", "hippo-set-", "hippo-pgbackrest-config"})
    all.back().leftovers.emplace_back(part);
  all.push_back({.name = "restore-and-delete",
                 .deeds = and_then(restore_to_75s(), {remove_restoring(108s)}),
                 .ends_empty = true,
                 .spared = {FaultKind::kRollback}});
}

Deed ask_drill(Duration at, const std::string& request) {
  return {at, [request](People& people) { people.annotate_also("hippo", kDrill, request); }};
}
Deed plan_drills(Duration at) {
  return {at, [](People& people) { people.annotate_also("hippo", kDrillSchedule, "7d"); }};
}
Deed ask_restore_also(Duration at, const std::string& request) {
  return {at, [request](People& people) { people.annotate_also("hippo", kRequest, request); }};
}

// What a drill has proven stands in the status.
void add_drill_scenarios(std::vector<Scenario>& all) {
  const std::vector<std::string> by_chance{" row ", "Job/", "Pod/ns/hippo-pgbackrest-",
                                           "PostgresCluster/ns/hippo"};
  const auto add = [&](const std::string& name, std::vector<Deed> deeds) {
    all.push_back({.name = name,
                   .deeds = std::move(deeds),
                   .leftovers = by_chance,
                   .spared = {FaultKind::kRollback}});
  };
  add("drill", {create_three(), write(60s), ask_drill(90s, "one"), write(95s), write(300s)});
  add("drills-by-schedule", {create_three(), write(60s), plan_drills(90s), write(300s)});
  add("drill-fails", {create_three(), write(60s), trouble(85s, {.is_corrupt = true}),
                      ask_drill(90s, "one"), trouble(300s, {}), plan_drills(310s), write(400s)});
  add("drill-and-restore",
      {create_three(), write(60s), write(90s), wish(100s, {.restore = to_time(75s)}),
       ask_drill(101s, "one"), ask_restore_also(104s, "back"), write(400s)});
  add("drill-and-shutdown", {create_three(), write(60s), ask_drill(90s, "one"),
                             wish(94s, {.more = R"(,"shutdown":true)"}), wish(300s, {})});
  all.push_back(
      {.name = "drill-and-delete",
       .deeds = {create_three(), write(60s), ask_drill(90s, "one"), remove_restoring(94s)},
       .ends_empty = true,
       .spared = {FaultKind::kRollback}});
}

// Rows and the status depend on when somebody led, and so does what of the source was archived.
void add_clone_scenarios(std::vector<Scenario>& all) {
  const std::vector<std::string> by_chance{" row ", "Job/", "Pod/ns/hippo-pgbackrest-",
                                           "PostgresCluster/ns/", "SQL/",
                                           // Of the source, where that had them when it archived.
                                           " database rhino", " user rhino"};
  const auto add = [&](const std::string& name, std::vector<Deed> deeds) {
    all.push_back({.name = name, .deeds = std::move(deeds), .leftovers = by_chance});
  };
  add("clone", {create_source(0s), write_source(60s), create_clone(90s, kRhino), write_source(95s),
                write(300s)});
  add("clone-to-a-time", {create_source(0s), write_source(60s), write_source(90s),
                          create_clone(150s, rhino_at(75s)), write(400s)});
  add("clone-before-its-source",
      {create_clone(0s, kRhino), create_source(60s), write_source(120s)});
  add("clone-corrected", {create_source(0s), write_source(60s),
                          create_clone(90s, R"("clusterName":"rhino","repoName":"repo3")"),
                          wish_clone(150s, kRhino), wish_clone(300s, "")});
  add("clone-changed-in-the-middle", {create_source(0s), write_source(60s), write_source(90s),
                                      create_clone(150s, kRhino), wish_clone(156s, rhino_at(75s))});
  // The cluster that wrote them is gone.
  add("bucket", {create_source(0s), write_source(60s), remove_source(120s),
                 create_from(200s, from_bucket("rhino")), write(500s)});
  add("bucket-to-a-time",
      {create_source(0s), write_source(60s), write_source(90s), remove_source(150s),
       create_from(220s,
                   from_bucket("rhino",
                               concat(R"("options":["--type=time","--target=)",
                                      spec::point_in_time_text(Schedule::kStart + 78s), R"("],)"))),
       write(500s)});
  add("bucket-corrected",
      {create_source(0s), write_source(60s), create_from(90s, from_bucket("zebra")),
       wish_on(150s, from_bucket("rhino")), write(500s)});
  add("volume", {bring_volume(0s), create_on(10s, "old"), write(120s), wish_on(200s, "")});
  add("volume-corrected",
      {create_on(0s, "missing"), bring_volume(50s), wish_on(60s, on_volume("old")), write(200s)});
  // Without a journal, who has a volume already comes first.
  for (const char* part : {"hippo-instance1", "PersistentVolumeClaim/ns/old"})
    all.back().leftovers.emplace_back(part);
  // In place, of a cluster that was made from other data, which its spec still names.
  add("volume-and-restore",
      {bring_volume(0s), create_on(10s, "old"), write(120s), write(150s),
       wish(160s, {.replicas = 2, .restore = to_time(135s), .more = on_volume("old")}),
       ask_restore(161s, "one"), write(500s)});
  all.back().spared = {FaultKind::kRollback};
  add("clone-and-restore",
      {create_source(0s), write_source(60s), create_clone(90s, kRhino), write(200s), write(230s),
       wish(240s, {.replicas = 2, .restore = to_time(215s), .more = from_source(kRhino)}),
       ask_restore(241s, "one"), write(600s)});
  all.back().spared = {FaultKind::kRollback};
  all.push_back({.name = "clone-and-delete",
                 .deeds = {create_source(0s),
                           create_clone(60s, kRhino),
                           remove_restoring(70s),
                           {100s, [](People& people) { people.remove("rhino"); }}},
                 .ends_empty = true});
}

}  // namespace annals::simulation

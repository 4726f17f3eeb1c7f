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

// The spec as it was, and its instances do not run.
Deed shut_down(Duration at, std::string name, const std::string& more = {}) {
  return edit_spec(at, std::move(name), cluster_of_two(concat(more, R"(,"shutdown":true)")));
}
Deed cut(Duration at, std::string name, bool is_cut = true) {
  return {at, [name, is_cut](People& people) { people.cut_off(name, is_cut); }};
}
Deed slow_down(Duration at, std::string name) {
  return {at, [name](People& people) { people.slow_replay(name); }};
}
Deed leave_receipt(Duration at, std::string name, bool withdrawn = false) {
  return {at, [name, withdrawn](People& people) { people.leave_receipt(name, withdrawn); }};
}
Deed permit(Duration at, std::string name, std::string text) {
  return {at, [name, text](People& people) {
            people.annotate(name, manifests::annotation::kStandbyPromotion, text);
          }};
}

// What the followed cluster has when the other one is promoted is chance under faults.
const std::vector<std::string> kOfSource{" user hippo", " database hippo", " row "};

void add_followers(std::vector<Scenario>& all) {
  all.push_back(
      {.name = "standby",
       .deeds = {make(0s, "hippo", cluster_of_two("")), make(60s, "rhino", standby_of(kHost)),
                 write_row(90s, "hippo"), write_row(120s, "rhino"),
                 edit_spec(130s, "rhino", standby_of(R"("host":"hippo-primary.ns")")),
                 edit_spec(160s, "rhino",
                           standby_of(R"("host":"hippo-primary.ns","port":5433)", kConnections))},
       .has_standby = true});
  all.push_back(
      {.name = "standby-link-cut",
       .deeds = {make(0s, "hippo", cluster_of_two("")), make(60s, "rhino", standby_of(kHost)),
                 cut(120s, "rhino"), write_row(130s, "hippo"), cut(900s, "rhino", false),
                 write_row(910s, "hippo"), cut(1200s, "rhino")},
       .has_standby = true});
}

std::string cluster_of_one(const std::string& more) {
  std::string spec = cluster_of_two(more);
  const std::string two = R"("replicas":2)";
  return spec.replace(spec.find(two), two.size(), R"("replicas":1)");
}
std::string named(const char* host, bool enabled) {
  return concat(R"(,"standby":{"enabled":)", enabled ? "true," : "false,", host, "}");
}

// A site is lost, and comes back after the other one was promoted: its last writes are given up by
// consent, or the other one ends.
void add_old_primaries(std::vector<Scenario>& all) {
  const std::vector<Deed> lost = {
      make(0s, "hippo", cluster_of_one(named(kOther, false))),
      make(30s, "rhino", standby_of(kHost)),
      write_row(80s, "hippo"),
      cut(90s, "rhino"),
      edit_spec(100s, "rhino", cluster_of_two(named(kHost, false))),
      write_row(150s, "hippo"),
      cut(200s, "rhino", false),
      {210s, [](People& people) { people.erase("Pod", "hippo-instance1"); }},
      write_row(300s, "rhino")};
  Scenario follows{.name = "old-primary-returns",
                   .deeds = lost,
                   .leftovers = {"rhino", kOfSource[0], kOfSource[1], kOfSource[2]},
                   .has_standby = true};
  follows.deeds.push_back(edit_spec(320s, "hippo", cluster_of_one(named(kOther, true))));
  follows.deeds.push_back({330s, [](People& people) {
                             people.annotate("hippo", manifests::annotation::kGiveUpTimeline, "1");
                           }});
  follows.deeds.push_back(write_row(500s, "rhino"));
  all.push_back(std::move(follows));
  Scenario leads{.name = "old-primary-leads-again",
                 .deeds = lost,
                 .leftovers = {"rhino", kOfSource[0], kOfSource[1], kOfSource[2]}};
  leads.deeds.push_back(edit_spec(320s, "hippo", cluster_of_one("")));
  leads.deeds.push_back(write_row(500s, "hippo"));
  all.push_back(std::move(leads));
}

void add_promotions(std::vector<Scenario>& all) {
  const std::string primary = cluster_of_two(store("b"));
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
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]}});
  // The other one writes until it is shut down.
  all.push_back(
      {.name = "standby-by-streaming-promoted",
       .deeds = {make(0s, "hippo", cluster_of_two("")), write_row(60s, "hippo"),
                 make(70s, "rhino", standby_of(kHost)),
                 edit_spec(140s, "rhino", cluster_of_two(kConnections)), write_row(200s, "hippo"),
                 shut_down(240s, "hippo"), write_row(400s, "rhino")},
       .leftovers = kOfSource});
  // Whether anybody is promoted in between is chance; that nothing is lost is not.
  all.push_back(
      {.name = "standby-promoted-and-asked-for-again",
       .deeds = {make(0s, "hippo", cluster_of_two("")), make(30s, "rhino", standby_of(kHost)),
                 permit(90s, "rhino", "jane: a test"), edit_spec(100s, "rhino", cluster_of_two("")),
                 edit_spec(101s, "rhino", standby_of(kHost, kConnections)),
                 edit_spec(160s, "rhino", cluster_of_two("")), write_row(300s, "rhino")},
       .leftovers = {"rhino", kOfSource[0], kOfSource[1], kOfSource[2]}});
  add_old_primaries(all);
  // Both have written since they parted: the first one gives that up, and follows.
  all.push_back({.name = "standby-demoted-with-consent",
                 .deeds = {make(0s, "hippo", cluster_of_two("")),
                           make(30s, "rhino", standby_of(kHost)),
                           permit(90s, "rhino", "jane: a test"),
                           edit_spec(100s, "rhino", cluster_of_two("")),
                           write_row(160s, "hippo"),
                           edit_spec(170s, "hippo", standby_of(kOther)),
                           {180s,
                            [](People& people) {
                              people.annotate("hippo", manifests::annotation::kGiveUpTimeline, "1");
                            }},
                           write_row(400s, "rhino")},
                 .leftovers = kOfSource,
                 .has_standby = true});
}

// Whoever is asked first; each wish waits for the other one. Before the first of them an operator
// that was away has seen that the second one follows. An older journal in between is a gap that the
// roadmap names.
void add_switches(std::vector<Scenario>& all) {
  const auto to = [](const char* host, bool enabled = true) {
    return standby_of(concat(R"("enabled":)", enabled ? "true," : "false,", host, ",", kRepository),
                      store("b"));
  };
  all.push_back(
      {.name = "standby-switch-and-back",
       .deeds = {make(0s, "hippo", cluster_of_two(store("b"))), write_row(60s, "hippo"),
                 make(70s, "rhino", to(kHost)), write_row(400s, "hippo"),
                 edit_spec(500s, "rhino", to(kHost, false)), write_row(501s, "hippo"),
                 edit_spec(502s, "hippo", to(kOther)), write_row(650s, "rhino"),
                 edit_spec(800s, "rhino", to(kHost)), edit_spec(802s, "hippo", to(kOther, false)),
                 write_row(803s, "rhino"), write_row(950s, "hippo"),
                 edit_spec(1100s, "hippo", to(kOther)), edit_spec(1160s, "rhino", to(kHost, false)),
                 write_row(1300s, "rhino"), edit_spec(1400s, "hippo", to(kOther, false)),
                 edit_spec(1430s, "rhino", to(kHost)), write_row(1600s, "hippo")},
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]},
       .has_standby = true,
       .spared = {FaultKind::kRollback}});
  all.push_back(
      {.name = "standby-switch-by-streaming",
       .deeds = {make(0s, "hippo", cluster_of_two("")), write_row(60s, "hippo"),
                 make(70s, "rhino", standby_of(kHost)), write_row(400s, "hippo"),
                 edit_spec(500s, "hippo", standby_of(kOther)),
                 edit_spec(510s, "rhino", cluster_of_two(kConnections)), write_row(650s, "rhino"),
                 edit_spec(800s, "hippo", cluster_of_two("")), write_row(805s, "rhino"),
                 edit_spec(810s, "rhino", standby_of(kHost)), write_row(1000s, "hippo")},
       .leftovers = kOfSource,
       .has_standby = true,
       .is_guarded = true,
       .spared = {FaultKind::kRollback}});
  // The first one is asked to lead again before it has received anything from the second one, which
  // it does not reach: its own receipt, at the place that both use, says nothing of that one.
  all.push_back(
      {.name = "standby-switch-regretted",
       .deeds = {make(0s, "hippo", cluster_of_two(store("b"))), write_row(60s, "hippo"),
                 make(70s, "rhino", to(kHost)), write_row(400s, "hippo"),
                 edit_spec(500s, "rhino", to(kHost, false)), edit_spec(502s, "hippo", to(kOther)),
                 cut(520s, "hippo"), edit_spec(700s, "hippo", to(kOther, false)),
                 write_row(750s, "rhino"), cut(900s, "hippo", false),
                 edit_spec(950s, "hippo", to(kOther)), write_row(1200s, "rhino")},
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]},
       .has_standby = true,
       .is_guarded = true,
       .spared = {FaultKind::kRollback}});
  // The second one lacks a row, and is promoted by force while the first one ends, or later; which
  // of them is seen first is chance.
  all.push_back({.name = "standby-switch-forced",
                 .deeds = {make(0s, "hippo", cluster_of_two("")), write_row(60s, "hippo"),
                           make(70s, "rhino", standby_of(kHost)), cut(430s, "rhino"),
                           write_row(440s, "hippo"), edit_spec(450s, "hippo", standby_of(kOther)),
                           permit(455s, "rhino", "jane: a test"),
                           edit_spec(458s, "rhino", cluster_of_two("")), write_row(700s, "rhino")},
                 .leftovers = {"hippo", kOfSource[0], kOfSource[1], kOfSource[2]},
                 .has_standby = true});
}

// What is known of the other cluster, and what is not.
void add_guarded_promotions(std::vector<Scenario>& all) {
  const std::string primary = cluster_of_two(store("b"));
  const std::string from_store = standby_of(kRepository, store("b"));
  const std::string promoted = standby_of(R"("enabled":false,"repoName":"repo1")", store("b"));
  all.push_back({.name = "standby-promoted-by-consent",
                 .deeds = {make(0s, "hippo", cluster_of_two("")), write_row(60s, "hippo"),
                           make(70s, "rhino", standby_of(kHost)),
                           edit_spec(140s, "rhino", cluster_of_two("")),
                           permit(300s, "rhino", "jane: the other site burns")},
                 .leftovers = kOfSource});
  all.push_back({.name = "standby-promoted-without-proof",
                 .deeds = {make(0s, "hippo", cluster_of_two("")), write_row(60s, "hippo"),
                           make(70s, "rhino", standby_of(kHost)), cut(130s, "rhino"),
                           edit_spec(140s, "rhino", cluster_of_two("")), write_row(300s, "rhino")},
                 .leftovers = kOfSource});
  all.push_back(
      {.name = "standby-guarded",
       .deeds = {make(0s, "hippo", cluster_of_two("")), write_row(60s, "hippo"),
                 make(70s, "rhino", standby_of(kHost)), cut(130s, "rhino"),
                 edit_spec(140s, "rhino", cluster_of_two("")), write_row(300s, "hippo"),
                 permit(600s, "rhino", "jane: the other site burns"), write_row(700s, "rhino")},
       .leftovers = kOfSource,
       .is_guarded = true});
  // It was started again after the receipt, which nobody has withdrawn.
  all.push_back(
      {.name = "standby-receipt-overtaken",
       .deeds = {make(0s, "hippo", primary), write_row(90s, "hippo"),
                 make(100s, "rhino", from_store), leave_receipt(200s, "hippo"),
                 write_row(210s, "hippo"), edit_spec(290s, "hippo", cluster_of_two(store("c"))),
                 edit_spec(300s, "rhino", promoted),
                 permit(600s, "rhino", "jane: the other site burns"), write_row(800s, "rhino")},
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]},
       .is_guarded = true});
  // A receipt that is withdrawn proves nothing; the next one does, and is replayed to its end.
  all.push_back(
      {.name = "standby-promoted-by-receipt",
       .deeds = {make(0s, "hippo", primary), write_row(90s, "hippo"), write_row(95s, "hippo"),
                 make(100s, "rhino", from_store), slow_down(101s, "rhino"),
                 edit_spec(200s, "hippo", cluster_of_two(store("c"))),
                 leave_receipt(205s, "hippo", true), edit_spec(220s, "rhino", promoted),
                 leave_receipt(400s, "hippo"), write_row(700s, "rhino")},
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]},
       .is_guarded = true});
}

}  // namespace

void add_standby_scenarios(std::vector<Scenario>& all) {
  add_followers(all);
  add_promotions(all);
  add_switches(all);
  add_guarded_promotions(all);
  // It keeps its primary, and takes all else that is asked for.
  all.push_back({.name = "standby-of-a-primary",
                 .deeds = {make(0s, "hippo", cluster_of_two(store("b"))), write_row(90s, "hippo"),
                           edit_spec(100s, "hippo",
                                     standby_of(R"("host":"elsewhere.example.com")",
                                                concat(store("b"), kConnections))),
                           write_row(200s, "hippo")},
                 .leftovers = {"Job/", " row "},
                 .has_standby = true});
}

}  // namespace annals::simulation

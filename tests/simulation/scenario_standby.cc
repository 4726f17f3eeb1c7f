// Clusters that follow another one: made, changed, promoted, and asked for where there is a
// primary.
#include <chrono>

#include "base/concat.h"
#include "manifests/labels.h"
#include "tests/simulation/standby_deeds.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

void add_followers(std::vector<Scenario>& all) {
  all.push_back(
      {.name = "standby",
       .deeds = {make_cluster(0s, "hippo", cluster_of_two("")),
                 make_cluster(60s, "rhino", standby_of(kHost)), write_into(90s, "hippo"),
                 write_into(120s, "rhino"),
                 edit_spec(130s, "rhino", standby_of(R"("host":"hippo-primary.ns")")),
                 edit_spec(160s, "rhino",
                           standby_of(R"("host":"hippo-primary.ns","port":5433)", kConnections))},
       .has_standby = true});
  all.push_back({.name = "standby-link-cut",
                 .deeds = {make_cluster(0s, "hippo", cluster_of_two("")),
                           make_cluster(60s, "rhino", standby_of(kHost)), cut(120s, "rhino"),
                           write_into(130s, "hippo"), cut(900s, "rhino", false),
                           write_into(910s, "hippo"), cut(1200s, "rhino")},
                 .has_standby = true});
}

// A site is lost, and comes back after the other one was promoted: its last writes are given up by
// consent, or the other one ends.
void add_old_primaries(std::vector<Scenario>& all) {
  const std::vector<Deed> lost = {
      make_cluster(0s, "hippo", cluster_of_one(named(kOther, false))),
      make_cluster(30s, "rhino", standby_of(kHost)),
      write_into(80s, "hippo"),
      cut(90s, "rhino"),
      edit_spec(100s, "rhino", cluster_of_two(named(kHost, false))),
      write_into(150s, "hippo"),
      cut(200s, "rhino", false),
      {210s, [](People& people) { people.erase("Pod", "hippo-instance1"); }},
      write_into(300s, "rhino")};
  Scenario follows{.name = "old-primary-returns",
                   .deeds = lost,
                   .leftovers = {"rhino", kOfSource[0], kOfSource[1], kOfSource[2]},
                   .has_standby = true};
  follows.deeds.push_back(edit_spec(320s, "hippo", cluster_of_one(named(kOther, true))));
  follows.deeds.push_back({330s, [](People& people) {
                             people.annotate("hippo", manifests::annotation::kGiveUpTimeline, "1");
                           }});
  follows.deeds.push_back(write_into(500s, "rhino"));
  all.push_back(std::move(follows));
  Scenario leads{.name = "old-primary-leads-again",
                 .deeds = lost,
                 .leftovers = {"rhino", kOfSource[0], kOfSource[1], kOfSource[2]}};
  // Who was heard so late that the other site is back is refused until somebody insists.
  leads.deeds.push_back({310s, [](People& people) {
                           people.annotate("rhino", manifests::annotation::kStandbyPromotion,
                                           "jane: it is to lead");
                         }});
  leads.deeds.push_back(edit_spec(320s, "hippo", cluster_of_one("")));
  leads.deeds.push_back(write_into(500s, "hippo"));
  all.push_back(std::move(leads));
}

void add_promotions(std::vector<Scenario>& all) {
  const std::string primary = cluster_of_two(store("b"));
  // The cluster that it followed has left the place before, as it has to.
  const std::string from_store = standby_of(kRepository, store("b"));
  all.push_back(
      {.name = "standby-promoted",
       .deeds = {make_cluster(0s, "hippo", primary), write_into(90s, "hippo"),
                 make_cluster(100s, "rhino", from_store),
                 edit_spec(200s, "hippo", cluster_of_two(store("c"))),
                 edit_spec(220s, "rhino",
                           standby_of(R"("enabled":false,"repoName":"repo1")", store("b"))),
                 write_into(400s, "rhino")},
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]}});
  // The other one writes until it is shut down.
  all.push_back(
      {.name = "standby-by-streaming-promoted",
       .deeds = {make_cluster(0s, "hippo", cluster_of_two("")), write_into(60s, "hippo"),
                 make_cluster(70s, "rhino", standby_of(kHost)),
                 edit_spec(140s, "rhino", cluster_of_two(kConnections)), write_into(200s, "hippo"),
                 shut_down(240s, "hippo"), write_into(400s, "rhino")},
       .leftovers = kOfSource});
  // Whether anybody is promoted in between is chance; that nothing is lost is not.
  all.push_back(
      {.name = "standby-promoted-and-asked-for-again",
       .deeds = {make_cluster(0s, "hippo", cluster_of_two("")),
                 make_cluster(30s, "rhino", standby_of(kHost)),
                 permit(90s, "rhino", "jane: a test"), edit_spec(100s, "rhino", cluster_of_two("")),
                 edit_spec(101s, "rhino", standby_of(kHost, kConnections)),
                 edit_spec(160s, "rhino", cluster_of_two("")), write_into(300s, "rhino")},
       .leftovers = {"rhino", kOfSource[0], kOfSource[1], kOfSource[2]}});
  add_old_primaries(all);
  // Both have written since they parted: the first one gives that up, and follows.
  all.push_back({.name = "standby-demoted-with-consent",
                 .deeds = {make_cluster(0s, "hippo", cluster_of_two("")),
                           make_cluster(30s, "rhino", standby_of(kHost)),
                           permit(90s, "rhino", "jane: a test"),
                           edit_spec(100s, "rhino", cluster_of_two("")),
                           write_into(160s, "hippo"),
                           edit_spec(170s, "hippo", standby_of(kOther)),
                           {180s,
                            [](People& people) {
                              people.annotate("hippo", manifests::annotation::kGiveUpTimeline, "1");
                            }},
                           write_into(400s, "rhino")},
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
       .deeds = {make_cluster(0s, "hippo", cluster_of_two(store("b"))), write_into(60s, "hippo"),
                 make_cluster(70s, "rhino", to(kHost)), write_into(400s, "hippo"),
                 edit_spec(500s, "rhino", to(kHost, false)), write_into(501s, "hippo"),
                 edit_spec(502s, "hippo", to(kOther)), write_into(650s, "rhino"),
                 edit_spec(800s, "rhino", to(kHost)), edit_spec(802s, "hippo", to(kOther, false)),
                 write_into(803s, "rhino"), write_into(950s, "hippo"),
                 edit_spec(1100s, "hippo", to(kOther)), edit_spec(1160s, "rhino", to(kHost, false)),
                 write_into(1300s, "rhino"), edit_spec(1400s, "hippo", to(kOther, false)),
                 edit_spec(1430s, "rhino", to(kHost)), write_into(1600s, "hippo")},
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]},
       .has_standby = true,
       .spared = {FaultKind::kRollback}});
  all.push_back(
      {.name = "standby-switch-by-streaming",
       .deeds = {make_cluster(0s, "hippo", cluster_of_two("")), write_into(60s, "hippo"),
                 make_cluster(70s, "rhino", standby_of(kHost)), write_into(400s, "hippo"),
                 edit_spec(500s, "hippo", standby_of(kOther)),
                 edit_spec(510s, "rhino", cluster_of_two(kConnections)), write_into(650s, "rhino"),
                 edit_spec(800s, "hippo", cluster_of_two("")), write_into(805s, "rhino"),
                 edit_spec(810s, "rhino", standby_of(kHost)), write_into(1000s, "hippo")},
       .leftovers = kOfSource,
       .has_standby = true,
       .is_guarded = true,
       .spared = {FaultKind::kRollback}});
  // The first one is asked to lead again before it has received anything from the second one, which
  // it does not reach: its own receipt, at the place that both use, says nothing of that one.
  all.push_back(
      {.name = "standby-switch-regretted",
       .deeds = {make_cluster(0s, "hippo", cluster_of_two(store("b"))), write_into(60s, "hippo"),
                 make_cluster(70s, "rhino", to(kHost)), write_into(400s, "hippo"),
                 edit_spec(500s, "rhino", to(kHost, false)), edit_spec(502s, "hippo", to(kOther)),
                 cut(520s, "hippo"), edit_spec(700s, "hippo", to(kOther, false)),
                 write_into(750s, "rhino"), cut(900s, "hippo", false),
                 edit_spec(950s, "hippo", to(kOther)), write_into(1200s, "rhino")},
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]},
       .has_standby = true,
       .is_guarded = true,
       .spared = {FaultKind::kRollback}});
  // The second one lacks a row, and is promoted by force while the first one ends, or later; which
  // of them is seen first is chance.
  all.push_back({.name = "standby-switch-forced",
                 .deeds = {make_cluster(0s, "hippo", cluster_of_two("")), write_into(60s, "hippo"),
                           make_cluster(70s, "rhino", standby_of(kHost)), cut(430s, "rhino"),
                           write_into(440s, "hippo"), edit_spec(450s, "hippo", standby_of(kOther)),
                           permit(455s, "rhino", "jane: a test"),
                           edit_spec(458s, "rhino", cluster_of_two("")), write_into(700s, "rhino")},
                 .leftovers = {"hippo", kOfSource[0], kOfSource[1], kOfSource[2]},
                 .has_standby = true});
}

// What is known of the other cluster, and what is not.
void add_guarded_promotions(std::vector<Scenario>& all) {
  const std::string primary = cluster_of_two(store("b"));
  const std::string from_store = standby_of(kRepository, store("b"));
  const std::string promoted = standby_of(R"("enabled":false,"repoName":"repo1")", store("b"));
  all.push_back({.name = "standby-promoted-by-consent",
                 .deeds = {make_cluster(0s, "hippo", cluster_of_two("")), write_into(60s, "hippo"),
                           make_cluster(70s, "rhino", standby_of(kHost)),
                           edit_spec(140s, "rhino", cluster_of_two("")),
                           permit(300s, "rhino", "jane: the other site burns")},
                 .leftovers = kOfSource});
  all.push_back({.name = "standby-promoted-without-proof",
                 .deeds = {make_cluster(0s, "hippo", cluster_of_two("")), write_into(60s, "hippo"),
                           make_cluster(70s, "rhino", standby_of(kHost)), cut(130s, "rhino"),
                           edit_spec(140s, "rhino", cluster_of_two("")), write_into(300s, "rhino")},
                 .leftovers = kOfSource});
  all.push_back(
      {.name = "standby-guarded",
       .deeds = {make_cluster(0s, "hippo", cluster_of_two("")), write_into(60s, "hippo"),
                 make_cluster(70s, "rhino", standby_of(kHost)), cut(130s, "rhino"),
                 edit_spec(140s, "rhino", cluster_of_two("")), write_into(300s, "hippo"),
                 permit(600s, "rhino", "jane: the other site burns"), write_into(700s, "rhino")},
       .leftovers = kOfSource,
       .is_guarded = true});
  // It was started again after the receipt, which nobody has withdrawn.
  all.push_back(
      {.name = "standby-receipt-overtaken",
       .deeds = {make_cluster(0s, "hippo", primary), write_into(90s, "hippo"),
                 make_cluster(100s, "rhino", from_store), leave_receipt(200s, "hippo"),
                 write_into(210s, "hippo"), edit_spec(290s, "hippo", cluster_of_two(store("c"))),
                 edit_spec(300s, "rhino", promoted),
                 permit(600s, "rhino", "jane: the other site burns"), write_into(800s, "rhino")},
       .leftovers = {"Job/", kOfSource[0], kOfSource[1], kOfSource[2]},
       .is_guarded = true});
  // A receipt that is withdrawn proves nothing; the next one does, and is replayed to its end.
  all.push_back(
      {.name = "standby-promoted-by-receipt",
       .deeds = {make_cluster(0s, "hippo", primary), write_into(90s, "hippo"),
                 write_into(95s, "hippo"), make_cluster(100s, "rhino", from_store),
                 slow_down(101s, "rhino"), edit_spec(200s, "hippo", cluster_of_two(store("c"))),
                 leave_receipt(205s, "hippo", true), edit_spec(220s, "rhino", promoted),
                 leave_receipt(400s, "hippo"), write_into(700s, "rhino")},
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
  all.push_back(
      {.name = "standby-of-a-primary",
       .deeds = {make_cluster(0s, "hippo", cluster_of_two(store("b"))), write_into(90s, "hippo"),
                 edit_spec(100s, "hippo",
                           standby_of(R"("host":"elsewhere.example.com")",
                                      concat(store("b"), kConnections))),
                 write_into(200s, "hippo")},
       .leftovers = {"Job/", " row "},
       .has_standby = true});
}

}  // namespace annals::simulation

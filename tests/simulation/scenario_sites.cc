// The same scenarios where the two clusters are in two sites, each with an operator of its own,
// which knows nothing of the other one; and those that only two sites have.
#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "base/concat.h"
#include "tests/simulation/standby_deeds.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::array kInBothForms{"old-primary-returns",
                                  "old-primary-leads-again",
                                  "standby-by-streaming-promoted",
                                  "standby-promoted-without-proof",
                                  "standby-guarded",
                                  "standby-switch-and-back",
                                  "standby-switch-by-streaming",
                                  "standby-switch-regretted",
                                  "standby-switch-forced"};

Scenario in_two_sites(Scenario scenario) {
  scenario.name = concat("two-sites-", scenario.name);
  scenario.operators = 2;
  scenario.abroad = {"rhino"};
  scenario.has_standby = true;  // by faults it may have one for good
  return scenario;
}

Deed lose_first_site(Duration at, bool is_lost = true) {
  return {at, [is_lost](People& people) { people.lose_site("hippo", is_lost); }};
}

// With its operator and its API server. It comes back as what it was, and is to follow.
void add_lost_sites(std::vector<Scenario>& all) {
  Scenario lost{.name = "site-lost",
                .deeds = {make_cluster(0s, "hippo", cluster_of_two(named(kOther, false))),
                          make_cluster(30s, "rhino", standby_of(kHost)),
                          write_into(80s, "hippo"),
                          lose_first_site(90s),
                          edit_spec(100s, "rhino", cluster_of_two(named(kHost, false))),
                          write_into(200s, "rhino"),
                          lose_first_site(300s, false),
                          write_into(380s, "hippo"),
                          edit_spec(400s, "hippo", cluster_of_two(named(kOther, true))),
                          {410s,
                           [](People& people) {
                             people.annotate("hippo", manifests::annotation::kGiveUpTimeline, "1");
                           }},
                          write_into(600s, "rhino")},
                .leftovers = kOfSource};
  all.push_back(in_two_sites(lost));
  Scenario leads = lost;
  leads.name = "site-lost-leads-again";
  std::erase_if(leads.deeds, [](const Deed& deed) { return deed.at > 300s; });
  leads.deeds.push_back(edit_spec(250s, "hippo", cluster_of_two("")));
  leads.deeds.push_back(write_into(500s, "hippo"));
  all.push_back(in_two_sites(std::move(leads)));
  lost.name = "site-lost-guarded";
  lost.is_guarded = true;
  lost.deeds.push_back(permit(150s, "rhino", "jane: the other site burns"));
  all.push_back(in_two_sites(std::move(lost)));
}

// In the middle of a switch, when each follows the other one: in time, and too late. Whoever is
// asked second finds a primary, and waits until it is taken back.
void add_regrets(std::vector<Scenario>& all) {
  const std::string first_leads = cluster_of_two(named(kOther, false));
  const std::string second_leads = cluster_of_two(named(kHost, false));
  all.push_back(in_two_sites(
      {.name = "switch-regretted",
       .deeds = {make_cluster(0s, "hippo", first_leads),
                 make_cluster(70s, "rhino", standby_of(kHost)), write_into(300s, "hippo"),
                 edit_spec(400s, "hippo", standby_of(kOther)),
                 edit_spec(460s, "hippo", first_leads), edit_spec(480s, "rhino", second_leads),
                 write_into(500s, "hippo"), edit_spec(600s, "rhino", standby_of(kHost)),
                 edit_spec(700s, "hippo", standby_of(kOther)),
                 edit_spec(760s, "rhino", second_leads), edit_spec(780s, "hippo", first_leads),
                 write_into(800s, "rhino"), edit_spec(900s, "hippo", standby_of(kOther)),
                 write_into(1000s, "rhino")},
       .leftovers = {kOfSource[0], kOfSource[1], kOfSource[2], " user rhino", " database rhino"},
       .is_guarded = true}));
}

// In the middle of a switch both are asked to lead at once. Each has the proof that the other one
// takes no writes, and only one is promoted: that which was no primary before.
void add_both_asked(std::vector<Scenario>& all) {
  const std::string first_leads = cluster_of_two(named(kOther, false));
  const std::string second_leads = cluster_of_two(named(kHost, false));
  Scenario both{
      .name = "both-asked-to-lead",
      .deeds = {make_cluster(0s, "hippo", first_leads),
                make_cluster(70s, "rhino", standby_of(kHost)), write_into(300s, "hippo"),
                edit_spec(400s, "hippo", standby_of(kOther)), edit_spec(460s, "hippo", first_leads),
                edit_spec(460s, "rhino", second_leads),
                edit_spec(700s, "hippo", standby_of(kOther)), write_into(800s, "rhino")},
      .leftovers = {kOfSource[0], kOfSource[1], kOfSource[2], " user rhino", " database rhino"},
      .is_guarded = true};
  all.push_back(in_two_sites(both));
  both.name = "both-asked-to-lead-again";
  both.deeds.insert(both.deeds.end(),
                    {edit_spec(900s, "rhino", standby_of(kHost)),
                     edit_spec(960s, "rhino", second_leads), edit_spec(965s, "hippo", first_leads),
                     edit_spec(1200s, "rhino", standby_of(kHost)), write_into(1300s, "hippo")});
  all.push_back(in_two_sites(std::move(both)));
}

}  // namespace

void add_scenarios_of_two_sites(std::vector<Scenario>& all) {
  std::vector<Scenario> abroad;
  for (const Scenario& each : all) {
    if (std::ranges::find(kInBothForms, each.name) != kInBothForms.end())
      abroad.push_back(in_two_sites(each));
  }
  std::ranges::move(abroad, std::back_inserter(all));
  add_lost_sites(all);
  add_regrets(all);
  add_both_asked(all);
}

}  // namespace annals::simulation

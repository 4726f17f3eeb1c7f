// Scenarios: what people do, at which time. The faults of a plan come on top.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/restores.h"

namespace annals::simulation {

// What a person, or another program, can do to the world.
class People {
 public:
  People() = default;
  People(const People&) = delete;
  People& operator=(const People&) = delete;
  virtual ~People() = default;

  // A PostgresCluster in the namespace "ns", with this spec (JSON).
  virtual void create(const std::string& name, const std::string& spec) = 0;
  // The same with an annotation (key and value) from its first moment on.
  virtual void create_with(const std::string& name, const std::string& key,
                           const std::string& value, const std::string& spec) = 0;
  virtual void change(const std::string& name, const std::string& spec) = 0;
  virtual void remove(const std::string& name) = 0;
  // The same, without waiting for anybody: its finalizers are taken away. From here on leaders take
  // seconds to end, and what they keep in Patroni's store they write as long as they live.
  virtual void remove_by_force(const std::string& name) = 0;
  // Writes into a field of an object that the operator owns, or deletes it. The first object of the
  // kind whose name begins so.
  virtual void edit(const std::string& kind, const std::string& name, const std::string& field) = 0;
  virtual void erase(const std::string& kind, const std::string& name) = 0;
  // A Secret or ConfigMap of theirs, which the operator does not watch; again: with other content.
  virtual void bring(const std::string& kind, const std::string& name,
                     const std::string& content) = 0;
  // OLDEST in it is the label of the oldest backup.
  virtual void annotate(const std::string& name, const std::string& key,
                        const std::string& value) = 0;
  // The same beside the annotations that it has.
  virtual void annotate_also(const std::string& name, const std::string& key,
                             const std::string& value) = 0;
  // Writes a row into the database of this cluster, if anybody leads it.
  virtual void write(const std::string& name) = 0;
  // The WAL of this cluster that is not archived by now is dropped.
  virtual void drop_wal(const std::string& name) = 0;
  // Nobody in this cluster reaches another one from here on, or does again.
  virtual void cut_off(const std::string& name, bool is_cut) = 0;
  // The site where this cluster is has an end, with its pods, or is there again.
  virtual void lose_site(const std::string& name, bool is_lost) = 0;
  // This cluster replays slowly from here on.
  virtual void slow_replay(const std::string& name) = 0;
  // The receipt of this cluster's clean shutdown, as it is now, lies in its repository; or is
  // withdrawn.
  virtual void leave_receipt(const std::string& name, bool withdrawn) = 0;
  // What is wrong with all repositories from here on.
  virtual void trouble_repositories(const RepositoryTrouble& trouble) = 0;
  // The replicas of this cluster leave their leader's history, or start and wait for WAL that it
  // does not write. Neither ends by itself.
  virtual void leave_history(const std::string& name) = 0;
  virtual void wait_for_wal(const std::string& name) = 0;
  // From here on images cannot be pulled, or can again.
  virtual void hide_images(bool hidden) = 0;
  // Ends every process of the operator; it is started anew.
  virtual void restart_operator() = 0;
  // The same, and what it lists first comes from a replica of the API server that is behind.
  virtual void restart_behind() = 0;
  // It is restarted, and its volume is empty afterwards.
  virtual void lose_journal() = 0;
  // The leading process stands still for so long.
  virtual void pause_operator(Duration length) = 0;
};

struct Deed {
  Duration at;
  std::function<void(People&)> act;
};

struct Scenario {
  std::string name;
  std::vector<Deed> deeds;
  int operators = 1;
  // The clusters, by name, that are in another site than the others: another Kubernetes, whose
  // operator is another process with a journal of its own.
  std::vector<std::string> abroad{};
  // Clusters that cannot become ready, because their last spec is wrong.
  std::vector<std::string> stuck{};
  // What may be left of a spec in between, or not: parts of names.
  std::vector<std::string> leftovers{};
  // Whether nothing is there when everything has been done.
  bool ends_empty = false;
  // No pod may be ended or changed from this time on.
  Duration calm_from = Duration::max();
  // The operator looks at something every ten minutes for ever.
  bool looks_again = false;
  int stores = 1;  // at so many, each by itself
  // The operator looks at a standby every ten seconds for ever.
  bool has_standby = false;
  // Operators are set to wait for a person before a promotion that nothing proves.
  bool is_guarded = false;
  // Faults under which a promise is broken here: a known gap, which the roadmap names.
  std::vector<FaultKind> spared{};

  int sites() const { return abroad.empty() ? 1 : 2; }
  bool is_abroad(const std::string& cluster) const {
    return std::ranges::find(abroad, cluster) != abroad.end();
  }
};

// All secrets of the simulated world contain this, and the canaries that people write into specs
// begin with it.
inline constexpr const char* kCanary = "moon7f!x!";
// What the specs of the scenario "canaries" hold.
std::vector<std::string> canaries();

// What people ask of backups: scenario_backups.cc
void add_backup_scenarios(std::vector<Scenario>& all);

// Restores that people ask for: scenario_restore.cc
void add_restore_scenarios(std::vector<Scenario>& all);
void add_clone_scenarios(std::vector<Scenario>& all);
// Deletions that are undone, or not: scenario_deleted.cc
void add_deleted_scenarios(std::vector<Scenario>& all);
void add_drill_scenarios(std::vector<Scenario>& all);

// Replicas that do not come back by themselves: scenario_replicas.cc
void add_replica_scenarios(std::vector<Scenario>& all);

// Clusters that follow another one, and their promotion: scenario_standby.cc
void add_standby_scenarios(std::vector<Scenario>& all);

// Those of two sites, some of which are in `all` with one: scenario_sites.cc
void add_scenarios_of_two_sites(std::vector<Scenario>& all);

// Clusters whose Patroni keeps its state in ConfigMaps: scenario_store.cc
void add_store_scenarios(std::vector<Scenario>& all);

// After published bugs of other operators: scenario_published.cc
void add_published_scenarios(std::vector<Scenario>& all);

const std::vector<Scenario>& scenarios();
const Scenario* find_scenario(const std::string& name);

// Specs that several scenarios and tests use.
std::string smallest_spec();
std::string two_instances_spec();

}  // namespace annals::simulation

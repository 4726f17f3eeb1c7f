// Simulation: the processes of the operator, the people and the faults of one run, around its
// sites: a World each, most often one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/fold.h"
#include "tests/simulation/process.h"
#include "tests/simulation/run.h"

namespace annals::simulation {

class Simulation final : private Process::Keeper, private People {
 public:
  Simulation(const Scenario& scenario, std::uint64_t seed, const Plan& plan,
             const RunOptions& options);
  ~Simulation() override;

  // Until nothing is left to happen.
  void play();
  Report report() &&;

  const std::vector<World*>& sites() const { return common_.network.sites(); }
  World& world() { return *sites().front(); }
  Schedule& schedule() { return common_.schedule; }
  Book& book() { return common_.book; }
  Writers& writers() { return common_.writers; }
  // On all disks.
  std::size_t records() const;
  // The process that leads in this site; null when none does.
  const Process* leader(const World& site) const;
  // All streams list again.
  void list_again();
  // Live states against the fold of what their journals hold.
  void check_folds();

 private:
  Duration quiet() const;
  void watch(World& site);
  World& site_of(std::size_t place) const { return *sites()[place % sites().size()]; }
  // Where a cluster of that name is, or would be created.
  World& home_of(const std::string& name) const;
  bool is_led() const;
  Version version() const;
  bool boundary(Process& process, const char* what) override;
  std::vector<std::size_t> leaders() const;
  void check_fold(std::size_t place, const Folded& folded);
  std::optional<std::size_t> crash_at_boundary(const char* what) const;
  std::optional<RequestFault> next_request() override;
  void ended(Process& process, const std::string& why) override;
  void turned(Process& process) override;

  void create(const std::string& name, const std::string& spec) override;
  void create_with(const std::string& name, const std::string& key, const std::string& value,
                   const std::string& spec) override;
  void change(const std::string& name, const std::string& spec) override;
  void remove(const std::string& name) override;
  void remove_by_force(const std::string& name) override;
  void edit(const std::string& kind, const std::string& name, const std::string& field) override;
  void erase(const std::string& kind, const std::string& name) override;
  void bring(const std::string& kind, const std::string& name, const std::string& content) override;
  void annotate(const std::string& name, const std::string& key, const std::string& value) override;
  void annotate_also(const std::string& name, const std::string& key,
                     const std::string& value) override;
  void write(const std::string& name) override;
  void drop_wal(const std::string& name) override;
  void cut_off(const std::string& name, bool is_cut) override;
  void lose_site(const std::string& name, bool is_lost) override;
  void slow_replay(const std::string& name) override;
  void leave_receipt(const std::string& name, bool withdrawn) override;
  void trouble_repositories(const RepositoryTrouble& trouble) override;
  void leave_history(const std::string& name) override;
  void wait_for_wal(const std::string& name) override;
  void hide_images(bool hidden) override;
  void restart_operator() override;
  void restart_behind() override;
  void lose_journal() override;
  void pause_operator(Duration length) override;

  void plan_faults(const Plan& plan);
  void strike(const Fault& fault);
  void start_fault_state(World& site, std::size_t which, Duration length);
  // Whoever waits tries again soon.
  void poke();
  void disturb_network(std::uint64_t choice, Duration length);
  void lose_store(World& site, bool is_lost);
  void heal();
  void boot(std::size_t place);
  void kill(Process& process, std::size_t kept, const std::string& why);
  void edit_externally(std::uint64_t choice);
  void note_forgotten_receipts(World& site);
  void end_a_pod(std::uint64_t choice);
  Process* leading(const World& site);
  std::string with_oldest_backup(const std::string& name, std::string value);
  void set_annotations(const std::string& name, const std::string& annotations);
  void make(const std::string& name, const std::string& annotations, const std::string& spec);
  Place first(const std::string& kind, const std::string& name) const;
  void watch_for_calm(World& site, const Change& change);

  const Scenario& scenario_;
  RunOptions options_;
  std::uint64_t turns_ = 0;
  Random random_;
  Common common_;
  std::vector<std::unique_ptr<World>> worlds_;
  std::vector<Disk> disks_;
  std::vector<RunningFold> folds_;  // of each disk, where it is looked at again and again
  std::vector<std::unique_ptr<Process>> processes_;  // all that ever ran
  std::vector<Process*> running_;                    // by place
  std::map<std::uint64_t, std::size_t> crashes_;     // boundary to what survives
  std::map<std::uint64_t, RequestFault> requests_;
  std::map<std::string, std::string> annotations_;     // JSON, by custom resource
  std::map<std::string, std::string> calm_workloads_;  // name to what is asked for
  Report report_;
  int born_ = 0;      // processes
  int clusters_ = 0;  // custom resources that were made
  int rows_ = 0;      // that were written
  Timestamp healed_at_;
  bool is_peace_ = false;  // no fault comes any more
};

}  // namespace annals::simulation

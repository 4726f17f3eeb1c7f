// Process: one operator process: the real Shell over a journal on the simulated disk, with watches
// on the simulated API server and requests that travel there. It can die between any two things
// that it does; what it does afterwards reaches nobody.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/shell.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/fold.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/watches.h"
#include "tests/simulation/world.h"

namespace annals::simulation {

class Process final : private runtime::IntentRunner {
 public:
  // Who runs the process.
  class Keeper {
   public:
    Keeper() = default;
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    virtual ~Keeper() = default;

    // The process has come to a boundary: a place where a crash leaves other things behind than a
    // crash before it. It is dead when this returns false.
    virtual bool boundary(Process& process, const char* what) = 0;
    // What is wrong with the next request.
    virtual std::optional<RequestFault> next_request() = 0;
    // It has ended by itself and wants to be started anew.
    virtual void ended(Process& process, const std::string& why) = 0;
    // It has handled an event.
    virtual void turned(Process& process) = 0;
  };

  Process(World& world, Disk& disk, Keeper& keeper, std::string identity, Random random);
  ~Process() override;

  // Reads the journal, waits for the lease, watches.
  void start();
  // Dies. So many batches that wait for the disk survive all the same.
  void crash(std::size_t kept);
  // Stands still: whatever comes in waits.
  void pause(Duration length);
  void set_clock(Duration by) { clock_.offset += by; }
  void break_disk() { journal_.break_disk(); }
  void strike(StreamFault fault, std::size_t stream) { watches_.strike(fault, stream); }
  void list_again() { watches_.list_again(); }
  void changed(const std::string& kind);

  void evict_idle() { (void)shell_.evict_idle({}); }

  bool alive() const { return alive_; }
  bool leads() const;
  Epoch epoch() const { return epoch_; }
  const std::string& identity() const { return identity_; }
  const runtime::Shell& shell() const { return shell_; }
  Disk& disk() { return disk_; }

 private:
  struct SkewedClock final : Clock {
    explicit SkewedClock(const Schedule& of) : schedule(of) {}
    Timestamp now() const override { return schedule.now() + offset; }
    Duration steady() const override { return schedule.steady(); }
    const Schedule& schedule;
    Duration offset{};
  };

  void later(Duration delay, std::function<void()> work);
  void recover();
  void check_recovery(const Folded& folded);
  void lead_when_free();
  void stop_renewing();
  void set_timer();
  void carry_out(fsm::Intent intent, actions::ClusterIdentity cluster, Ended ended) override;
  void check_one_writer(const fsm::ApplyObject& job, const actions::ClusterIdentity& cluster) const;
  void check_before_sending(const fsm::Intent& intent, const actions::ClusterIdentity& cluster);
  void send(const fsm::Intent& intent, const actions::ClusterIdentity& cluster, const Ended& ended,
            std::optional<RequestFault> fault);
  void answer(fsm::Outcome outcome, const Ended& ended, Duration delay);
  JournalHooks journal_hooks();

  World& world_;
  Disk& disk_;
  Keeper& keeper_;
  std::string identity_;
  Random random_;
  SkewedClock clock_;
  MemoryJournal journal_;
  runtime::Shell shell_;
  Watches watches_;
  Epoch epoch_;
  bool alive_ = true;
  Timestamp paused_until_;
  std::optional<Timestamp> renewed_;  // its last renewal, when it cannot renew
  std::optional<Timestamp> timer_;
  std::map<std::string, int> on_the_way_;  // requests without an answer, by target
  struct Failures {
    int count = 0;
    Timestamp since{};
  };
  std::map<std::string, Failures> failures_;  // one after the other, by target
};

// The operator's configuration in all runs.
fsm::OperatorConfigured configuration();

}  // namespace annals::simulation

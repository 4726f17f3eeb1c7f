// Shell: the order in which things happen around the machines, without any transport. A fact is
// durable, then step() sees it; decisions and intents are durable, then anything is sent; how that
// ended is a fact again. What it needs of the outside are three small interfaces, so that the
// operator (Loop) and the simulation run the same sequence.
//
// One thread: calls, and completions of both interfaces, never overlap. A completion may come from
// within the call that it belongs to.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actions/cluster_identity.h"
#include "base/clock.h"
#include "base/log.h"
#include "fsm/machine.h"
#include "history/history.h"
#include "history/snapshots.h"
#include "journal/batch.h"
#include "journal/record.h"
#include "runtime/cached_state.h"
#include "runtime/initial_sync_diff.h"
#include "runtime/metrics.h"
#include "runtime/orphan_cache.h"
#include "runtime/place_index.h"

namespace annals::runtime {

// Where records go. `durable` is called once they are, in the order of the appends; never when the
// journal has failed, which is for the owner to notice. An error is about this batch alone, which
// cannot be written whenever it is tried: nothing of it is, and the others go on.
class JournalSink {
 public:
  JournalSink() = default;
  JournalSink(const JournalSink&) = delete;
  JournalSink& operator=(const JournalSink&) = delete;
  virtual ~JournalSink() = default;

  using Durable = std::function<void(std::vector<journal::Record>)>;
  virtual Result<void> append(journal::Batch batch, Durable durable) = 0;
};

// Who does what is wanted. `ended` is called once, with how it ended.
class IntentRunner {
 public:
  IntentRunner() = default;
  IntentRunner(const IntentRunner&) = delete;
  IntentRunner& operator=(const IntentRunner&) = delete;
  virtual ~IntentRunner() = default;

  using Ended = std::function<void(fsm::Outcome)>;
  virtual void carry_out(fsm::Intent intent, actions::ClusterIdentity cluster, Ended ended) = 0;
};

class Shell {
 public:
  struct Parts {
    JournalSink& journal;  // these outlive the shell
    IntentRunner& runner;
    const Clock& clock;
    Log log;
    std::function<bool()> may_write;  // whether we lead at this moment
    // What a restart has to fold of a cluster at most, give or take one step.
    int records_per_snapshot = history::kRecordsPerSnapshot;
    // The same of an evicted one, as nearly all are.
    int records_of_evicted = history::kRecordsOfEvicted;
    Metrics& metrics = no_metrics();
    // More than these are resident only while all of them are at work.
    std::size_t resident_max = 32;
    // Where renderings are shared with other shells; null where they are not. Outlives the shell.
    fsm::Renderings* renderings = nullptr;
  };

  explicit Shell(Parts parts);
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  // A cluster as the journal leaves it, with how much of it no snapshot covers. Before start().
  void recover(fsm::ClusterState state, const history::Tail& tail = {});

  // From here on records carry this epoch, and every cluster learns who runs it and how: before
  // anything else that it is told, and at the latest when all is listed.
  void start(Epoch epoch, std::string identity, fsm::OperatorConfigured config);

  // What the watches tell. Namespace and name find the cluster of an object that only names it in a
  // label; an empty name stands for every cluster of the namespace. What belongs to a cluster that
  // is not known yet is told to it when it appears.
  // `created` is when the resource was, as the API server writes it: who of two came first.
  void observe(ClusterUid uid, fsm::SpecObserved fact, const std::string& created = {});
  void observe_gone(const ClusterUid& uid);
  // `owner` is the UID of the object's controller where that is a custom resource: what belongs to
  // a namesake that is gone is not the cluster's.
  void observe(const std::string& name_space, const std::string& cluster, fsm::Input fact,
               const std::string& owner = {});

  // Everything has been listed once: from here on absence means something.
  void all_listed();

  // Whether the API server can be relied on. Clusters are told before whatever is told to them
  // next, and those that were told that it cannot as soon as it can.
  void server_is(std::string trouble);

  // Tells every cluster whose time has come. To be called at next_due() or soon after.
  void fire_timers();
  std::optional<Timestamp> next_due() const;

  // A snapshot of every cluster that has records since its last one, so that retention may take
  // what is before. `durable` is called when all of them are.
  void take_snapshots(std::function<void()> durable);

  // How many clusters have a record that the journal refuses. Nothing is done for them any more,
  // since nothing could be recorded of it; others do not notice. A new process tries again.
  std::size_t quarantined() const;

  // Clusters to which nothing has happened for so long, and that wait for no outcome, are
  // packed from here on. To be called now and then; does a little at a time, and tells how many it
  // were.
  std::size_t evict_idle(Duration quiet);

  // Clusters, in order, as they are now. An evicted one is unpacked for the visit.
  void each(const std::function<void(const fsm::ClusterState&)>& visit) const;
  // The same in a few words, which cost nothing.
  void summaries(const std::function<void(const Summary&)>& visit) const;
  std::size_t resident() const { return resident_.size(); }

 private:
  struct Cluster {
    explicit Cluster(fsm::ClusterState of) : state(std::move(of)) {}

    CachedState state;
    Timestamp due{};   // the timer that is set for it; zero: none
    Sequence because;  // the record that made it wait until then
    bool told_of_operator = false;
    bool told_of_trouble = false;           // the API server's
    bool seen = false;                      // since this process started
    std::vector<fsm::PlaceRival> rivals{};  // as it was told
    std::uint64_t arrival = 0;
    bool quarantined =
        false;  // the journal refuses a record of it: its state is no longer what is recorded
    int on_the_way = 0;  // facts that are not durable yet, so that the state does not know them
    history::Tail tail;  // since its last snapshot
    Duration touched{};  // when something happened to it
    std::optional<InitialSyncDiff> initial_sync_diff;    // until all is listed
    std::optional<std::list<Cluster*>::iterator> place;  // among those that are resident
  };

  Cluster& cluster(const ClusterUid& uid);
  std::string name_of(const ClusterUid& uid) const;
  void release_unowned(const ClusterUid& uid);
  void introduce(const ClusterUid& uid);
  void tell_of_server(const ClusterUid& uid);
  void tell_synced(const ClusterUid& after);
  void end_initial_sync(const ClusterUid& uid, Cluster& known);
  static bool is_as_known(Cluster& known, const fsm::Input& fact);
  void observe_shared(const std::string& name_space, const fsm::Input& fact);
  // kept_claims.cc
  void observe_kept(const std::string& name_space, const std::string& name, const fsm::Input& fact);
  void tell_keeper(const ClusterUid& uid, const fsm::ObjectObserved& claim);
  void end_keeping(const fsm::ObjectRef& ref, const std::string& claim, const std::string& deleted);
  bool keeps_claims(const ClusterUid& uid) const;
  void release_kept(const fsm::ClusterState& state);
  // shared_places.cc
  void claim_places(const ClusterUid& uid, const fsm::SpecObserved& fact,
                    const std::string& created, const ClusterUid& before);
  void forget_places(const ClusterUid& uid);
  void note_stanzas(const ClusterUid& uid, const Cluster& known);
  void tell_of_rivals(const std::set<ClusterUid>& affected);
  void tell_of_rivals(const ClusterUid& uid);
  void tell_all_of_rivals();
  void append(const ClusterUid& uid, journal::Batch batch, JournalSink::Durable durable);
  void quarantine(const ClusterUid& uid, const Error& why);
  void feed(const ClusterUid& uid, fsm::Input input, Sequence cause = {});
  void recorded(const ClusterUid& uid, fsm::Input input, const journal::Record& record);
  bool is_snapshot_due(const Cluster& known) const;
  void log_decision(const ClusterUid& uid, Sequence seq, const fsm::Decision& decision) const;
  void log_outcome(const ClusterUid& uid, Sequence seq, const fsm::Outcome& outcome) const;
  void record_step(const ClusterUid& uid, Sequence cause, fsm::Step step);
  void carry_out(const ClusterUid& uid, std::vector<fsm::Intent> intents,
                 const std::vector<journal::Record>& records);
  bool has_namesake(const ClusterUid& uid, const Summary& its) const;
  void run_intent(const ClusterUid& uid, fsm::Intent intent, Sequence record);
  void ended(const ClusterUid& uid, Sequence record, fsm::Outcome outcome);
  // standing_looks.cc
  std::optional<fsm::Intent> intent_waited_for(const ClusterUid& uid, fsm::IntentId id) const;
  bool goes_on(const ClusterUid& uid, Sequence record, const fsm::Outcome& outcome);
  void look_again();
  void set_timer(const ClusterUid& uid, Cluster& known, Sequence because);
  void take_snapshot(Cluster& known);
  void touch(Cluster& known);
  static bool may_evict(const Cluster& known);
  std::list<Cluster*>::iterator evict(std::list<Cluster*>::iterator place);

  // A look that stands, until it is made again.
  struct StandingLook {
    Timestamp due;
    ClusterUid cluster;
    fsm::IntentId intent;
    Sequence record;  // of the intent

    friend auto operator<=>(const StandingLook&, const StandingLook&) = default;
  };

  // A volume claim that outlives a cluster.
  struct KeptClaim {
    ClusterUid cluster;
    std::string claim;  // UID
  };

  Parts parts_;
  std::map<std::pair<std::string, std::string>, KeptClaim> kept_;  // by namespace and name
  std::map<ClusterUid, Cluster> clusters_;
  std::map<ClusterUid, Cluster> past_;  // gone before this process began
  std::list<Cluster*> resident_;        // those touched last at the end, but for some at work
  std::map<std::pair<std::string, std::string>, ClusterUid> by_name_;
  std::set<std::pair<std::string, std::string>> used_names_;  // of clusters that are gone
  OrphanCache orphans_;
  PlaceIndex places_;
  std::set<std::pair<Timestamp, ClusterUid>> due_;
  std::set<StandingLook> looks_;
  Epoch epoch_;
  std::string identity_;
  fsm::OperatorConfigured config_;
  std::string server_trouble_;
  bool started_ = false;
  bool listed_ = false;
  bool journal_was_empty_ = true;
  std::uint64_t arrivals_ = 0;
};

}  // namespace annals::runtime

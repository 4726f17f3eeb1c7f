// Loop: facts go into the journal, the machines run from it, what they want is carried out, and how
// that ended is a fact again. Everything here happens on one thread; between two suspensions
// nothing else can. Order per event: the fact is durable, then step() sees it; decisions and
// intents are durable, then anything is sent.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actions/executor.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "fsm/machine.h"
#include "journal/journal.h"
#include "k8s/task_scope.h"

namespace annals::runtime {

class Loop {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    journal::Journal& journal;  // these outlive the loop
    actions::Executor& actions;
    const Clock& clock;
    Log log;
    std::function<bool()> may_write;         // whether we lead at this moment
    std::function<void(std::string)> fatal;  // the journal has failed: stop the process
  };

  explicit Loop(Parts parts);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Replays the journal: after it every cluster is as it was. Blocks; call it before the loop runs.
  Result<void> recover();

  // From here on records carry this epoch, and every cluster learns who runs it and how.
  void start(Epoch epoch, std::string identity, fsm::OperatorConfigured config);

  // What the watches tell. Namespace and name find the cluster of an object that only names it in a
  // label.
  void observe(ClusterUid uid, fsm::SpecObserved fact);
  void observe_gone(const ClusterUid& uid);
  void observe(const std::string& name_space, const std::string& cluster, fsm::Input fact);

  // Everything has been listed once: from here on absence means something.
  void all_listed();

  k8s::TaskScope& tasks() { return tasks_; }

 private:
  struct Cluster {
    fsm::ClusterState state;
    Timestamp due{};  // the timer that is set for it; zero: none
    bool told_of_operator = false;
    bool seen = false;  // since this process started
  };

  Cluster& cluster(const ClusterUid& uid);
  void introduce(const ClusterUid& uid);
  void feed(const ClusterUid& uid, fsm::Input input, Sequence cause = {});
  void recorded(const ClusterUid& uid, fsm::Input input, const journal::Record& record);
  void record_step(const ClusterUid& uid, Sequence cause, fsm::Step step);
  void carry_out(const ClusterUid& uid, const std::vector<fsm::Intent>& intents,
                 const std::vector<journal::Record>& records);
  boost::asio::awaitable<void> run_intent(ClusterUid uid, fsm::Intent intent, Sequence record);
  boost::asio::awaitable<void> keep_time();
  void set_timer(const ClusterUid& uid, Cluster& cluster);
  void fire_timers();
  void append(journal::Batch batch, std::function<void(std::vector<journal::Record>)> then);

  Parts parts_;
  std::map<ClusterUid, Cluster> clusters_;
  std::map<std::pair<std::string, std::string>, ClusterUid> by_name_;
  std::set<std::pair<Timestamp, ClusterUid>> due_;
  Epoch epoch_;
  std::string identity_;
  fsm::OperatorConfigured config_;
  bool started_ = false;
  bool listed_ = false;
  bool journal_was_empty_ = false;
  k8s::TaskScope tasks_;
};

}  // namespace annals::runtime

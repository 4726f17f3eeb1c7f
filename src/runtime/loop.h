// Loop: the shell on Asio. Watches tell it facts, the journal's thread tells it what is durable,
// intents run as coroutines, a timer looks ten times a second. Everything here happens on one
// thread; between two suspensions nothing else can.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actions/executor.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "journal/journal.h"
#include "k8s/task_scope.h"
#include "runtime/retention.h"
#include "runtime/shell.h"

namespace annals::runtime {

class Loop final : private JournalSink, private IntentRunner {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    journal::Journal& journal;  // these outlive the loop
    actions::Executor& actions;
    const Clock& clock;
    Log log;
    std::function<bool()> may_write;         // whether we lead at this moment
    std::function<void(std::string)> fatal;  // the journal has failed: stop the process
    // Why the API server cannot be relied on just now; empty: it can.
    std::function<std::string()> server_trouble = [] { return std::string(); };
    Metrics& metrics = no_metrics();
    Duration retention_every = std::chrono::hours(1);
  };

  explicit Loop(Parts parts);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // What becomes durable later is nobody's business any more.
  ~Loop() override;

  // Replays the journal: after it every cluster is as it was. Blocks; call it before the loop runs.
  Result<void> recover();

  // From here on records carry this epoch, and time passes.
  void start(Epoch epoch, std::string identity, fsm::OperatorConfigured config);

  // Whom the watches tell.
  Shell& shell() { return shell_; }
  const Shell& shell() const { return shell_; }

  k8s::TaskScope& tasks() { return tasks_; }

 private:
  struct AliveFlag;

  Result<void> append(journal::Batch batch, Durable durable) override;
  void carry_out(fsm::Intent intent, actions::ClusterIdentity cluster, Ended ended) override;
  boost::asio::awaitable<void> run_intent(fsm::Intent intent, actions::ClusterIdentity cluster,
                                          Ended ended);
  boost::asio::awaitable<void> keep_time();
  boost::asio::awaitable<void> keep_retention();

  Parts parts_;
  std::shared_ptr<AliveFlag> alive_;
  Shell shell_;
  RetentionKeeper retention_;
  k8s::TaskScope tasks_;
};

}  // namespace annals::runtime

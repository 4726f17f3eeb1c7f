// TaskScope: the owner of coroutines that run on their own. Whoever spawns into it cancels and
// joins it before what they use goes away. An exception that escapes a coroutine is a bug: it is
// logged and the process stops; a restart replays. Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"

namespace annals::k8s {

class TaskScope {
 public:
  explicit TaskScope(boost::asio::any_io_executor executor, Log log = {});
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  // Cancels what still runs, without waiting for it: join first.
  ~TaskScope();

  // Starts `work` on the loop. `name` is for the log.
  void spawn(std::string name, boost::asio::awaitable<void> work);
  // Asks all to stop at their next suspension, where Asio throws operation_aborted into them.
  void cancel();
  // Returns when none runs any more.
  boost::asio::awaitable<void> join();

  std::size_t running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Suspends the caller for that long.
boost::asio::awaitable<void> pause_for(Duration duration);

}  // namespace annals::k8s

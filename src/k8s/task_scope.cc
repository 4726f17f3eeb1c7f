#include "k8s/task_scope.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <exception>
#include <map>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace annals::k8s {

namespace asio = boost::asio;

struct TaskScope::State {
  State(const asio::any_io_executor& on, Log to) : executor(on), log(std::move(to)), changed(on) {
    changed.expires_at(asio::steady_timer::time_point::max());
  }

  struct Task {
    std::string name;
    asio::cancellation_signal stop;
  };

  void finished(std::uint64_t id, const std::exception_ptr& escaped) {
    if (escaped) check(tasks.at(id).name, escaped);
    tasks.erase(id);
    changed.cancel();
  }

  void check(const std::string& name, const std::exception_ptr& escaped) {
    try {
      std::rethrow_exception(escaped);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) return;  // how a coroutine is cancelled
      stop_process(name, error.what());
    } catch (const std::exception& error) {
      stop_process(name, error.what());
    }
  }

  [[noreturn]] void stop_process(const std::string& name, std::string_view what) {
    log.error("exception-escaped", {{"task", name}, {"what", what}});
    assertion_failed("no exception escapes a task", __FILE__, __LINE__, concat(name, ": ", what));
  }

  asio::any_io_executor executor;
  Log log;
  asio::steady_timer changed;
  std::map<std::uint64_t, Task> tasks;
  std::uint64_t next_id = 0;
};

TaskScope::TaskScope(asio::any_io_executor executor, Log log)
    : state_(std::make_shared<State>(executor, std::move(log))) {}

TaskScope::~TaskScope() { cancel(); }

void TaskScope::spawn(std::string name, asio::awaitable<void> work) {
  const std::uint64_t id = state_->next_id++;
  State::Task& task = state_->tasks[id];
  task.name = std::move(name);
  auto done = [state = state_, id](const std::exception_ptr& escaped) {
    state->finished(id, escaped);
  };
  asio::co_spawn(state_->executor, std::move(work),
                 asio::bind_cancellation_slot(task.stop.slot(), std::move(done)));
}

// On the loop itself: from outside of it Asio would only queue its own part of a cancellation, and
// look for a coroutine there that may have ended meanwhile.
void TaskScope::cancel() {
  asio::dispatch(state_->executor, [state = state_] {
    std::vector<std::uint64_t> ids;  // a task may end, and leave the map, while it is told
    for (const auto& [id, task] : state->tasks) ids.push_back(id);
    for (const std::uint64_t id : ids) {
      const auto found = state->tasks.find(id);
      if (found != state->tasks.end()) found->second.stop.emit(asio::cancellation_type::terminal);
    }
  });
}

asio::awaitable<void> TaskScope::join() {
  const std::shared_ptr<State> state = state_;
  while (!state->tasks.empty()) {
    (void)co_await state->changed.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

std::size_t TaskScope::running() const { return state_->tasks.size(); }

asio::awaitable<void> pause_for(Duration duration) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, duration);
  (void)co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace annals::k8s

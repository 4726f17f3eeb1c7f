// Runs one coroutine on a loop of its own until it is done.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <utility>

namespace annals::postgres {

// The loop outlives everything that is made on it: declare one per test, before the connections.
class Loop {
 public:
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    auto result = boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future);
    context_.restart();
    context_.run();
    return result.get();
  }

  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_;
};

}  // namespace annals::postgres

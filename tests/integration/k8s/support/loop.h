// LoopTest: a fixture with a loop on which coroutines run to their end.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/clock.h"

namespace annals::k8s {

class LoopTest : public testing::Test {
 protected:
  // Longer than any deadline of the code under test.
  static constexpr auto kTimeout = std::chrono::seconds(150);

  // Runs the loop until `work` has its result; throws after kPatience.
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    std::optional<T> result;
    run(store(std::move(work), &result));
    return *std::move(result);
  }
  void run(boost::asio::awaitable<void> work) {
    auto done = boost::asio::co_spawn(loop_, std::move(work), boost::asio::use_future);
    const Duration end = clock_.steady() + kTimeout;
    while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      if (clock_.steady() > end) throw std::runtime_error("a coroutine has not ended after 150 s");
      turn();
    }
    done.get();
  }

  // Runs the loop until the condition holds; throws after `patience`, with what `seen` says there
  // is instead.
  void run_until(const std::function<bool()>& condition,
                 std::chrono::seconds patience = std::chrono::seconds(60),
                 const std::function<std::string()>& seen = {},
                 const std::source_location& where = std::source_location::current()) {
    const Duration end = clock_.steady() + patience;
    while (!condition()) {
      if (clock_.steady() > end) {
        throw std::runtime_error("what line " + std::to_string(where.line()) + " of " +
                                 where.file_name() + " waits for has not come after " +
                                 std::to_string(patience.count()) + " s" +
                                 (seen ? ", seen last: " + seen() : std::string()));
      }
      turn();
    }
  }

  // Runs what is due, or waits a little for something to become so.
  void turn() {
    if (loop_.stopped()) loop_.restart();
    loop_.run_one_for(std::chrono::milliseconds(100));
  }

  template <class T>
  static boost::asio::awaitable<void> store(boost::asio::awaitable<T> work,
                                            std::optional<T>* into) {
    into->emplace(co_await std::move(work));
  }

  boost::asio::io_context loop_;
  SystemClock clock_;
};

}  // namespace annals::k8s

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
#include <utility>

#include "base/clock.h"

namespace annals::k8s {

class LoopTest : public testing::Test {
 protected:
  // Runs the loop until `work` has its result.
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    std::optional<T> result;
    run(store(std::move(work), &result));
    return *std::move(result);
  }
  void run(boost::asio::awaitable<void> work) {
    auto done = boost::asio::co_spawn(loop_, std::move(work), boost::asio::use_future);
    while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) turn();
    done.get();
  }

  // Runs the loop until the condition holds; fails the test after `patience`.
  void run_until(const std::function<bool()>& condition,
                 std::chrono::seconds patience = std::chrono::seconds(60)) {
    const Duration end = clock_.steady() + patience;
    while (!condition()) {
      ASSERT_LT(clock_.steady(), end) << "the condition did not come true in time";
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

// Turns: what several clusters share is written by one of them at a time. Reading what others have
// put there and writing it back with one's own would lose what came in between, and two that find
// nothing would each make their own. Only the leader writes, so turns within the process are
// enough. Belongs to the loop's thread and outlives all who wait.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace annals::actions {

class Turns {
 public:
  // The right to write it. Passes to the next one when destroyed.
  class Turn {
   public:
    Turn(Turns& turns, std::string what) : turns_(&turns), what_(std::move(what)) {}
    Turn(Turn&& other) noexcept
        : turns_(std::exchange(other.turns_, nullptr)), what_(std::move(other.what_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->pass(what_);
    }

   private:
    Turns* turns_;
    std::string what_;
  };

  Turns() = default;
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // In the order of asking.
  boost::asio::awaitable<Turn> take(std::string what);

 private:
  using Waiting = std::deque<std::shared_ptr<boost::asio::steady_timer>>;

  void pass(const std::string& what);

  std::map<std::string, Waiting> taken_;  // by what is written: those who wait for it
};

}  // namespace annals::actions

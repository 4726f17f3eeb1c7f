// Schedule: virtual time. Everything that happens is an event at a time; events of one time happen
// in the order in which they were planned. Time jumps from event to event, so an hour of waiting
// costs nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace annals::simulation {

class Schedule final : public Clock {
 public:
  using Work = std::function<void()>;

  Timestamp now() const override { return now_; }
  Duration steady() const override { return now_ - kStart; }

  void at(Timestamp time, Work work) {
    events_.push_back({std::max(time, now_), next_++, keep(std::move(work))});
    std::ranges::push_heap(events_, Later{});
  }
  void after(Duration delay, Work work) { at(now_ + delay, std::move(work)); }

  bool empty() const { return events_.empty(); }
  Timestamp next_time() const { return events_.front().time; }

  // Lets the next event happen.
  void step() {
    std::ranges::pop_heap(events_, Later{});
    const Event event = events_.back();
    events_.pop_back();
    now_ = event.time;
    const Work work = std::exchange(works_[event.work], nullptr);
    free_.push_back(event.work);
    work();
  }
  // Nothing happens for so long.
  void pass(Duration time) { now_ += time; }

  static constexpr Timestamp kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};

 private:
  struct Event {
    Timestamp time;
    std::uint64_t number;
    std::size_t work;  // its place in works_: a heap moves its elements about
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return std::pair(a.time, a.number) > std::pair(b.time, b.number);
    }
  };

  std::size_t keep(Work work) {
    if (free_.empty()) {
      works_.push_back(std::move(work));
      return works_.size() - 1;
    }
    const std::size_t place = free_.back();
    free_.pop_back();
    works_[place] = std::move(work);
    return place;
  }

  Timestamp now_ = kStart;
  std::uint64_t next_ = 0;
  std::vector<Event> events_;  // a heap
  std::vector<Work> works_;
  std::vector<std::size_t> free_;
};

}  // namespace annals::simulation

// Clock: the only door to the time. Everything else of ours takes one, so tests and replay bring
// their own; what decides about clusters takes no clock at all but the time written in a record.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

namespace annals {

// Microseconds of the Unix epoch, UTC: what a record carries.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

// RFC 3339 with microseconds, "2026-01-31T08:05:00.000000Z".
std::string to_string(Timestamp time);

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // The time of day. May jump in either direction when somebody sets it.
  virtual Timestamp now() const = 0;
  // Time since an arbitrary start. Never goes back and never jumps.
  virtual Duration steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  Duration steady() const override;
};

// Stands still until told otherwise.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp{}) : now_(start.time_since_epoch()) {}

  Timestamp now() const override { return Timestamp{now_.load()}; }
  Duration steady() const override { return steady_.load(); }

  // Time passes: both readings advance. `by` is not negative.
  void advance(Duration by);
  // Somebody sets the time of day; the steady reading does not notice.
  void set(Timestamp time) { now_ = time.time_since_epoch(); }

 private:
  std::atomic<Duration> now_;
  std::atomic<Duration> steady_{Duration::zero()};
};

}  // namespace annals

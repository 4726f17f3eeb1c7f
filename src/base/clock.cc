#include "base/clock.h"

#include <array>
#include <cstdio>

#include "base/assert.h"

namespace annals {

std::string to_string(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Duration> clock{time - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

Timestamp SystemClock::now() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Duration SystemClock::steady() const {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

void ManualClock::advance(Duration by) {
  ANNALS_ASSERT(by >= Duration::zero(), "time does not run backwards");
  // One thread advances; the atomics only make reading from other threads safe.
  now_ = now_.load() + by;
  steady_ = steady_.load() + by;
}

}  // namespace annals

#include "base/clock.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"

namespace annals {

namespace {

// The number with leading zeros, in so many digits, and then this.
void append(std::string& text, std::int64_t number, int digits, char end) {
  const std::size_t begin = text.size();
  text.resize(begin + static_cast<std::size_t>(digits), '0');
  for (std::size_t at = text.size(); at > begin && number > 0; number /= 10)
    text[--at] = static_cast<char>('0' + number % 10);
  text += end;
}

}  // namespace

// Every step writes some, which is why no format is read here.
std::string to_string(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Duration> clock{time - day};
  std::string text;
  text.reserve(std::string_view("2026-01-02T03:04:05.000006Z").size());
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) {  // no time of ours, and still told as it is
    text = std::to_string(year) + '-';
  } else {
    append(text, year, 4, '-');
  }
  append(text, static_cast<unsigned>(date.month()), 2, '-');
  append(text, static_cast<unsigned>(date.day()), 2, 'T');
  append(text, clock.hours().count(), 2, ':');
  append(text, clock.minutes().count(), 2, ':');
  append(text, clock.seconds().count(), 2, '.');
  append(text, clock.subseconds().count(), 6, 'Z');
  return text;
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

#include "spec/restore_target.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>

#include "base/concat.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kSegmentDigits = 24;
constexpr std::size_t kTimelineDigits = 8;
constexpr std::size_t kLsnDigitsMax = 8;
constexpr int kFractionDigits = 6;
constexpr int kFirstYear = 1970;
constexpr int kOffsetHoursMax = 15;  // as PostgreSQL has it

bool is_space(char c) { return c == ' ' || c == '\t'; }

// Reads from the front. What does not fit makes it wrong, and it stays so.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  bool is_wrong() const { return wrong_; }
  bool ended() const { return rest_.empty(); }

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) {
        wrong_ = true;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  int number_up_to(std::size_t digits, int most) {
    const int value = number(digits);
    wrong_ = wrong_ || value > most;
    return value;
  }

  bool take(char c) {
    if (rest_.empty() || to_lower(rest_.front()) != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void need(char c) { wrong_ = !take(c) || wrong_; }
  bool take_word(std::string_view word) {
    if (!std::ranges::equal(rest_, word, {}, to_lower)) return false;
    rest_ = {};
    return true;
  }
  bool take_spaces() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() < before;
  }

  bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }

 private:
  std::string_view rest_;
  bool wrong_ = false;
};

std::optional<days> read_date(TimeReader& reader) {
  const int year = reader.number(4);
  reader.need('-');
  const int month = reader.number(2);
  reader.need('-');
  const int day = reader.number(2);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (reader.is_wrong() || !date.ok() || year < kFirstYear) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch();
}

// What is finer than a microsecond is cut: commits are stamped with microseconds.
microseconds read_fraction(TimeReader& reader) {
  int value = 0;
  int digits = 0;
  if (!reader.at_digit()) (void)reader.number(1);
  for (; reader.at_digit(); ++digits) {
    const int digit = reader.number(1);
    if (digits < kFractionDigits) value = value * 10 + digit;
  }
  for (; digits < kFractionDigits; ++digits) value *= 10;
  return microseconds(value);
}

microseconds read_clock(TimeReader& reader) {
  microseconds time = hours(reader.number_up_to(2, 23));
  reader.need(':');
  time += minutes(reader.number_up_to(2, 59));
  if (!reader.take(':')) return time;
  time += seconds(reader.number_up_to(2, 59));
  if (reader.take('.') || reader.take(',')) time += read_fraction(reader);
  return time;
}

// East of Greenwich; nothing where none is given.
std::optional<minutes> read_zone(TimeReader& reader) {
  if (reader.ended()) return std::nullopt;
  for (const std::string_view word : {"z", "utc", "gmt"}) {
    if (reader.take_word(word)) return minutes(0);
  }
  const bool is_east = reader.take('+');
  if (!is_east) reader.need('-');
  minutes offset = hours(reader.number_up_to(2, kOffsetHoursMax));
  if (reader.take(':') || reader.at_digit()) offset += minutes(reader.number_up_to(2, 59));
  return is_east ? offset : -offset;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (text.empty() || text.size() > kLsnDigitsMax) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (hex_digit(c) < 0) return std::nullopt;
    value = value * 16 + static_cast<std::uint64_t>(hex_digit(c));
  }
  return value;
}

std::string hex_text(std::uint64_t value) {
  std::string text(16, '\0');
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  text.resize(static_cast<std::size_t>(end - text.data()));
  for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

std::optional<PointInTime> parse_point_in_time(std::string_view text) {
  TimeReader reader(trimmed(text));
  const std::optional<days> date = read_date(reader);
  if (!date) return std::nullopt;
  microseconds clock{0};
  if (!reader.ended() && (reader.take_spaces() || reader.take('t'))) clock = read_clock(reader);
  reader.take_spaces();
  const std::optional<minutes> zone = read_zone(reader);
  if (reader.is_wrong() || !reader.ended()) return std::nullopt;
  return PointInTime{.time = Timestamp(*date + clock - zone.value_or(minutes(0))),
                     .zone_assumed = !zone};
}

std::string point_in_time_text(Timestamp time) {
  std::string text = annals::to_string(time);  // 2026-01-31T08:05:00.000000Z
  text[text.find('T')] = ' ';
  text.pop_back();
  while (text.ends_with('0') && text.contains('.')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text + "+00";
}

std::optional<std::uint64_t> parse_lsn(std::string_view text) {
  text = trimmed(text);
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::optional<std::uint64_t> high = parse_hex(text.substr(0, slash));
  if (!high || slash == text.size()) return std::nullopt;
  const std::optional<std::uint64_t> low = parse_hex(text.substr(slash + 1));
  if (!low) return std::nullopt;
  return *high << 32U | *low;
}

std::string lsn_text(std::uint64_t lsn) {
  return concat(hex_text(lsn >> 32U), "/", hex_text(lsn & 0xFFFFFFFFU));
}

bool is_wal_segment(std::string_view name) {
  return name.size() == kSegmentDigits &&
         std::ranges::all_of(name, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); });
}

std::int64_t timeline_of_segment(std::string_view name) {
  if (!is_wal_segment(name)) return 0;
  return static_cast<std::int64_t>(*parse_hex(name.substr(0, kTimelineDigits)));
}

}  // namespace annals::spec

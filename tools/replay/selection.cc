#include "selection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "history/history.h"

namespace annals::replay {
namespace {

using namespace std::chrono_literals;

constexpr std::array kKinds{journal::Kind::kFact,   journal::Kind::kDecision,
                            journal::Kind::kIntent, journal::Kind::kOutcome,
                            journal::Kind::kTimer,  journal::Kind::kCommand,
                            journal::Kind::kMarker};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Takes so many digits off the front.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  const std::optional<std::uint64_t> value = number(text.substr(0, count));
  if (!value || text.size() < count) return std::nullopt;
  text.remove_prefix(count);
  return static_cast<int>(*value);
}

bool skip(std::string_view& text, char mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Timestamp> parse_date(std::string_view& text) {
  const std::optional<int> year = digits(text, 4);
  if (!year || !skip(text, '-')) return std::nullopt;
  const std::optional<int> month = digits(text, 2);
  if (!month || !skip(text, '-')) return std::nullopt;
  const std::optional<int> day = digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date));
}

// ".25" as microseconds.
std::optional<Duration> parse_fraction(std::string_view& text) {
  if (!skip(text, '.')) return Duration::zero();
  Duration fraction = Duration::zero();
  Duration unit = 100ms;
  std::size_t count = 0;
  for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count) {
    fraction += unit * (text[count] - '0');
    unit /= 10;
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return fraction;
}

std::optional<Duration> parse_clock(std::string_view& text) {
  const std::optional<int> hours = digits(text, 2);
  if (!hours || *hours > 23 || !skip(text, ':')) return std::nullopt;
  const std::optional<int> minutes = digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  Duration clock = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  if (!skip(text, ':')) return clock;
  const std::optional<int> seconds = digits(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;
  const std::optional<Duration> fraction = parse_fraction(text);
  if (!fraction) return std::nullopt;
  return clock + std::chrono::seconds(*seconds) + *fraction;
}

std::optional<Timestamp> parse_time(std::string_view text) {
  std::optional<Timestamp> time = parse_date(text);
  if (!time || text.empty()) return time;
  if (!skip(text, 'T') && !skip(text, ' ')) return std::nullopt;
  const std::optional<Duration> clock = parse_clock(text);
  if (!clock) return std::nullopt;
  skip(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return *time + *clock;
}

}  // namespace

Result<Point> parse_point(std::string_view option, std::string_view text) {
  if (const std::optional<std::uint64_t> seq = number(text)) {
    return Point{.seq = Sequence(*seq), .time = {}};
  }
  if (const std::optional<Timestamp> time = parse_time(text)) {
    return Point{.seq = {}, .time = *time};
  }
  return fail(Errc::kInvalid, option, ": '", text,
              "' is neither a record number nor a time: give one such as 1234, "
              "2026-01-31 or 2026-01-31T08:05:00Z (UTC)");
}

Result<journal::Kind> parse_kind(std::string_view text) {
  std::string all;
  for (const journal::Kind kind : kKinds) {
    if (text == journal::to_string(kind)) return kind;
    all += concat(all.empty() ? "" : ", ", journal::to_string(kind));
  }
  return fail(Errc::kInvalid, "--kind: '", text, "' is not a kind of record: give one of ", all);
}

bool Selection::takes(const journal::Record& record) const {
  return takes(record.cluster) && (!from || !from->is_after(record.seq, record.time)) &&
         (!to || to->reaches(record.seq, record.time)) &&
         (kinds.empty() || kinds.contains(record.kind)) &&
         (types.empty() || types.contains(record.type));
}

Result<Sequence> last_at(const journal::Reader& reader, const Point& point) {
  const Result<std::optional<Sequence>> first = reader.first();
  if (!first) return fail(first.error());
  const Result<std::optional<Sequence>> last = reader.last();
  if (!last) return fail(last.error());
  if (!*first || !*last) return Sequence();
  if (point.seq) return std::min(*point.seq, **last);
  // Times never go back, so halves tell; where a bundle has a gap, the next record that is there.
  std::uint64_t low = (*first)->value();
  std::uint64_t high = (*last)->value() + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    std::optional<journal::Record> found;
    const Result<void> looked = reader.scan(Sequence(middle), history::kNewest, [&](auto&& record) {
      found = std::forward<decltype(record)>(record);
      return false;
    });
    if (!looked) return fail(looked.error());
    if (found && found->time <= *point.time) {
      low = found->seq.value() + 1;
    } else {
      high = middle;
    }
  }
  return Sequence(low - 1);
}

Result<void> scan(const journal::Reader& reader, const Selection& selection,
                  const journal::Visit& visit) {
  Sequence from(1);
  if (selection.from && selection.from->seq) {
    from = *selection.from->seq;
  } else if (selection.from && *selection.from->time > Timestamp{}) {
    const Point before{.seq = {}, .time = *selection.from->time - Duration(1)};
    const Result<Sequence> last_before = last_at(reader, before);
    if (!last_before) return fail(last_before.error());
    from = last_before->next();
  }
  return reader.scan(from, history::kNewest, [&](journal::Record&& record) {
    if (selection.is_over(record)) return false;
    return !selection.takes(record) || visit(std::move(record));
  });
}

}  // namespace annals::replay

#include "k8s/text/rfc3339.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/printable.h"

namespace annals::k8s {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes the text apart from its front; after a mismatch everything is nothing.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    if (!good_ || rest_.size() < digits) return refuse();
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!is_digit(c)) return refuse();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  void skip(std::string_view any_of) {
    if (take(any_of) == '\0') (void)refuse();
  }
  // The next character if it is one of these, which it leaves behind; else '\0'.
  char take(std::string_view any_of) {
    if (!good_ || rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return '\0';
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }
  Duration fraction() {
    std::int64_t micros = 0;
    std::int64_t unit = 100'000;
    if (rest_.empty() || !is_digit(rest_[0])) (void)refuse();
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1), unit /= 10) {
      micros += (rest_[0] - '0') * unit;
    }
    return Duration(micros);
  }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  int refuse() {
    good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

Result<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner scan(text);
  const std::chrono::year year(scan.number(4));
  scan.skip("-");
  const std::chrono::month month(static_cast<unsigned>(scan.number(2)));
  scan.skip("-");
  const std::chrono::day day(static_cast<unsigned>(scan.number(2)));
  scan.skip("Tt ");
  const int hours = scan.number(2);
  scan.skip(":");
  const int minutes = scan.number(2);
  scan.skip(":");
  const int seconds = scan.number(2);
  const Duration fraction = scan.take(".") != '\0' ? scan.fraction() : Duration::zero();
  std::chrono::minutes offset(0);
  if (scan.take("Zz") == '\0') {
    const char sign = scan.take("+-");
    const std::chrono::hours away(scan.number(2));
    scan.skip(":");
    offset = away + std::chrono::minutes(scan.number(2));
    if (sign == '-') offset = -offset;
    if (sign == '\0') scan.skip("Z");
  }
  const std::chrono::year_month_day date(year, month, day);
  if (!scan.at_end() || !date.ok() || hours > 23 || minutes > 59 || seconds > 60) {
    return fail(Errc::kInvalid, "not an RFC 3339 time: '", printable(text, 60), "'");
  }
  return Timestamp(std::chrono::sys_days(date) + std::chrono::hours(hours) +
                   std::chrono::minutes(minutes) + std::chrono::seconds(seconds) + fraction -
                   offset);
}

}  // namespace annals::k8s

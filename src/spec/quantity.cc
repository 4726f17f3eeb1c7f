#include "spec/quantity.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr int kExponentMax = 30;  // beyond any 64 bits

// digits * factor_2 * 10^power, with the power counted apart so that nothing is lost on the way.
struct QuantitySuffix {
  std::string_view text;
  int tens = 0;  // power of ten
  int twos = 0;  // power of two
};

constexpr std::array<QuantitySuffix, 16> kSuffixes{{{"n", -9, 0},
                                                    {"u", -6, 0},
                                                    {"m", -3, 0},
                                                    {"", 0, 0},
                                                    {"k", 3, 0},
                                                    {"M", 6, 0},
                                                    {"G", 9, 0},
                                                    {"T", 12, 0},
                                                    {"P", 15, 0},
                                                    {"E", 18, 0},
                                                    {"Ki", 0, 10},
                                                    {"Mi", 0, 20},
                                                    {"Gi", 0, 30},
                                                    {"Ti", 0, 40},
                                                    {"Pi", 0, 50},
                                                    {"Ei", 0, 60}}};

// "e3", "E-2": the power of ten.
std::optional<int> exponent(std::string_view text) {
  if (text.size() < 2 || (text.front() != 'e' && text.front() != 'E')) return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (text.empty() || text.size() > 3) return std::nullopt;
  int power = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    power = power * 10 + (c - '0');
  }
  return negative ? -power : power;
}

std::optional<QuantitySuffix> suffix_of(std::string_view text) {
  for (const QuantitySuffix& suffix : kSuffixes) {
    if (suffix.text == text) return suffix;
  }
  if (const std::optional<int> power = exponent(text)) return QuantitySuffix{{}, *power, 0};
  return std::nullopt;
}

__extension__ using Wide = unsigned __int128;
constexpr Wide kWideLimit = Wide{static_cast<std::uint64_t>(kLargest)};

// digits * 2^twos * 10^tens, rounded up and limited.
std::int64_t scaled(Wide digits, int tens, int twos) {
  bool rest = false;
  for (int i = 0; i < twos && digits <= kWideLimit * 2; ++i) digits *= 2;
  for (int i = 0; i < tens && i < kExponentMax && digits <= kWideLimit; ++i) digits *= 10;
  for (int i = 0; i > tens && digits > 0; --i) {
    rest = rest || digits % 10 != 0;
    digits /= 10;
  }
  if (rest) ++digits;
  return digits > kWideLimit ? kLargest : static_cast<std::int64_t>(digits);
}

}  // namespace

namespace {

std::optional<std::int64_t> scaled_quantity(std::string_view text, int tens_more) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  Wide digits = 0;
  int tens = 0;
  bool any = false;
  bool point = false;
  std::size_t i = 0;
  for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    any = true;
    const bool room =
        digits < (Wide{1} << 100U);  // digits beyond these change nothing that we keep
    if (room) digits = digits * 10 + static_cast<unsigned>(text[i] - '0');
    if (point && room) --tens;
    if (!point && !room) ++tens;
  }
  const std::optional<QuantitySuffix> suffix = suffix_of(text.substr(i));
  if (!any || !suffix) return std::nullopt;
  const std::int64_t size = scaled(digits, tens + suffix->tens + tens_more, suffix->twos);
  return negative ? -size : size;
}

}  // namespace

std::optional<std::int64_t> quantity_thousandths(std::string_view text) {
  return scaled_quantity(text, 3);
}

std::optional<std::int64_t> quantity_value(std::string_view text) {
  return scaled_quantity(text, 0);
}

std::string quantity_text(const Opaque& value) {
  const auto json = nlohmann::json::parse(value.json, nullptr, false);
  if (json.is_string()) return json.get<std::string>();
  return json.is_number() ? json.dump() : std::string();
}

}  // namespace annals::spec

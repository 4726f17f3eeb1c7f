#include "postgres/sql/wal_segment.h"

#include <bit>
#include <charconv>
#include <optional>

#include "base/concat.h"

namespace annals::postgres {
namespace {

constexpr std::size_t kHexDigits = 8;

std::optional<std::uint32_t> hex_number(std::string_view digits) {
  std::uint32_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [read, trouble] = std::from_chars(digits.data(), end, number, 16);
  if (digits.size() > kHexDigits || trouble != std::errc() || read != end) return std::nullopt;
  return number;
}

std::string eight_digits(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text(kHexDigits, '0');
  for (std::size_t place = text.size(); place > 0 && number != 0; number >>= 4U)
    text[--place] = kDigits[number & 0xfU];
  return text;
}

}  // namespace

Result<std::string> wal_segment_before(std::string_view end, std::int64_t timeline,
                                       std::uint64_t segment_bytes) {
  const std::size_t slash = end.find('/');
  const auto high = hex_number(end.substr(0, slash));
  const auto low =
      slash == std::string_view::npos ? std::nullopt : hex_number(end.substr(slash + 1));
  if (!high || !low || (*high == 0 && *low == 0))
    return fail(Errc::kInvalid, "not a position in the WAL: '", end, "'");
  if (timeline <= 0 || !std::has_single_bit(segment_bytes))
    return fail(Errc::kInvalid, "not a timeline and a size of WAL segments: ", timeline, ", ",
                segment_bytes);
  const std::uint64_t before = (std::uint64_t{*high} << 32U | *low) - 1;
  const std::uint64_t number = before / segment_bytes;
  const std::uint64_t in_each = (std::uint64_t{1} << 32U) / segment_bytes;
  return concat(eight_digits(static_cast<std::uint64_t>(timeline)), eight_digits(number / in_each),
                eight_digits(number % in_each));
}

}  // namespace annals::postgres

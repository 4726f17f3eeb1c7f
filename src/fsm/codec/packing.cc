#include "fsm/codec/packing.h"

#include <algorithm>

#include "base/assert.h"

namespace annals::fsm {
namespace {

// How a text is written. Most of a state's bytes are digests and UIDs, which are numbers.
enum class Spelling : std::uint8_t { kPlain, kHex, kUid };
constexpr std::uint64_t kSpellings = 4;
constexpr std::size_t kUidSize = 36;
constexpr std::size_t kShortestHex = 16;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return digit_of(c) >= 0; });
}
bool is_dash_of_uid(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

Spelling spelling_of(std::string_view text) {
  if (text.size() >= kShortestHex && text.size() % 2 == 0 && is_hex(text)) return Spelling::kHex;
  if (text.size() != kUidSize) return Spelling::kPlain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool fits = is_dash_of_uid(i) ? text[i] == '-' : digit_of(text[i]) >= 0;
    if (!fits) return Spelling::kPlain;
  }
  return Spelling::kUid;
}

std::string digits(std::string_view numbers) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * numbers.size());
  for (const char each : numbers) {
    text += kDigits[static_cast<unsigned char>(each) / 16];
    text += kDigits[static_cast<unsigned char>(each) % 16];
  }
  return text;
}

std::string uid(std::string_view numbers) {
  std::string text = digits(numbers);
  for (const std::size_t place : {8U, 13U, 18U, 23U}) text.insert(place, 1, '-');
  return text;
}

}  // namespace

void Packer::put(const std::string& text) {
  const Spelling spelling = spelling_of(text);
  put(text.size() * kSpellings + static_cast<std::uint64_t>(spelling));
  if (spelling == Spelling::kPlain) {
    bytes_ += text;
  } else {
    put_digits(text);
  }
}

void Packer::put_digits(std::string_view text) {
  int high = -1;
  for (const char c : text) {
    if (c == '-') continue;
    const int digit = digit_of(c);
    if (high >= 0) bytes_ += static_cast<char>(16 * high + digit);
    high = high >= 0 ? -1 : digit;
  }
}

void Unpacker::get(std::string& text) {
  const std::uint64_t head = read_number();
  const std::size_t size = head / kSpellings;
  const auto spelling = static_cast<Spelling>(head % kSpellings);
  if (spelling == Spelling::kPlain) {
    text = bytes(size);
  } else {
    text = spelling == Spelling::kUid ? uid(bytes(16)) : digits(bytes(size / 2));
  }
}

std::uint64_t Unpacker::read_number() {
  std::uint64_t number = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes(1).front());
    number |= static_cast<std::uint64_t>(byte & 127U) << shift;
    if (byte < 128) return number;
  }
}

std::string_view Unpacker::bytes(std::size_t size) {
  ANNALS_ASSERT(size <= bytes_.size(), "a packed state ends too soon");
  const std::string_view front = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return front;
}

}  // namespace annals::fsm

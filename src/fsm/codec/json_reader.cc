#include "fsm/codec/json_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/concat.h"

namespace annals::fsm {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// How many bytes from the front on stand in a text for themselves: printable ASCII but for '"' and
// '\'. Eight bytes at once.
std::size_t plain_bytes(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  const auto zeros = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
  std::size_t size = 0;
  for (; size + 8 <= text.size(); size += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + size, 8);
    const std::uint64_t controls = (bytes - kOnes * 0x20U) & ~bytes;
    const std::uint64_t special =
        (bytes | controls | zeros(bytes ^ (kOnes * '"')) | zeros(bytes ^ (kOnes * '\\'))) & kHighs;
    if (special == 0) continue;
    // Above the lowest one that is special a borrow may have marked others.
    static_assert(std::endian::native == std::endian::little);
    return size + static_cast<std::size_t>(std::countr_zero(special)) / 8;
  }
  const auto is_plain = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20U && static_cast<unsigned char>(c) < 0x80U &&
           c != '"' && c != '\\';
  };
  while (size < text.size() && is_plain(text[size])) ++size;
  return size;
}

void append_encoded(std::string& to, std::uint32_t point) {
  const auto add = [&](std::uint32_t byte) { to += static_cast<char>(byte); };
  if (point < 0x80U) return add(point);
  if (point < 0x800U) {
    add(0xC0U | (point >> 6U));
  } else if (point < 0x10000U) {
    add(0xE0U | (point >> 12U));
    add(0x80U | ((point >> 6U) & 0x3FU));
  } else {
    add(0xF0U | (point >> 18U));
    add(0x80U | ((point >> 12U) & 0x3FU));
    add(0x80U | ((point >> 6U) & 0x3FU));
  }
  add(0x80U | (point & 0x3FU));
}

// How many bytes of a character that is not ASCII; 0: they are no UTF-8.
std::size_t utf8_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first >= 0xC2U && first <= 0xDFU) return follows(1) ? 2 : 0;
  if (first >= 0xE0U && first <= 0xEFU) {
    const bool overlong = first == 0xE0U && byte(1) < 0xA0U;
    const bool surrogate = first == 0xEDU && byte(1) >= 0xA0U;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first < 0xF0U || first > 0xF4U) return 0;
  const bool overlong = first == 0xF0U && byte(1) < 0x90U;
  const bool beyond = first == 0xF4U && byte(1) >= 0x90U;
  return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
}

}  // namespace

Error JsonReader::error() const { return {Errc::kCorrupt, concat(what_, ", at byte ", at_)}; }

void JsonReader::fail(std::string_view what) {
  if (failed_) return;
  failed_ = true;
  what_ = what;
  at_ = text_.size() - rest_.size();
  rest_ = {};
}

void JsonReader::was_in(std::string_view member) { what_ = concat(member, ": ", what_); }

void JsonReader::finish() {
  skip_blanks();
  if (!rest_.empty()) fail("something follows");
}

void JsonReader::skip_blanks() {
  while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n' ||
                            rest_.front() == '\r' || rest_.front() == '\t')) {
    rest_.remove_prefix(1);
  }
}

bool JsonReader::is_at(char c) {
  skip_blanks();
  return rest_.starts_with(c);
}

bool JsonReader::take(char c) {
  if (!is_at(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool JsonReader::take(std::string_view word) {
  skip_blanks();
  if (!rest_.starts_with(word)) return false;
  rest_.remove_prefix(word.size());
  return true;
}

bool JsonReader::open(char bracket) {
  if (!take(bracket)) {
    fail(bracket == '{' ? "no object" : "no list");
  } else if (++depth_ > kDeepest) {
    fail("too deep");
  }
  return !failed_;
}

void JsonReader::close(char bracket) {
  --depth_;
  if (!take(bracket)) fail(bracket == '}' ? "no end of the object" : "no end of the list");
}

std::string_view JsonReader::member_name() {
  const std::string_view name = read_word();
  if (!take(':')) fail("no value of the member");
  return name;
}

bool JsonReader::take_null() { return take("null"); }

bool JsonReader::read_bool() {
  if (take("true")) return true;
  if (!take("false")) fail("neither true nor false");
  return false;
}

void JsonReader::read_text(std::string& to) {
  to.clear();
  if (!take('"')) return fail("no text");
  append_text(to);
}

std::string_view JsonReader::read_word() {
  if (!take('"')) {
    fail("no text");
    return {};
  }
  const std::size_t plain = plain_bytes(rest_);
  if (plain < rest_.size() && rest_[plain] == '"') {
    const std::string_view word = rest_.substr(0, plain);
    rest_.remove_prefix(plain + 1);
    return word;
  }
  word_.clear();
  append_text(word_);
  return word_;
}

// Behind the opening quotation mark.
void JsonReader::append_text(std::string& to) {
  for (;;) {
    const std::size_t plain = plain_bytes(rest_);
    to.append(rest_, 0, plain);
    rest_.remove_prefix(plain);
    if (rest_.empty()) return fail("no end of the text");
    if (rest_.front() == '"') return rest_.remove_prefix(1);
    const bool readable = rest_.front() == '\\' ? append_escaped(to) : append_utf8(to);
    if (!readable) return fail("no readable text");
  }
}

bool JsonReader::append_utf8(std::string& to) {
  const std::size_t size = utf8_bytes(rest_);
  to.append(rest_, 0, size);
  rest_.remove_prefix(size);
  return size > 0;
}

bool JsonReader::append_escaped(std::string& to) {
  constexpr std::string_view kEscaped = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  if (rest_.size() < 2) return false;
  if (rest_[1] == 'u') return append_code_point(to);
  const std::size_t place = kEscaped.find(rest_[1]);
  if (place == std::string_view::npos) return false;
  to += kMeant[place];
  rest_.remove_prefix(2);
  return true;
}

// The number behind "\u"; -1: there is none.
int JsonReader::take_hex() {
  constexpr std::size_t kSize = 6;
  if (rest_.size() < kSize || !rest_.starts_with("\\u")) return -1;
  int number = 0;
  const char* end = rest_.data() + kSize;
  const auto [stop, error] = std::from_chars(rest_.data() + 2, end, number, 16);
  if (error != std::errc() || stop != end || number < 0) return -1;
  rest_.remove_prefix(kSize);
  return number;
}

bool JsonReader::append_code_point(std::string& to) {
  const int first = take_hex();
  if (first < 0 || (first >= 0xDC00 && first <= 0xDFFF)) return false;
  auto point = static_cast<std::uint32_t>(first);
  if (first >= 0xD800 && first <= 0xDBFF) {
    const int second = take_hex();
    if (second < 0xDC00 || second > 0xDFFF) return false;
    point = 0x10000U + ((point - 0xD800U) << 10U) + (static_cast<std::uint32_t>(second) - 0xDC00U);
  }
  append_encoded(to, point);
  return true;
}

std::string_view JsonReader::number() {
  skip_blanks();
  const std::string_view from = rest_;
  std::size_t at = from.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t before = at;
    while (at < from.size() && is_digit(from[at])) ++at;
    return at > before;
  };
  const std::size_t first = at;
  bool good = digits() && (from[first] != '0' || at == first + 1);
  if (good && at < from.size() && from[at] == '.') {
    ++at;
    good = digits();
  }
  if (good && at < from.size() && (from[at] == 'e' || from[at] == 'E')) {
    ++at;
    if (at < from.size() && (from[at] == '+' || from[at] == '-')) ++at;
    good = digits();
  }
  if (!good) {
    fail("no number");
    return {};
  }
  rest_.remove_prefix(at);
  return from.substr(0, at);
}

void JsonReader::skip() {
  if (is_at('{')) return each_member([this](std::string_view) { skip(); });
  if (is_at('[')) return each_item([this] { skip(); });
  if (is_at('"')) return static_cast<void>(read_word());
  if (take_null() || take("true") || take("false")) return;
  number();
}

}  // namespace annals::fsm

#include "k8s/text/object_scanner.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/concat.h"

namespace annals::k8s {
namespace {

struct Scanned {
  std::string object;
  std::size_t used = 0;
  bool ended = false;
};

Scanned scan(std::string_view bytes, std::size_t piece, UnreadFields unread = {}) {
  ObjectScanner scanner(unread);
  Scanned scanned;
  while (scanned.used < bytes.size() && !scanner.ended()) {
    scanned.used += scanner.scan(bytes.substr(scanned.used, piece), scanned.object);
  }
  scanned.ended = scanner.ended();
  return scanned;
}

// Byte by byte: how many of them are the object.
std::optional<std::size_t> end_of(std::string_view bytes) {
  int depth = 0;
  bool in_string = false;
  bool escaped = false;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char byte = bytes[at];
    if (byte == '"' && !escaped) in_string = !in_string;
    if (!in_string && (byte == '{' || byte == '[')) ++depth;
    if (!in_string && (byte == '}' || byte == ']') && --depth == 0) return at + 1;
    escaped = byte == '\\' && !escaped;
  }
  return std::nullopt;
}

TEST(Objects, EndWhereTheirBracketsDoInWhateverPieces) {
  const std::string object = concat(
      R"({"a":"}]\"}","b":[{},[1,"\\"]],"\\\\\"{":{"c":"\\\"","long":")", std::string(200, '{'),
      R"(\\"},"d":[[[[[[]]]]]],"e":")", std::string(63, '\\'), R"("})");
  // 63 backslashes and a quote: the quote is escaped, and only the next one ends the string.
  const std::string whole = concat(object, R"("})");
  for (std::size_t piece = 1; piece <= whole.size() + 4; ++piece) {
    const Scanned scanned = scan(concat(whole, "]}{"), piece);
    EXPECT_TRUE(scanned.ended) << piece;
    EXPECT_EQ(scanned.object, whole) << piece;
    EXPECT_EQ(scanned.used, whole.size()) << piece;
  }
}

TEST(Objects, OfAllSortsOfBytesEndWhereAScanByteByByteSaysSo) {
  // Few different bytes, so that all that matters happens often; the same ones in each run.
  constexpr std::string_view kBytes = "{}[]\"\\x,:";
  std::uint32_t random = 12345;
  for (int round = 0; round < 3000; ++round) {
    std::string text = "{";
    const std::size_t size = 20 + static_cast<std::size_t>(round % 300);
    while (text.size() < size) {
      random = random * 1664525U + 1013904223U;
      const std::size_t likely = (random >> 20U) % 4 == 0 ? kBytes.size() : 6;
      text += kBytes[(random >> 24U) % likely];
    }
    const std::optional<std::size_t> end = end_of(text);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}, text.size()}) {
      const Scanned scanned = scan(text, piece);
      ASSERT_EQ(scanned.ended, end.has_value()) << text;
      ASSERT_EQ(scanned.object, text.substr(0, end.value_or(text.size()))) << text;
    }
  }
}

TEST(UnreadFields, LoseTheirContentAndNothingElseDoes) {
  constexpr std::array<std::string_view, 2> kUnread{"env", "managedFields"};
  const std::string long_text(300, 'x');
  const std::string text = concat(
      R"({"managedFields":[{"f:env":{}},["}",{"env":[1]}]],"env":"kept","a":{"env":[{"name":")",
      long_text, R"(","value":"]}\""}],"b":[{"env":{"c":1}},{"env":[]}],"xenv":[1],"env\"":[2],)",
      R"("t":"{\"env\":[3]","u":["env",[4]],"env" : [5],"long":{"k":")", long_text, R"("}}})");
  const std::string rest = concat(
      R"({"managedFields":[],"env":"kept","a":{"env":[],"b":[{"env":{}},{"env":[]}],"xenv":[1],)",
      R"("env\"":[2],"t":"{\"env\":[3]","u":["env",[4]],"env" : [5],"long":{"k":")", long_text,
      R"("}}})");
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const Scanned scanned = scan(text + "{", piece, kUnread);
    EXPECT_TRUE(scanned.ended) << piece;
    EXPECT_EQ(scanned.object, rest) << piece;
    EXPECT_EQ(scanned.used, text.size()) << piece;
  }
}

TEST(UnreadFields, TakeNoMemoryHoweverLongAndDeepTheyAre) {
  constexpr std::array<std::string_view, 1> kUnread{"env"};
  ObjectScanner scanner(kUnread);
  std::string object;
  (void)scanner.scan(R"({"env":[)", object);
  const std::string deep(65'536, '[');
  const std::string back(65'536, ']');
  for (int i = 0; i < 100; ++i) (void)scanner.scan(deep, object);
  for (int i = 0; i < 100; ++i) (void)scanner.scan(back, object);
  EXPECT_FALSE(scanner.ended());
  (void)scanner.scan("]}", object);
  EXPECT_TRUE(scanner.ended());
  EXPECT_EQ(object, R"({"env":[]})");
}

}  // namespace
}  // namespace annals::k8s

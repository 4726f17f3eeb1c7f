#include "http/warning_header.h"

#include <gmock/gmock.h>

namespace annals::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> warnings_in(std::string_view line) {
  std::vector<std::string> texts;
  read_warnings(line, texts);
  return texts;
}

TEST(Warnings, AreTheTextsOfOneLineInOrder) {
  EXPECT_THAT(warnings_in(R"(299 - "v1 Endpoints is deprecated in v1.33+")"),
              ElementsAre("v1 Endpoints is deprecated in v1.33+"));
  EXPECT_THAT(
      warnings_in(R"(299 - "a, b" , 299 host:80 "c" "Sat, 28 Nov 2026 10:00:00 GMT",299 - "d")"),
      ElementsAre("a, b", "c", "d"));
  EXPECT_THAT(warnings_in(R"(299 - "unknown field \"spec.x\\y\"")"),
              ElementsAre(R"(unknown field "spec.x\y")"));
}

TEST(Warnings, OfCachesAreNone) {
  EXPECT_THAT(warnings_in(R"(110 - "Response is Stale", 299 - "b", 199 - "c")"), ElementsAre("b"));
}

TEST(Warnings, EndWithTheFirstThatIsMalformed) {
  for (const char* const bad : {"", " ", ",", "299", "299 -", "299 - ", "299 - x", "299 - \"",
                                "299 - \"x", "299 - \"x\\", "299 - \"\"", "\"x\"", "- 299 x"}) {
    EXPECT_THAT(warnings_in(bad), IsEmpty()) << bad;
  }
  EXPECT_THAT(warnings_in(R"(299 - "a" nonsense, 299 - "b")"), ElementsAre("a"));
  EXPECT_THAT(warnings_in(R"(299 - "a" "no end, 299 - )"), IsEmpty());
}

// ---- Hostile ones

TEST(Warnings, ArePrintable) {
  EXPECT_THAT(warnings_in("299 - \"a\x1b[2J\tb\xff\""), ElementsAre("a?[2J?b?"));
}

TEST(Warnings, AreCutAndFew) {
  EXPECT_THAT(warnings_in("299 - \"" + std::string(60'000, 'x') + "\""),
              ElementsAre(std::string(kWarningBytesMax, 'x')));
  std::string many;
  for (int number = 0; number < 1000; ++number) many += R"(299 - "x", )";
  EXPECT_EQ(warnings_in(many).size(), kWarningsMax);
  std::vector<std::string> over_several_lines = warnings_in(many);
  read_warnings(many, over_several_lines);
  EXPECT_EQ(over_several_lines.size(), kWarningsMax);
}

}  // namespace
}  // namespace annals::http

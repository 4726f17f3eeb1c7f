// The rules say the right thing about small texts: the checker's own messages are tested.
#include "tests/tidy/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Includes, OfAnotherRoomAreRefused) {
  EXPECT_THAT(
      check_includes({"src/fsm/step/step.cc", "#include \"base/id.h\"\n#include \"k8s/http.h\"\n"}),
      ElementsAre("src/fsm/step/step.cc:2: k8s/http.h: src/fsm/ may not include from k8s"));
}

TEST(Includes, OfALibraryTheRoomDoesNotKnowAreRefused) {
  EXPECT_THAT(check_includes({"src/base/id.cc", "#include <rocksdb/db.h>\n"}),
              ElementsAre("src/base/id.cc:1: rocksdb/db.h: src/base/ may not use this library"));
  EXPECT_THAT(check_includes({"src/journal/store.cc", "#include <rocksdb/db.h>\n"}), IsEmpty());
}

TEST(Includes, FollowTheNarrowestLineOfTheTable) {
  EXPECT_THAT(check_includes({"src/base/log.cc", "#include <spdlog/logger.h>\n"}), IsEmpty());
  EXPECT_THAT(check_includes({"src/base/clock.cc", "#include <spdlog/logger.h>\n"}),
              ElementsAre(HasSubstr("may not use this library")));
}

TEST(Includes, OfClocksChanceAndThreadsStayOutOfThePureCore) {
  EXPECT_THAT(
      check_includes({"src/fsm/step/step.cc", "#include <random>\n#include <vector>\n"}),
      ElementsAre("src/fsm/step/step.cc:1: random: src/fsm/ is pure: no clock, chance, threads "
                  "or files"));
}

TEST(Includes, OfHeavyLibrariesStayOutOfHeaders) {
  EXPECT_THAT(check_includes({"src/journal/store.h", "#include <rocksdb/db.h>\n"}),
              ElementsAre(HasSubstr("is a header: forward-declare")));
}

TEST(Limits, ALineHasAHundredColumnsAndCharactersCountOnce) {
  const std::string fits = std::string(99, 'x') + "\u00e4\n";
  EXPECT_THAT(check_limits({"src/a.cc", fits}), IsEmpty());
  EXPECT_THAT(check_limits({"src/a.cc", "x" + fits}),
              ElementsAre("src/a.cc:1: a line has at most 100 columns"));
}

TEST(Limits, ATableMayBeWider) {
  const std::string row = std::string(140, 'x') + "\n";
  EXPECT_THAT(check_limits({"src/a.cc", "// clang-format off\n" + row}), IsEmpty());
  EXPECT_THAT(check_limits({"src/a.cc", "// clang-format off\n// clang-format on\n" + row}),
              ElementsAre("src/a.cc:3: a line has at most 100 columns"));
}

TEST(Limits, ARawStringIsAsLongAsItIs) {
  EXPECT_THAT(check_limits({"src/a.cc", "f(R\"(" + std::string(200, 'x') + ")\");\n"}), IsEmpty());
}

TEST(Limits, AFileHasFiveHundredLines) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "\n";
  EXPECT_THAT(check_limits({"src/a.cc", text}), IsEmpty());
  EXPECT_THAT(check_limits({"src/a.cc", text + "\n"}), ElementsAre(HasSubstr("split it")));
}

TEST(Banned, WordsNameTheirReplacement) {
  EXPECT_THAT(check_banned({"src/k8s/watch.cc", "sleep_for(1s);  // why\n"}),
              ElementsAre("src/k8s/watch.cc:1: sleep_for is banned: await a condition"));
}

// What made tests hang, or fail by chance.
TEST(Banned, WaitsAndPodsOfTestsAreOnesThatHold) {
  EXPECT_THAT(check_banned({"tests/e2e/a_test.cc", "EXPECT_TRUE(eventually(9s, is_there));\n"}),
              ElementsAre(HasSubstr("await it")));
  EXPECT_THAT(check_banned({"tests/e2e/a_test.cc", R"(must("kubectl port-forward pod/a 1:2");)"}),
              ElementsAre(HasSubstr("PortForward")));
  EXPECT_THAT(check_banned({"tests/e2e/a_test.cc", "volumes: [{hostPath: /next}]"}),
              ElementsAre(HasSubstr("refuses it")));
}

TEST(Banned, WordsMayStandInCommentsAndWhereTheyAreAtHome) {
  EXPECT_THAT(check_banned({"src/k8s/watch.cc", "// never sleep_for here\n"}), IsEmpty());
  EXPECT_THAT(check_banned({"src/base/clock.cc", "system_clock::now();\n"}), IsEmpty());
}

TEST(Banned, FileNamesSayTheirSubject) {
  EXPECT_THAT(check_banned({"src/k8s/pod_utils.cc", ""}),
              ElementsAre("src/k8s/pod_utils.cc:1: a file is named for its subject, not 'util'"));
}

TEST(Headers, SayWhatTheyAreForAndAreIncludedOnce) {
  EXPECT_THAT(check_header({"src/a.h", "// A.\n#pragma once\n"}), IsEmpty());
  EXPECT_THAT(check_header({"src/a.h", "int a;\n"}),
              ElementsAre("src/a.h:1: a header opens with what it is for",
                          "src/a.h:1: a header has #pragma once"));
}

TEST(Sentences, StandInTheCatalogue) {
  const std::string sentence = R"(return concat("pod ", name, " is not ready");)"
                               "\n";
  EXPECT_THAT(
      check_sentences({"src/fsm/machines/a.cc", sentence}),
      ElementsAre(HasSubstr("src/fsm/machines/a.cc:1: a sentence stands in the catalogue")));
  EXPECT_THAT(check_sentences({"src/fsm/text/a.cc", sentence}), IsEmpty());
  EXPECT_THAT(check_sentences({"src/fsm/step/a.cc", R"(ANNALS_ASSERT(ok, "a bug of ours");)"}),
              IsEmpty());
  EXPECT_THAT(
      check_sentences({"src/fsm/step/a.cc", R"(#include "fsm/step/a.h"  // a b c)"
                                            "\n"
                                            R"({.name = "in-place", .value = "two words"})"}),
      IsEmpty());
}

TEST(Markdown, HasOneTitle) {
  EXPECT_THAT(check_markdown({"a.md", "# A\n```\n# not a title\n```\n## B\n"}), IsEmpty());
  EXPECT_THAT(check_markdown({"a.md", "# A\n# B\n"}),
              ElementsAre("a.md:1: a Markdown file has one '# Title', not 2"));
}

}  // namespace
}  // namespace annals::tidy

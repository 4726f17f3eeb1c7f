// One test for each script of this folder: what its commands lead to is what stands in it.
// ANNALS_REWRITE_GOLDEN=1 writes that anew: read the difference before it is committed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "tests/scenario/commands.h"
#include "tests/scenario/script.h"
#include "tests/support/unified_diff.h"

namespace annals::scenario {
namespace {

constexpr const char* kNothing = "nothing\n";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SCENARIOS)) {
    if (entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists")
      names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

struct Played {
  Script script;                      // with the traces that it gave
  std::vector<std::string> findings;  // line, what is wrong, and the remedy
};

Played play_script(Script script) {
  Played run{.script = std::move(script), .findings = {}};
  if (!run.script.error.empty()) {
    run.findings.push_back(run.script.error);
    return run;
  }
  Play play;
  for (Block& block : run.script.blocks) {
    for (const CommandLine& command : block.commands) {
      const std::string trouble = run_command(play, command.text);
      if (!trouble.empty()) run.findings.push_back(concat("line ", command.number, ": ", trouble));
      for (const std::string& breach : play.stage.take_breaches())
        run.findings.push_back(concat("line ", command.number, ": ", breach));
      if (!trouble.empty()) return run;
    }
    block.trace = play.stage.take_trace() + std::exchange(play.answer, {});
    if (block.trace.empty()) block.trace = kNothing;
  }
  return run;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, GivesItsTrace) {
  const std::string path = concat(SCENARIOS, "/", GetParam(), ".txt");
  const std::string expected = text_of(path);
  const Played made = play_script(parse_script(expected));
  for (const std::string& finding : made.findings)
    ADD_FAILURE() << GetParam() << ".txt, " << finding;
  if (testing::Test::HasFailure()) return;
  const std::string actual = print_script(made.script);
  if (std::getenv("ANNALS_REWRITE_GOLDEN") != nullptr) {
    std::ofstream(path) << actual;
    return;
  }
  if (expected == actual) return;
  ADD_FAILURE() << unified_diff(expected, actual, "as it stands in " + path, "as it is decided now")
                << "If that is meant: ANNALS_REWRITE_GOLDEN=1, and kBehaviour where a cluster that "
                   "runs sees another decision.";
}

INSTANTIATE_TEST_SUITE_P(Scripts, Scenario, testing::ValuesIn(names()),
                         [](const testing::TestParamInfo<std::string>& script) {
                           std::string name = script.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

std::string error_of(const std::string& text) {
  const Played made = play_script(parse_script(text));
  return made.findings.empty() ? "" : made.findings.front();
}

TEST(Script, IsPrintedAsItWasRead) {
  const std::string text = "# Why.\n\ngiven hippo.yaml runs\nstatus\n----\nthat\n\n# End.\n";
  EXPECT_EQ(print_script(parse_script(text)), text);
}

TEST(Script, NamesTheLineOfACommandWithoutDashes) {
  EXPECT_EQ(error_of("status\n\nstatus\n----\n"),
            "line 2: a command stands above without ---- below it: put that line between them and "
            "this one");
  EXPECT_TRUE(error_of("----\n").starts_with("line 1: ---- without a command above it"));
  EXPECT_TRUE(error_of("\nstatus\n").starts_with("line 2: the last command has no ----"));
}

TEST(Script, NamesLineAndRemedyOfEachWrongCommand) {
  EXPECT_TRUE(error_of("status\n----\n").contains("line 1: there is no cluster yet: begin with"));
  const std::string given = "given hippo.yaml runs\n----\n\n";
  EXPECT_TRUE(error_of(given + "dance\n----\n").starts_with("line 4: there is no command dance: "));
  EXPECT_TRUE(error_of("apply none.yaml\n----\n").contains("write it, or name another file"));
  for (const std::span<const Verb> some : {verbs(), verbs_of_kubernetes(), questions()}) {
    for (const Verb& verb : some) {
      if (std::string(verb.form) == verb.name) continue;  // it takes no words
      const std::string error = error_of(concat(given, verb.name, "\n----\n"));
      EXPECT_TRUE(error.starts_with("line 4: ")) << verb.name << ": " << error;
      EXPECT_TRUE(error.contains("'") || error.contains(": ")) << verb.name << ": " << error;
    }
  }
}

TEST(Script, NamesWhatIsPendingWhereAnOutcomeHasNoIntent) {
  const std::string error = error_of(
      "given hippo.yaml runs\n----\n\npatch spec.image=other\n----\n\ndone Service/none\n----\n");
  EXPECT_TRUE(
      error.starts_with("line 7: nothing was asked of Service/none; choose from what is "
                        "pending: "))
      << error;
}

TEST(Script, ShowsADifferenceAsDiffDoes) {
  EXPECT_EQ(unified_diff("a\nb\nc\n", "a\nx\nc\n", "one", "other"),
            "--- one\n+++ other\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
  EXPECT_EQ(unified_diff("a\n", "a\n", "one", "other"), "");
}

// As a cell of Markdown has it.
std::string in_table(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, 1, '\\');
  return concat("`", text, "`");
}

// The list for people is the list that there is.
TEST(Script, HasEveryCommandInTheReadme) {
  const std::string readme = text_of(concat(SCENARIOS, "/README.md"));
  for (const std::span<const Verb> some : {verbs(), verbs_of_kubernetes(), questions()}) {
    for (const Verb& verb : some) EXPECT_TRUE(readme.contains(in_table(verb.form))) << verb.form;
  }
}

}  // namespace
}  // namespace annals::scenario

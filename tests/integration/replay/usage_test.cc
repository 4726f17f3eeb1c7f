// How annals-replay is called: what is called wrongly is told with the argument, the value and the
// cure, and the documentation is what the program says.
#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <sstream>

#include "tests/integration/replay/replay_fixture.h"

namespace annals::replay {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ReplayTest, WrongArgumentsAreNamedWithTheirCure) {
  const Answer at = ask_journal({"state", "--at", "yesterday"});
  EXPECT_EQ(at.status, kUsage);
  EXPECT_THAT(at.errors, HasSubstr("--at: 'yesterday' is neither"));
  const Answer kind = ask_journal({"timeline", "--kind", "rumour"});
  EXPECT_EQ(kind.status, kUsage);
  EXPECT_THAT(kind.errors, HasSubstr("--kind: 'rumour' is not a kind of record: give one of fact"));
  EXPECT_EQ(ask({}).status, kUsage);
  EXPECT_EQ(ask({"dance"}).status, kUsage);
  EXPECT_EQ(ask_journal({"state", "-o", "yaml"}).status, kUsage);
  const Answer cluster = ask_journal({"state", "--cluster", "ns/rhino"});
  EXPECT_EQ(cluster.status, kNotFound);
  EXPECT_THAT(cluster.errors, HasSubstr("--cluster: 'ns/rhino' is not in this journal"));
  EXPECT_THAT(cluster.errors, HasSubstr("ns/hippo"));
}

std::string file_of_ours(const std::string& path) {
  std::ifstream in(concat(SOURCES, "/", path));
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(ReplayTest, TheManPageAndTheCompletionAreWhatTheProgramSays) {
  EXPECT_EQ(told({"manual"}), file_of_ours("docs/annals-replay.1"))
      << "annals-replay manual > docs/annals-replay.1";
  EXPECT_EQ(told({"completion"}), file_of_ours("tools/replay/annals-replay.bash"))
      << "annals-replay completion > tools/replay/annals-replay.bash";
}

TEST_F(ReplayTest, TheDocumentationNamesEveryCommand) {
  Typed typed;
  const std::string text = file_of_ours("docs/annals-replay.md");
  for (const CLI::App* command : make_app(typed)->get_subcommands({})) {
    if (command->get_name() == "manual" || command->get_name() == "completion") continue;
    EXPECT_THAT(text, HasSubstr("`" + command->get_name())) << command->get_name();
  }
}

TEST_F(ReplayTest, ColoursAreForTerminalsOnly) {
  EXPECT_THAT(told({"timeline"}), Not(HasSubstr("\033")));
  std::ostringstream text;
  const Out out{.text = &text, .json = false, .colour = true};
  EXPECT_EQ(out.paint("red", Colour::kRed), "\033[31mred\033[0m");
}

}  // namespace
}  // namespace annals::replay

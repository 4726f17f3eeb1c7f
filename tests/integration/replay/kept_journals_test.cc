// Journals that released and earlier versions have written on real pods (tests/journals): each is
// still read, folded and told, with its chain whole, and all that this version decides otherwise is
// said to be of another behaviour.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "tests/integration/replay/replay_fixture.h"

namespace annals::replay {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> kept_journals() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(SOURCES "/tests/journals")) {
    if (entry.path().extension() == ".annals") files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

class KeptJournal : public ::testing::TestWithParam<std::string> {
 protected:
  static Answer ask_it(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--journal", GetParam()});
    return ask(std::move(arguments));
  }
  static json verdict() {
    return json::parse(ask_it({"verify", "--hash", "--output", "json"}).out);
  }
};

TEST_P(KeptJournal, IsWholeAndNothingOfThisBehaviourDiffers) {
  const Answer verdict = ask_it({"verify"});
  EXPECT_EQ(verdict.status, kFine) << verdict.out << verdict.errors;
  EXPECT_THAT(verdict.out, HasSubstr("hash chain intact"));
  EXPECT_THAT(verdict.out, HasSubstr("\n0 differences\n"));
}

TEST_P(KeptJournal, HasAStateOfEachClusterAtItsEnd) {
  const json states = verdict().at("states");
  ASSERT_GT(states.size(), 0U);
  for (const auto& [cluster, state] : states.items()) {
    const Answer told = ask_it({"state", "--cluster", cluster});
    EXPECT_EQ(told.status, kFine) << cluster << told.errors;
    EXPECT_NE(told.out, "") << cluster;
  }
}

TEST_P(KeptJournal, IsToldInWordsRecordByRecord) {
  const std::string timeline = ask_it({"timeline"}).out;
  EXPECT_GT(std::ranges::count(timeline, '\n'), 100);
  EXPECT_THAT(timeline, Not(HasSubstr("cannot be read")));
  EXPECT_EQ(ask_it({"blockers"}).status, kFine);
}

INSTANTIATE_TEST_SUITE_P(Every, KeptJournal, ::testing::ValuesIn(kept_journals()),
                         [](const auto& info) {
                           std::string name = std::filesystem::path(info.param).stem().string();
                           std::ranges::replace_if(
                               name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace annals::replay

// The rules over the whole tree. A failure lists every finding as file:line: what is wrong.
#include "tests/tidy/tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace annals::tidy {
namespace {

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> kTree = read_tree(ANNALS_SOURCE_DIR);
  return kTree;
}

void expect_no_findings(Findings (*rule)(const SourceFile&)) {
  ASSERT_FALSE(tree().empty());
  for (const SourceFile& file : tree()) {
    for (const std::string& finding : rule(file)) ADD_FAILURE() << finding;
  }
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

TEST(Tree, KeepsTheRoomsApart) { expect_no_findings(check_includes); }
TEST(Tree, StaysWithinTheLimits) { expect_no_findings(check_limits); }
TEST(Tree, UsesNoBannedWords) { expect_no_findings(check_banned); }
TEST(Tree, HasHeadersThatSayWhatTheyAreFor) { expect_no_findings(check_header); }
TEST(Tree, HasOneTitleInEachMarkdownFile) { expect_no_findings(check_markdown); }

// What each floor of the core may include, besides a file's own header: no machine another one.
const std::map<std::string, std::set<std::string>>& floors_of_the_core() {
  static const std::map<std::string, std::set<std::string>> kFloors{
      {"model", {"model"}},
      {"codec", {"model", "codec"}},
      {"view", {"model", "codec", "view"}},
      {"step", {"model", "view", "step"}},
      {"machines", {"model", "view", "step"}},
      {"operations", {"model", "view", "step", "operations"}}};
  return kFloors;
}

TEST(Tree, KeepsTheFloorsOfTheCore) {
  static const std::regex kInclude("#include \"(fsm/([a-z_]+)/[a-z_]+)\\.h\"");
  std::size_t seen = 0;
  for (const SourceFile& file : tree()) {
    const std::string room = folder_of(file.path);
    const auto floor = floors_of_the_core().find(name_of(room));
    if (folder_of(room) != "src/fsm" || floor == floors_of_the_core().end()) continue;
    const std::string own = file.path.substr(4, file.path.rfind('.') - 4);
    for (std::sregex_iterator each(file.text.begin(), file.text.end(), kInclude), end; each != end;
         ++each) {
      ++seen;
      EXPECT_TRUE((*each)[1] == own || floor->second.contains((*each)[2]))
          << file.path << " may not include " << (*each)[1];
    }
  }
  EXPECT_GT(seen, 100U);
}

TEST(Tree, BuildsEverySourceFile) {
  std::map<std::string, std::string> lists;
  for (const SourceFile& file : tree()) {
    if (name_of(file.path) == "CMakeLists.txt") lists[folder_of(file.path)] = file.text;
  }
  for (const SourceFile& file : tree()) {
    if (!file.path.ends_with(".cc")) continue;
    bool listed = false;
    for (std::string folder = folder_of(file.path); !listed; folder = folder_of(folder)) {
      const auto list = lists.find(folder);
      // A list may leave the kind of program to a function: watch for watch_fuzz.cc.
      const std::string name = name_of(file.path);
      const std::string stem = name.substr(0, name.find(name.contains("_fuzz") ? "_fuzz" : ".cc"));
      listed = list != lists.end() && list->second.find(stem) != std::string::npos;
      if (folder.find('/') == std::string::npos) break;
    }
    EXPECT_TRUE(listed) << file.path << ":1: no CMakeLists.txt builds this file";
  }
}

TEST(Tree, DescribesEachRoomInAShortReadme) {
  std::set<std::string> rooms;
  std::map<std::string, std::size_t> readmes;
  for (const SourceFile& file : tree()) {
    if (!file.path.starts_with("src/") || std::ranges::count(file.path, '/') != 2) continue;
    if (name_of(file.path) == "CMakeLists.txt") rooms.insert(folder_of(file.path));
    if (name_of(file.path) == "README.md") {
      readmes[folder_of(file.path)] = lines_of(file.text).size();
    }
  }
  for (const std::string& room : rooms) {
    ASSERT_TRUE(readmes.contains(room)) << room << " has no README.md";
    EXPECT_LE(readmes[room], 30U) << room << "/README.md: at most 30 lines";
  }
}

}  // namespace
}  // namespace annals::tidy

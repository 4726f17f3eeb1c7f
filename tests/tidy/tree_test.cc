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
TEST(Tree, HasTheSentencesOfTheCoreInItsCatalogue) { expect_no_findings(check_sentences); }
TEST(Tree, HasOneTitleInEachMarkdownFile) { expect_no_findings(check_markdown); }

// What the folders of a room may include of their room, besides a file's own header. No machine
// includes another one. A room's own files, where it is named, stand below its folders.
const std::map<std::string, std::set<std::string>>& floors() {
  static const std::map<std::string, std::set<std::string>> kFloors{
      {"fsm/text", {"fsm/text"}},
      {"fsm/model", {"fsm/text", "fsm/model"}},
      {"fsm/codec", {"fsm/text", "fsm/model", "fsm/codec"}},
      {"fsm/view", {"fsm/text", "fsm/model", "fsm/codec", "fsm/view"}},
      {"fsm/step", {"fsm/text", "fsm/model", "fsm/view", "fsm/step"}},
      {"fsm/machines", {"fsm/text", "fsm/model", "fsm/view", "fsm/step"}},
      {"fsm/operations", {"fsm/text", "fsm/model", "fsm/view", "fsm/step", "fsm/operations"}},
      {"k8s", {"k8s"}},
      {"k8s/text", {"k8s", "k8s/text"}},
      {"k8s/credentials", {"k8s", "k8s/text", "k8s/credentials"}},
      {"k8s/transport", {"k8s", "k8s/text", "k8s/credentials", "k8s/transport"}},
      {"k8s/client", {"k8s", "k8s/text", "k8s/transport", "k8s/client"}},
      {"k8s/discovery", {"k8s", "k8s/text", "k8s/client", "k8s/discovery"}},
      {"k8s/lease", {"k8s", "k8s/text", "k8s/client", "k8s/lease"}},
      {"k8s/pods", {"k8s", "k8s/text", "k8s/transport", "k8s/client", "k8s/pods"}},
      {"k8s/lens", {"k8s", "k8s/text", "k8s/client", "k8s/lens"}},
      {"k8s/watch", {"k8s", "k8s/text", "k8s/transport", "k8s/client", "k8s/lens", "k8s/watch"}},
      {"postgres/tls", {"postgres/tls"}},
      {"postgres/sql", {"postgres/tls", "postgres/sql"}},
      {"postgres/patroni", {"postgres/tls", "postgres/patroni"}},
      {"manifests", {"manifests"}},
      {"manifests/secrets", {"manifests", "manifests/secrets"}},
      {"manifests/pgbackrest", {"manifests", "manifests/secrets", "manifests/pgbackrest"}},
      {"manifests/instance",
       {"manifests", "manifests/secrets", "manifests/pgbackrest", "manifests/instance"}},
      {"manifests/cluster",
       {"manifests", "manifests/secrets", "manifests/pgbackrest", "manifests/instance",
        "manifests/cluster"}}};
  return kFloors;
}

std::string room_of(const std::string& folder) { return folder.substr(0, folder.find('/')); }

TEST(Tree, KeepsTheFloorsOfARoom) {
  static const std::regex kInclude("#include \"([a-z0-9_/]+/[a-z0-9_]+)\\.(?:h|ipp)\"");
  std::set<std::string> seen;
  for (const SourceFile& file : tree()) {
    if (!file.path.starts_with("src/")) continue;
    const std::string own = file.path.substr(4, file.path.rfind('.') - 4);
    const auto floor = floors().find(folder_of(own));
    if (floor == floors().end()) continue;
    seen.insert(floor->first);
    for (std::sregex_iterator each(file.text.begin(), file.text.end(), kInclude), end; each != end;
         ++each) {
      const std::string included = (*each)[1];
      if (room_of(included) != room_of(own)) continue;
      EXPECT_TRUE(included == own || floor->second.contains(folder_of(included)))
          << file.path << " may not include " << included;
    }
  }
  EXPECT_EQ(seen.size(), floors().size()) << "a folder has no file";
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

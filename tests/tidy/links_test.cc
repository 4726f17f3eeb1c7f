// That each link of a page leads to a file, and to a heading of it.
#include "tests/tidy/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/tidy/tree.h"

namespace annals::tidy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TEST(Links, AreFromTheFolderOfTheirPage) {
  const auto is = [](const char* path, const char* anchor) {
    return AllOf(Field(&Link::path, path), Field(&Link::anchor, anchor));
  };
  EXPECT_THAT(links_of({"docs/adr/1.md", "[a](../a.md#b) and [c](2.md), [d](#e)\n"}),
              ElementsAre(is("docs/a.md", "b"), is("docs/adr/2.md", ""), is("docs/adr/1.md", "e")));
}

TEST(Links, OfCodeAndToOtherPlacesAreNone) {
  EXPECT_THAT(links_of({"a.md", "    [a](b)\n```\n[a](b)\n```\n`[a](b)` [c](https://d)\n"}),
              IsEmpty());
}

TEST(Links, FindHeadingsByTheirWords) {
  EXPECT_THAT(anchors_of({"a.md", "# Move Patroni's store\n## `initSQL`: a try\n    # no\n#no\n"}),
              ElementsAre("initsql-a-try", "move-patronis-store"));
}

TEST(Tree, LeadsEveryLinkToAHeadingThatIsThere) {
  const std::filesystem::path root = ANNALS_SOURCE_DIR;
  std::map<std::string, SourceFile> pages;
  for (SourceFile& file : read_tree(root)) {
    if (file.path.ends_with(".md")) pages.emplace(file.path, std::move(file));
  }
  std::size_t seen = 0;
  for (const auto& [path, page] : pages) {
    for (const Link& link : links_of(page)) {
      ++seen;
      EXPECT_TRUE(std::filesystem::exists(root / link.path))
          << path << ":" << link.line << ": " << link.path << " does not exist";
      const auto target = pages.find(link.path);
      if (link.anchor.empty() || target == pages.end()) continue;
      EXPECT_TRUE(anchors_of(target->second).contains(link.anchor))
          << path << ":" << link.line << ": " << link.path << " has no heading #" << link.anchor;
    }
  }
  EXPECT_GT(seen, 100U);
}

}  // namespace
}  // namespace annals::tidy

#include "k8s/watch/watch_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

using News = WatchTable::News;
using testing::ElementsAre;

Digest look(std::string_view text) { return sha256(text); }
ObjectKey key(std::string name, std::string uid) { return {"ns", std::move(name), std::move(uid)}; }

WatchTable::Vanished vanished(std::string name, std::string mark = {}) {
  return {.key = key(std::move(name), "1"), .mark = std::move(mark)};
}

TEST(WatchTables, TellOnlyWhatIsNew) {
  WatchTable table;
  EXPECT_EQ(table.saw(key("a", "1"), look("x")).news, News::kAppeared);
  EXPECT_EQ(table.saw(key("a", "1"), look("x")).news, News::kSame);
  EXPECT_EQ(table.saw(key("a", "1"), look("y")).news, News::kChanged);
  EXPECT_EQ(table.size(), 1U);
}

TEST(WatchTables, ANamesakeReplacesTheObject) {
  WatchTable table;
  (void)table.saw(key("a", "1"), look("x"));
  const WatchTable::Sighting sighting = table.saw(key("a", "2"), look("x"));
  EXPECT_EQ(sighting.news, News::kAppeared);
  ASSERT_TRUE(sighting.replaced.has_value());
  EXPECT_EQ(sighting.replaced->key, key("a", "1"));
  EXPECT_FALSE(table.gone(key("a", "1"))) << "late news of the old one do not touch the new one";
  EXPECT_TRUE(table.gone(key("a", "2")));
}

TEST(WatchTables, ACompleteListTellsWhatVanished) {
  WatchTable table;
  for (const char* name : {"c", "a", "b"}) (void)table.saw(key(name, "1"), look(name));
  table.begin_list();
  (void)table.saw(key("b", "1"), look("b"));
  EXPECT_THAT(table.end_list(), ElementsAre(vanished("a"), vanished("c")));
  table.begin_list();  // broken off
  table.begin_list();
  (void)table.saw(key("b", "1"), look("b"));
  EXPECT_THAT(table.end_list(), ElementsAre());
}

TEST(WatchTables, TheMarkOfTheLastLookIsToldWithWhatVanished) {
  WatchTable table;
  (void)table.saw(key("a", "1"), look("x"), "hippo");
  (void)table.saw(key("b", "1"), look("x"), "hippo");
  (void)table.saw(key("c", "1"), look("x"), "hippo");
  EXPECT_EQ(table.saw(key("b", "1"), look("y"), "rhino").news, News::kChanged);
  (void)table.saw_unreadable(key("c", "1"));
  EXPECT_EQ(table.gone(key("a", "1")), "hippo");
  EXPECT_EQ(table.saw(key("b", "2"), look("y"), "lion").replaced, vanished("b", "rhino"));
  EXPECT_EQ(table.saw(key("b", "1"), look("y"), "").replaced->mark, "lion");
  table.begin_list();
  EXPECT_THAT(table.end_list(), ElementsAre(vanished("b", ""), vanished("c", "hippo")));
}

TEST(WatchTables, NamesAreInOrderWithinTheirNamespaces) {
  WatchTable table;
  const std::vector<ObjectKey> keys{
      {"b", "a", "1"}, {"a", "z", "2"}, {"ab", "a", "3"}, {"a", "bz", "4"}, {"", "abz", "5"}};
  for (const ObjectKey& each : keys) (void)table.saw(each, look(each.uid));
  for (const ObjectKey& each : keys)
    EXPECT_EQ(table.saw(each, look(each.uid)).news, News::kSame) << to_string(each);
  table.begin_list();
  std::string order;
  for (const WatchTable::Vanished& gone : table.end_list()) order += gone.key.uid;
  EXPECT_EQ(order, "54231");
}

TEST(WatchTables, WhatCannotBeReadIsToldOnceAndAgainWhenItCan) {
  WatchTable table;
  (void)table.saw(key("a", "1"), look("x"));
  EXPECT_EQ(table.saw_unreadable(key("a", "1")).news, News::kChanged);
  EXPECT_EQ(table.saw_unreadable(key("a", "1")).news, News::kSame);
  EXPECT_EQ(table.saw(key("a", "1"), look("x")).news, News::kChanged);
}

}  // namespace
}  // namespace annals::k8s

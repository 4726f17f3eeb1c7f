#include "k8s/watch_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

using News = WatchTable::News;
using testing::ElementsAre;

Digest look(std::string_view text) { return sha256(text); }
ObjectKey key(std::string name, std::string uid) { return {"ns", std::move(name), std::move(uid)}; }

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
  EXPECT_EQ(sighting.replaced_uid, "1");
  EXPECT_FALSE(table.gone(key("a", "1"))) << "late news of the old one do not touch the new one";
  EXPECT_TRUE(table.gone(key("a", "2")));
}

TEST(WatchTables, ACompleteListTellsWhatVanished) {
  WatchTable table;
  for (const char* name : {"c", "a", "b"}) (void)table.saw(key(name, "1"), look(name));
  table.begin_list();
  (void)table.saw(key("b", "1"), look("b"));
  EXPECT_THAT(table.end_list(), ElementsAre(key("a", "1"), key("c", "1")));
  table.begin_list();  // broken off
  table.begin_list();
  (void)table.saw(key("b", "1"), look("b"));
  EXPECT_THAT(table.end_list(), ElementsAre());
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

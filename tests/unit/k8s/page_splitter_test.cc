#include "k8s/text/page_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/concat.h"

namespace annals::k8s {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Page {
  std::vector<std::string> objects;
  Result<PageEnd> end;
};

Page split(std::string_view body, std::size_t piece, std::size_t object_max = 1000,
           UnreadFields unread = {}) {
  Page page;
  PageSplitter splitter(
      [&page](std::string_view object) {
        page.objects.emplace_back(object);
        return Result<void>();
      },
      object_max, unread);
  for (std::size_t at = 0; at < body.size(); at += piece) {
    Result<void> fed = splitter.feed(body.substr(at, piece));
    if (fed) continue;
    page.end = fail(std::move(fed).error());
    return page;
  }
  page.end = splitter.finish();
  return page;
}

std::string list_of(std::string_view items) {
  return concat(R"({"metadata":{"resourceVersion":"7"},"items":)", items, "}");
}

TEST(Pages, GiveTheirObjectsAsTheyStandInWhateverPieces) {
  const std::string body =
      R"( {"kind":"PodList, \"items\":[{", "items" : [ {"a": {"b":"]}"}} , {"c":2}], "x":[{"items":[{}]}],)"
      R"("metadata":{"resourceVersion":"7","continue":"t","items":[{"no":1}]}})"
      "\n";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const Page page = split(body, piece);
    ASSERT_TRUE(page.end) << to_string(page.end.error());
    EXPECT_THAT(page.objects, ElementsAre(R"({"a": {"b":"]}"}})", R"({"c":2})")) << piece;
    EXPECT_EQ(page.end->resource_version, "7");
    EXPECT_EQ(page.end->continue_token, "t");
  }
}

TEST(Pages, OfNothingAreEmptyButListsAllTheSame) {
  for (const char* items : {"[]", "null", " [ \n ] "}) {
    const Page page = split(list_of(items), 1000);
    EXPECT_TRUE(page.end) << items;
    EXPECT_THAT(page.objects, IsEmpty()) << items;
  }
}

TEST(Pages, ThatAreNoneAreErrorsWhereverTheyAreCut) {
  for (const std::string& bad :
       {std::string(),
        std::string("[]"),
        std::string("{}"),
        std::string("null"),
        std::string("<html>"),
        std::string(R"({"items":[]})"),
        list_of("{}"),
        list_of("[1]"),
        list_of("[{}"),
        list_of("[{},]"),
        list_of("[,{}]"),
        list_of("[{}{}]"),
        list_of("[[]]"),
        list_of("[{}],\"items\":[{}]"),
        list_of("[],\"metadata\":{\"resourceVersion\":\"8\"}"),
        list_of("[]") + "{}",
        list_of("[]").substr(1),
        std::string(200'000, '['),
        std::string(R"({"metadata":{"resourceVersion":7},"items":[]})"),
        std::string(R"({"metadata":{"resourceVersion":"7"},"\u0069tems":[{}]})"),
        std::string("{\"metadata\":{\"resourceVersion\":\"7\"},\"x\":\"\xff\",\"items\":[]}")}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, bad.size() + 1}) {
      const Page page = split(bad, piece);
      ASSERT_FALSE(page.end) << bad.substr(0, 100);
      EXPECT_EQ(page.end.error().code, Errc::kInvalid) << bad.substr(0, 100);
    }
  }
  const std::string good = list_of(R"([{"a":1}])");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(split(good.substr(0, size), 1000).end) << good.substr(0, size);
  }
}

TEST(Pages, EndWhereAnObjectIsRefused) {
  int seen = 0;
  PageSplitter splitter(
      [&seen](std::string_view) {
        ++seen;
        return Result<void>(fail(Errc::kInvalid, "not this one"));
      },
      1000);
  const Result<void> fed = splitter.feed(list_of("[{},{}]"));
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().detail, "not this one");
  EXPECT_EQ(seen, 1);
}

TEST(Pages, HoldNoMoreThanOneObject) {
  const std::string large = list_of(concat("[{\"a\":\"", std::string(2000, 'x'), "\"}]"));
  const Page page = split(large, 100);
  ASSERT_FALSE(page.end);
  EXPECT_THAT(page.end.error().detail, HasSubstr("more than 1000 bytes"));
  const std::string wide = concat("{\"x\":\"", std::string(70'000, 'x'), "\"}");
  EXPECT_THAT(split(wide, 100).end.error().detail, HasSubstr("outside of its items"));
  std::string many = "{}";
  for (int i = 0; i < 10'000; ++i) many += ",{}";
  EXPECT_EQ(split(list_of(concat("[", many, "]")), 64).objects.size(), 10'001U);
}

TEST(Pages, GiveObjectsWithoutWhatNobodyReads) {
  constexpr std::array<std::string_view, 1> kUnread{"env"};
  const std::string items =
      concat(R"([{"env":[")", std::string(5000, 'x'), R"("],"a":1},{"env":{"b":2}}])");
  const Page page = split(list_of(items), 10, 1000, kUnread);
  ASSERT_TRUE(page.end) << to_string(page.end.error());
  EXPECT_THAT(page.objects, ElementsAre(R"({"env":[],"a":1})", R"({"env":{}})"));
}

}  // namespace
}  // namespace annals::k8s

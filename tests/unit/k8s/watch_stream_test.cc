#include "k8s/watch/watch_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

using testing::ElementsAre;

TEST(WatchEvents, AreReadInAnyOrderOfFields) {
  JsonReader reader;
  const Result<WatchEvent> event = read_watch_event(
      reader, R"({"object":{"metadata":{"resourceVersion":"9"}}, "type":"ADDED"})");
  ASSERT_TRUE(event) << to_string(event.error());
  EXPECT_EQ(event->type, WatchEventType::kAdded);
  EXPECT_EQ(event->object, R"({"metadata":{"resourceVersion":"9"}})");
}

TEST(WatchEvents, AsTheApiServerWritesThemComeWithoutWhatNobodyReads) {
  JsonReader reader;
  std::string object;
  constexpr std::array<std::string_view, 1> kUnread{"env"};
  const Result<WatchEvent> event = read_watch_event(
      reader, R"({"type":"MODIFIED","object":{"a":"}","env":[{"b":1}]}})", kUnread, object);
  ASSERT_TRUE(event) << to_string(event.error());
  EXPECT_EQ(event->type, WatchEventType::kModified);
  EXPECT_EQ(event->object, R"({"a":"}","env":[]})");
}

TEST(WatchEvents, AreReadAsTheyAreMeantHoweverTheyBegin) {
  JsonReader reader;
  std::string object;
  const auto type_of = [&](std::string_view line) {
    return read_watch_event(reader, line, {}, object).value().type;
  };
  EXPECT_EQ(type_of(R"({"type":"ADDED","object":{} })"), WatchEventType::kAdded);
  EXPECT_EQ(type_of(R"({"type":"ADDED","object":{},"type":"DELETED"})"), WatchEventType::kDeleted);
  for (const char* bad : {R"({"type":"ADDED","object":{})", R"({"type":"ADDED","object":7})",
                          R"({"type":"ADDED","object":)"}) {
    EXPECT_FALSE(read_watch_event(reader, bad, {}, object)) << bad;
  }
}

TEST(Bookmarks, SayWhereTheyStandAndWhetherTheyEndTheInitialEvents) {
  JsonReader reader;
  const Bookmark plain = read_bookmark(reader, R"({"metadata":{"resourceVersion":"9"}})").value();
  EXPECT_EQ(plain.resource_version, "9");
  EXPECT_FALSE(plain.initial_events_end);
  const auto ends = [&reader](const char* value) {
    const std::string text =
        concat(R"({"kind":"Pod","metadata":{"annotations":{"a":"b",)",
               R"("k8s.io/initial-events-end":)", value, R"(},"resourceVersion":"9"},"spec":{}})");
    return read_bookmark(reader, text).value().initial_events_end;
  };
  EXPECT_TRUE(ends(R"("true")"));
  EXPECT_FALSE(ends(R"("false")"));
  for (const char* bad : {"{}", R"({"metadata":{}})", R"({"metadata":{"resourceVersion":7}})",
                          R"({"metadata":{"annotations":7,"resourceVersion":"9"}})"}) {
    EXPECT_FALSE(read_bookmark(reader, bad)) << bad;
  }
}

TEST(WatchEvents, ThatAreNoneAreErrors) {
  JsonReader reader;
  for (const char* bad : {"", "{", "null", R"({"type":"ADDED"})", R"({"type":"NEW","object":{}})",
                          R"({"type":7,"object":{}})", R"({"type":"ADDED","object":7})",
                          "{\"type\":\"ADDED\",\"object\":{\"\xff\":1}}"}) {
    EXPECT_FALSE(read_watch_event(reader, bad)) << bad;
  }
}

TEST(WatchEvents, ErrorsCarryTheStatusOfTheirObject) {
  const ApiError gone =
      read_watch_error(R"({"kind":"Status","message":"too old","reason":"Expired","code":410})");
  EXPECT_TRUE(gone.expired());
  EXPECT_EQ(gone.reason, "Expired");
  EXPECT_EQ(read_watch_error("{}").status, 500);
  EXPECT_EQ(read_watch_error(R"({"code":-1})").status, 500);
}

TEST(Lines, ComeOutWholeInWhateverPiecesTheyCome) {
  const std::string stream = "one\ntwo\r\n\n\nthree\nrest";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    LineSplitter splitter(100);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      splitter.inbox() += stream.substr(at, piece);
      std::string_view line;
      while (splitter.next_line(line)) lines.emplace_back(line);
      ASSERT_TRUE(splitter.compact());
    }
    EXPECT_THAT(lines, ElementsAre("one", "two", "three")) << piece;
    EXPECT_TRUE(splitter.partial());
  }
}

TEST(Lines, WithoutEndAreAnErrorBeforeTheyFillMemory) {
  LineSplitter splitter(1000);
  std::string_view line;
  Result<void> compacted;
  int pieces = 0;
  for (; compacted && pieces < 1000; ++pieces) {
    splitter.inbox() += std::string(100, 'x');
    EXPECT_FALSE(splitter.next_line(line));
    compacted = splitter.compact();
  }
  EXPECT_EQ(pieces, 11);
}

}  // namespace
}  // namespace annals::k8s

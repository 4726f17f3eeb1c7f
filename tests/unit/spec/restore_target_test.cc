// Times as people write them, and positions in the WAL.
#include "spec/restore_target.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace annals::spec {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kMorning{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 8h + 5min};

std::string read(const std::string& text) {
  const std::optional<PointInTime> point = parse_point_in_time(text);
  if (!point) return "none";
  return point_in_time_text(point->time) + (point->zone_assumed ? " assumed" : "");
}

TEST(PointInTimeTest, TakesEveryFormWithAZone) {
  for (const char* text :
       {"2026-01-31 08:05:00+00", "2026-01-31T08:05:00Z", "2026-01-31t08:05:00z",
        "2026-01-31 08:05:00 UTC", "2026-01-31 08:05 gmt", "2026-01-31 10:05:00+02",
        "2026-01-31 03:05:00-05", "2026-01-31T13:35:00+05:30", "2026-01-31T13:35:00+0530",
        "2026-01-30 22:05:00 -1000", "  2026-01-31  08:05:00.000Z  ",
        "2026-01-31 08:05:00,0+00:00"})
    EXPECT_EQ(read(text), "2026-01-31 08:05:00+00") << text;
}

TEST(PointInTimeTest, TakesUtcWhereNoZoneIsGiven) {
  EXPECT_EQ(read("2026-01-31 08:05:00"), "2026-01-31 08:05:00+00 assumed");
  EXPECT_EQ(read("2026-01-31T08:05"), "2026-01-31 08:05:00+00 assumed");
  EXPECT_EQ(read("2026-01-31"), "2026-01-31 00:00:00+00 assumed");
}

TEST(PointInTimeTest, KeepsMicrosecondsAndCutsWhatIsFiner) {
  EXPECT_EQ(read("2026-01-31 08:05:00.25Z"), "2026-01-31 08:05:00.25+00");
  EXPECT_EQ(read("2026-01-31 08:05:00.123456789Z"), "2026-01-31 08:05:00.123456+00");
  EXPECT_EQ(read("2026-01-31 08:05:00.000001Z"), "2026-01-31 08:05:00.000001+00");
}

TEST(PointInTimeTest, CrossesDaysMonthsAndYears) {
  EXPECT_EQ(read("2026-01-01 00:30:00+01"), "2025-12-31 23:30:00+00");
  EXPECT_EQ(read("2028-02-28 23:30:00-01"), "2028-02-29 00:30:00+00");
}

TEST(PointInTimeTest, RefusesWhatIsNoTimeOrMeansSeveral) {
  for (const char* text : {"",
                           "now",
                           "yesterday",
                           "08:05",
                           "2026-1-31",
                           "2026-02-29 08:05:00Z",
                           "2026-13-01",
                           "2026-01-31 24:00:00Z",
                           "2026-01-31 08:60Z",
                           "2026-01-31 08:05:60Z",
                           "2026-01-31 08",
                           "2026-01-31 8:05:00",
                           "2026-01-31 08:05:00 EST",
                           "2026-01-31 08:05:00 Europe/Berlin",
                           "2026-01-31 08:05:00+16",
                           "2026-01-31 08:05:00+1",
                           "2026-01-31 08:05:00+01:60",
                           "2026-01-31 08:05:00.Z",
                           "2026-01-31 08:05:00Z x",
                           "1969-12-31 23:59:59Z",
                           "31.01.2026",
                           "01/31/2026 08:05",
                           "20260131T080500Z",
                           "2026-01-31T",
                           "1769846700"})
    EXPECT_EQ(read(text), "none") << text;
}

TEST(PointInTimeTest, IsWrittenInTheFormThatIsReadBack) {
  for (const Timestamp time : {kMorning, kMorning + 1us, kMorning + 100ms, Timestamp{}}) {
    const std::optional<PointInTime> point = parse_point_in_time(point_in_time_text(time));
    ASSERT_TRUE(point) << point_in_time_text(time);
    EXPECT_EQ(point->time, time);
    EXPECT_FALSE(point->zone_assumed);
  }
}

TEST(LsnTest, IsReadAndWrittenAsPostgresDoes) {
  EXPECT_EQ(parse_lsn("0/5000028"), 0x5000028U);
  EXPECT_EQ(parse_lsn(" 1A/ff "), 0x1A000000FFU);
  EXPECT_EQ(lsn_text(0x1A000000FFU), "1A/FF");
  EXPECT_EQ(lsn_text(0), "0/0");
  for (const char* text : {"", "0", "/", "0/", "/0", "0/123456789", "x/0", "0/-1", "0/0/0"})
    EXPECT_FALSE(parse_lsn(text)) << text;
}

TEST(WalSegmentTest, TellsItsTimeline) {
  EXPECT_EQ(timeline_of_segment("0000001A0000000000000007"), 26);
  EXPECT_EQ(timeline_of_segment("00000002.history"), 0);
  EXPECT_FALSE(is_wal_segment("0000001a0000000000000007"));
}

}  // namespace
}  // namespace annals::spec

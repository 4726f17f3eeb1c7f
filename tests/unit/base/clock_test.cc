#include "base/clock.h"

#include <gtest/gtest.h>

namespace annals {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNoon = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h;

TEST(Clock, PrintsTimesInUtcWithMicroseconds) {
  EXPECT_EQ(to_string(kNoon + 5min + 7us), "2026-01-31T12:05:00.000007Z");
  EXPECT_EQ(to_string(Timestamp{}), "1970-01-01T00:00:00.000000Z");
}

TEST(Clock, PrintsTimesBeforeTheEpoch) {
  EXPECT_EQ(to_string(Timestamp{-1us}), "1969-12-31T23:59:59.999999Z");
}

TEST(Clock, AManualClockMovesOnlyWhenTold) {
  ManualClock clock(kNoon);
  EXPECT_EQ(clock.now(), kNoon);
  clock.advance(3s);
  EXPECT_EQ(clock.now(), kNoon + 3s);
  EXPECT_EQ(clock.steady(), 3s);
}

TEST(Clock, SettingTheTimeOfDayDoesNotMoveTheSteadyReading) {
  ManualClock clock(kNoon);
  clock.set(kNoon - 24h);
  EXPECT_EQ(clock.now(), kNoon - 24h);
  EXPECT_EQ(clock.steady(), 0s);
}

TEST(Clock, TheSystemClockKnowsThisCenturyAndNeverStepsBack) {
  const SystemClock clock;
  EXPECT_GT(clock.now(), Timestamp{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}});
  const Duration earlier = clock.steady();
  EXPECT_GE(clock.steady(), earlier);
}

}  // namespace
}  // namespace annals

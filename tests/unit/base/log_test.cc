#include "base/log.h"

#include <gtest/gtest.h>

#include <sstream>

namespace annals {
namespace {

class LogLines : public ::testing::Test {
 protected:
  std::string written() const { return out_.str(); }

  ManualClock clock_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};
  std::ostringstream out_;
  Log log_{log_to(out_), clock_};
};

TEST_F(LogLines, AreJsonObjectsWithTheEventAndItsFields) {
  log_.info("transition",
            {{"cluster", ClusterUid("u-1")}, {"seq", Sequence(7)}, {"pods", 3}, {"ready", false}});
  EXPECT_EQ(written(),
            R"({"time":"2026-01-31T00:00:00.000000Z","level":"info","event":"transition",)"
            R"("cluster":"u-1","seq":7,"pods":3,"ready":false})"
            "\n");
}

TEST_F(LogLines, OfAChildCarryItsFields) {
  log_.child({{"component", "journal"}}).child({{"cluster", "c"}}).warn("retry", {{"n", 2}});
  EXPECT_NE(written().find(R"("event":"retry","component":"journal","cluster":"c","n":2})"),
            std::string::npos);
}

TEST_F(LogLines, StayOneLineWhateverTheTextHolds) {
  log_.error("odd", {{"text", std::string_view("a\"b\\c\nd\te\0f", 11)}});
  EXPECT_NE(written().find(R"("text":"a\"b\\c\nd\u0009e\u0000f"})"), std::string::npos);
  EXPECT_EQ(written().find('\n'), written().size() - 1);
}

TEST_F(LogLines, NeverShowASecret) {
  log_.error("login", {{"password", Secret("hunter2")}});
  EXPECT_EQ(written().find("hunter2"), std::string::npos);
  EXPECT_NE(written().find(R"("password":"***")"), std::string::npos);
}

TEST_F(LogLines, BelowTheLevelAreNotWritten) {
  log_.debug("why-not");
  EXPECT_EQ(written(), "");
  log_.at_level(LogLevel::kDebug).debug("why-not");
  EXPECT_NE(written(), "");
}

TEST_F(LogLines, TellDurationsInMilliseconds) {
  log_.info("done", {{"took_ms", Duration(1500)}});
  EXPECT_NE(written().find(R"("took_ms":1.500000)"), std::string::npos);
}

TEST_F(LogLines, AreTextWithQuotesWhereTheyAreNeeded) {
  const Log text(log_to(out_, LogFormat::kText), clock_);
  text.child({{"component", "runtime"}})
      .info("decision", {{"name", "ns/hippo"},
                         {"seq", Sequence(7)},
                         {"why", "two words"},
                         {"empty", ""},
                         {"odd", "a=\"b\n"},
                         {"password", Secret("hunter2")}});
  EXPECT_EQ(written(),
            "2026-01-31T00:00:00.000000Z info decision component=runtime name=ns/hippo seq=7 "
            R"(why="two words" empty="" odd="a=\"b\n" password=***)"
            "\n");
}

TEST(Log, WithoutASinkGoesNowhere) { Log().error("nobody-listens"); }

}  // namespace
}  // namespace annals

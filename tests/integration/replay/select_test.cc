// annals-replay timeline, records and state: what is told of a part of a history.
#include <gmock/gmock.h>

#include <sstream>

#include "tests/integration/replay/replay_fixture.h"

namespace annals::replay {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

TEST_F(ReplayTest, ARangeRestrictsWhatIsToldAndNotWhatItIsMadeFrom) {
  const Sequence before = recorder_->journal().head().seq;
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const json verdict = told_json({"verify", "--from", concat(before.next())});
  EXPECT_EQ(verdict.at("differences").at("count"), 0);
  EXPECT_LT(verdict.at("outputs").get<int>(), 10);
  const std::string lines = told({"timeline", "--from", concat(before.next()), "--kind", "fact"});
  EXPECT_EQ(std::ranges::count(lines, '\n'), 1) << lines;
  EXPECT_THAT(lines, HasSubstr("Service/hippo-primary deleted"));
}

TEST_F(ReplayTest, TimesSelectAsRecordsDo) {
  recorder_->pass(1h);
  lose("Service", "hippo-primary");
  const std::string by_time = told({"timeline", "--from", "2026-01-02T01:00", "--kind", "fact"});
  EXPECT_EQ(std::ranges::count(by_time, '\n'), 1) << by_time;
  EXPECT_EQ(told({"timeline", "--to", "2026-01-01"}), "");
}

TEST_F(ReplayTest, RecordsAreJsonLinesThatNameTheirClusterAndCause) {
  std::istringstream lines(told({"records", "--cluster", "ns/hippo"}));
  std::uint64_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json record = json::parse(line);
    EXPECT_EQ(record.at("seq"), count + 1);
    EXPECT_EQ(record.at("name"), "ns/hippo");
    EXPECT_LT(record.at("cause"), record.at("seq"));
    EXPECT_TRUE(record.at("payload").is_object());
    EXPECT_EQ(record.at("hash").get<std::string>().size(), 64U);
  }
  EXPECT_EQ(count, recorder_->journal().head().seq.value());
}

TEST_F(ReplayTest, RecomputedRecordsAreTheRecordedOnes) {
  std::istringstream recorded(told({"records", "--kind", "decision", "--kind", "intent"}));
  std::istringstream recomputed(told({"records", "--recomputed"}));
  std::string was;
  std::string is;
  while (std::getline(recorded, was)) {
    ASSERT_TRUE(std::getline(recomputed, is));
    EXPECT_EQ(json::parse(was).at("payload"), json::parse(is).at("payload"));
    EXPECT_EQ(json::parse(was).at("type"), json::parse(is).at("type"));
  }
  EXPECT_FALSE(std::getline(recomputed, is));
}

TEST_F(ReplayTest, AStateIsToldAsOfAnyRecord) {
  const Sequence before = recorder_->journal().head().seq;
  recorder_->primary_is_ready(hippo_);
  EXPECT_EQ(told_json({"state"}).at("phase"), "Done");
  EXPECT_EQ(told_json({"state", "--at", concat(before), "--cluster", "ns/hippo"}).at("phase"),
            "Starting");
  EXPECT_THAT(told({"state"}), HasSubstr("ROLE"));
  const Answer too_early = ask_journal({"state", "--at", "0"});
  EXPECT_EQ(too_early.status, kNotFound);
}

TEST_F(ReplayTest, ADifferenceNamesEachValue) {
  const Sequence before = recorder_->journal().head().seq;
  recorder_->primary_is_ready(hippo_);
  const Answer diff = ask_journal({"diff", "--from", concat(before)});
  EXPECT_EQ(diff.status, kDifferences);
  EXPECT_THAT(diff.out, HasSubstr("/phase\n  - \"Starting\"\n  + \"Done\"\n"));
  EXPECT_EQ(ask_journal({"diff", "--from", concat(before), "--to", concat(before)}).status, kFine);
}

TEST_F(ReplayTest, ANameThatWasUsedAgainMeansTheNewestCluster) {
  recorder_->tell(hippo_, fsm::SpecGone{});
  const ClusterUid second = recorder_->create("hippo");
  EXPECT_EQ(told_json({"state", "--cluster", "ns/hippo"}).at("uid"), second.value());
  EXPECT_EQ(told_json({"state", "--cluster", hippo_.value()}).at("uid"), hippo_.value());
  EXPECT_THAT(told({"timeline", "--cluster", "ns/hippo"}), HasSubstr("PostgresCluster deleted"));
}

}  // namespace
}  // namespace annals::replay

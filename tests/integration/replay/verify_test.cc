// annals-replay verify: everything is recomputed from its records, also where some were retired, or
// written by another version.
#include <gmock/gmock.h>

#include "fsm/codec/codec.h"
#include "journal/retention.h"
#include "tests/integration/replay/replay_fixture.h"

namespace annals::replay {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

TEST_F(ReplayTest, VerifyRecomputesEverythingIdentically) {
  recorder_->primary_is_ready(hippo_);
  const json verdict = told_json({"verify", "--hash"});
  EXPECT_EQ(verdict.at("differences").at("count"), 0);
  EXPECT_EQ(verdict.at("changed").at("count"), 0);
  EXPECT_EQ(verdict.at("records"), recorder_->journal().head().seq.value());
  EXPECT_GT(verdict.at("outputs").get<int>(), 40);
  EXPECT_EQ(verdict.at("states").at(hippo_.value()).at("hash").get<std::string>() + "\n",
            told({"state", "--hash"}));
  EXPECT_THAT(told({"verify"}), HasSubstr("\n0 differences\n"));
}

TEST_F(ReplayTest, VerifyCountsWhatWasNotDurableAtACrashAsCutOff) {
  recorder_->tell_and_crash(
      hippo_, fsm::ObjectGone{.ref = ref("Service", "hippo-ha"), .uid = "uid-of-Service/hippo-ha"});
  recorder_->start_operator();
  const json verdict = told_json({"verify"});
  EXPECT_EQ(verdict.at("cutOff"), 1);
  EXPECT_EQ(verdict.at("differences").at("count"), 0);
}

TEST_F(ReplayTest, VerifyTellsAnotherBehaviourApartFromABug) {
  // A decision that no machine of ours takes, written by an operator of another behaviour.
  recorder_->behaviour = fsm::kBehaviour + 1;
  recorder_->start_operator();
  journal::Batch batch;
  batch.entries.resize(1);
  batch.entries[0].cluster = hippo_;
  batch.entries[0].kind = journal::Kind::kDecision;
  batch.entries[0].type = "status";
  batch.entries[0].cause = journal::Cause::of(recorder_->journal().head().seq);
  batch.entries[0].payload = fsm::encode(fsm::Decision{.machine = "status",
                                                       .transition = "dance",
                                                       .reason = fsm::literal("other rules"),
                                                       .inputs = {},
                                                       .intents = {}})
                                 .payload;
  ASSERT_TRUE(recorder_->journal().append_and_wait(batch));
  const Answer lenient = ask_journal({"verify"});
  EXPECT_EQ(lenient.status, kFine);
  EXPECT_THAT(lenient.out, HasSubstr("\n0 differences\n1 decisions of another behaviour version"));
  EXPECT_EQ(ask_journal({"verify", "--strict"}).status, kDifferences);

  recorder_->behaviour = fsm::kBehaviour;
  recorder_->start_operator();
  batch.entries[0].cause = journal::Cause::of(recorder_->journal().head().seq);
  ASSERT_TRUE(recorder_->journal().append_and_wait(batch));
  const Answer strict = ask_journal({"verify"});
  EXPECT_EQ(strict.status, kDifferences) << strict.out;
  EXPECT_THAT(strict.out, HasSubstr("\n1 differences\n"));
}

TEST_F(ReplayTest, OldRecordsMayHaveBeenRetired) {
  recorder_->records_per_snapshot = 20;
  recorder_->primary_is_ready(hippo_);
  for (int i = 0; i < 20; ++i) {
    lose("Service", "hippo-primary");
    recorder_->pass(10min);
    recorder_->carry_out();
  }
  recorder_->pass(std::chrono::days(500));
  recorder_->tell(hippo_, fsm::TimerFired{.name = "due"});
  const Timestamp now = recorder_->now();
  const Result<journal::RetentionReport> report =
      journal::apply_retention(recorder_->journal(), {}, now);
  ASSERT_TRUE(report.has_value()) << to_string(report.error());
  ASSERT_GT(report->expired + report->cut, 0U);
  const json verdict = told_json({"verify"});
  EXPECT_EQ(verdict.at("differences").at("count"), 0) << verdict.dump(2);
  EXPECT_EQ(verdict.at("notReadable").size(), 0U);
  EXPECT_THAT(told({"state"}), HasSubstr("Done"));
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  EXPECT_EQ(told_json({"verify"}).at("differences").at("count"), 0);
  EXPECT_THAT(told({"why", "Service/hippo-primary"}), HasSubstr("Service/hippo-primary deleted"));
}

TEST_F(ReplayTest, WhatOnlyAnotherVersionCanReplayIsSaidToBeSo) {
  // Everything up to the end is covered by a snapshot of a format of the future, and goes.
  recorder_->pass(std::chrono::days(1));
  const Sequence end = recorder_->journal().head().seq;
  journal::Batch batch;
  batch.snapshots.push_back({.cluster = hippo_, .seq = end, .content = R"({"format":99})"});
  ASSERT_TRUE(recorder_->journal().append_and_wait(std::move(batch)));
  recorder_->pass(std::chrono::days(500));
  recorder_->tell(hippo_, fsm::TimerFired{.name = "due"});
  ASSERT_GT(journal::apply_retention(recorder_->journal(), {}, recorder_->now())->cut, 0U);
  const json verdict = told_json({"verify"});
  EXPECT_EQ(verdict.at("notReadable").size(), 1U);
  EXPECT_EQ(verdict.at("inputs"), 0);
  for (const char* command : {"state", "step"}) {
    const Answer answer = ask_journal({command});
    EXPECT_EQ(answer.status, kNotFound) << command;
    EXPECT_THAT(answer.errors, HasSubstr("use the version that wrote it")) << command;
  }
  EXPECT_EQ(ask_journal({"records", "--recomputed"}).status, kNotFound);
}

}  // namespace
}  // namespace annals::replay

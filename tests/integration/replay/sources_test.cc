// What annals-replay reads: journals, bundles and checkpoints, and what is none of them.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/integration/replay/replay_fixture.h"

namespace annals::replay {
namespace {

using ::testing::HasSubstr;

TEST_F(ReplayTest, ABundleIsReadLikeAJournal) {
  recorder_->create("rhino");
  const std::string file = scratch_ / "hippo.annals";
  const Answer made = ask_journal({"export", file, "--cluster", "ns/hippo"});
  ASSERT_EQ(made.status, kFine) << made.errors;
  const Answer verdict = ask({"verify", "--journal", file});
  EXPECT_EQ(verdict.status, kFine) << verdict.errors;
  EXPECT_THAT(verdict.out, HasSubstr("\n0 differences\n"));
  EXPECT_EQ(ask({"state", "--hash", "--journal", file}).out,
            told({"state", "--hash", "--cluster", "ns/hippo"}));
  const Answer imported = ask({"import", file, scratch_ / "copy"});
  ASSERT_EQ(imported.status, kFine) << imported.errors;
  EXPECT_EQ(ask({"records", "--journal", scratch_ / "copy"}).out,
            told({"records", "--cluster", "ns/hippo"}));
  EXPECT_EQ(ask({"state", "--cluster", "ns/rhino", "--journal", file}).status, kNotFound);
}

TEST_F(ReplayTest, ACheckpointIsReadLikeAJournal) {
  ASSERT_TRUE(recorder_->journal().checkpoint(scratch_ / "checkpoint"));
  EXPECT_EQ(ask({"records", "--journal", scratch_ / "checkpoint"}).out, told({"records"}));
}

TEST_F(ReplayTest, WhatIsNoJournalIsSaidToBeNone) {
  EXPECT_EQ(ask({"verify", "--journal", scratch_ / "nowhere"}).status, kNotFound);
  const Answer empty = ask({"verify", "--journal", scratch_.path()});
  EXPECT_EQ(empty.status, kNotFound);
  EXPECT_THAT(empty.errors, HasSubstr("is not a journal"));
}

TEST_F(ReplayTest, DamageIsCorruptAndNamesTheFile) {
  const std::string file = scratch_ / "part.annals";
  ASSERT_EQ(ask_journal({"export", file}).status, kFine);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const Answer answer = ask({"verify", "--journal", file});
  EXPECT_EQ(answer.status, kCorrupt);
  EXPECT_THAT(answer.errors, HasSubstr(file));
}

}  // namespace
}  // namespace annals::replay

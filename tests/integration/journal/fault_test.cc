// The disk refuses, lies or loses power at every operation of a small life of a journal. Always:
// what was acknowledged is there afterwards, what is there is a prefix of what was appended, and
// after the first error nothing more is acknowledged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <future>

#include "journal/verify.h"
#include "tests/integration/journal/fault_files.h"
#include "tests/integration/journal/scratch.h"

namespace annals::journal {
namespace {

using ::testing::HasSubstr;

std::string payload(std::uint64_t seq) { return concat("payload of record ", seq); }

class FaultTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Journal>> open() {
    Options options;
    options.directory = directory_;
    options.clock = &clock_;
    options.files = files_;
    options.on_failure = [this](const Error&) { ++failures_; };
    return Journal::open(std::move(options));
  }

  // Opens, appends and closes, as far as it goes. What is acknowledged counts.
  void live(int appends) {
    Result<std::unique_ptr<Journal>> journal = open();
    if (!journal) return;
    bool failed = false;
    for (int i = 0; i < appends; ++i) {
      const std::uint64_t next = (*journal)->head().seq.value() + 1;
      Batch made = batch(fact("a", payload(next)));
      made.blobs = {concat("blob ", next)};
      made.entries[0].blobs = {sha256(made.blobs[0])};
      const Result<std::vector<Record>> appended = (*journal)->append_and_wait(std::move(made));
      EXPECT_FALSE(failed && appended) << "acknowledged after a failure";
      failed = failed || !appended;
      if (appended) acknowledged_ = std::max(acknowledged_, appended->front().seq);
      clock_.advance(std::chrono::milliseconds(400));  // so that HEAD is synced now and then
    }
    if (failed) EXPECT_TRUE((*journal)->failure().has_value());
  }

  // Opens on a sound disk: never corrupt, all that was acknowledged, nothing that was not appended.
  void expect_sound() {
    Result<std::unique_ptr<Journal>> journal = open();
    ASSERT_TRUE(journal.has_value()) << to_string(journal.error());
    const std::vector<Record> records = all_records((*journal)->reader());
    EXPECT_GE(records.size(), acknowledged_.value());
    for (const Record& record : records) EXPECT_EQ(record.payload, payload(record.seq.value()));
    journal->reset();
    const std::unique_ptr<Reader> reader = Reader::open(directory_).value();
    const Result<Verified> verified = verify(*reader);
    EXPECT_TRUE(verified.has_value()) << to_string(verified.error());
  }

  // How many operations of the disk one undisturbed life takes.
  std::uint64_t operations_of_a_life() {
    const std::uint64_t before = files_->operations();
    live(kAppends);
    live(kAppends);
    return files_->operations() - before;
  }

  void start_anew() {
    journal_number_ += 1;
    directory_ = scratch_ / concat("journal-", journal_number_);
    acknowledged_ = Sequence();
    failures_ = 0;
  }

  void fail_everywhere(Fault fault, bool stays) {
    const std::uint64_t operations = operations_of_a_life();
    ASSERT_GT(operations, 50U);
    for (std::uint64_t at = 1; at <= operations && !HasFailure(); at += kStride) {
      SCOPED_TRACE(concat("operation ", at, " of ", operations));
      start_anew();
      files_->fail_at(at, fault, stays);
      live(kAppends);
      live(kAppends);
      EXPECT_LE(failures_.load(), 2) << "told once by each journal";
      files_->heal();
      expect_sound();
    }
  }

  static constexpr int kAppends = 4;

  Scratch scratch_;
  std::string directory_ = scratch_ / "journal";
  int journal_number_ = 0;
  ManualClock clock_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  std::shared_ptr<FaultFiles> files_ = std::make_shared<FaultFiles>();
  Sequence acknowledged_;
  std::atomic<int> failures_ = 0;
};

TEST_F(FaultTest, AFullDiskAtAnyOperationLosesNothingAcknowledged) {
  fail_everywhere(Fault::kNoSpace, true);
}
TEST_F(FaultTest, AFullDiskThatHasRoomAgainLosesNothingAcknowledged) {
  fail_everywhere(Fault::kNoSpace, false);
}
TEST_F(FaultTest, ABrokenDiskAtAnyOperationLosesNothingAcknowledged) {
  fail_everywhere(Fault::kIoError, true);
}
TEST_F(FaultTest, ASingleFailedOperationIsNeverTakenForSuccess) {
  fail_everywhere(Fault::kIoError, false);
}
TEST_F(FaultTest, ATornWriteAtAnyOperationLosesNothingAcknowledged) {
  fail_everywhere(Fault::kTornWrite, true);
}

TEST_F(FaultTest, AFailedFsyncStopsTheJournalForGoodAndSaysWhich) {
  std::unique_ptr<Journal> journal = open().value();
  ASSERT_TRUE(journal->append_and_wait(batch(fact("a", payload(1)))));
  files_->fail_at(2, Fault::kIoError, false);  // the first is the write, the second its fsync
  const Result<std::vector<Record>> refused =
      journal->append_and_wait(batch(fact("a", payload(2))));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::kUnavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("record 2 in "));
  EXPECT_THAT(refused.error().detail, HasSubstr(".log"));
  EXPECT_THAT(refused.error().detail, HasSubstr("injected"));
  EXPECT_EQ(failures_.load(), 1);
  const Result<std::vector<Record>> again = journal->append_and_wait(batch(fact("a", "x")));
  ASSERT_FALSE(again.has_value()) << "although the disk works again";
  EXPECT_THAT(again.error().detail, HasSubstr("the journal has stopped"));
  EXPECT_EQ(journal->head().seq, Sequence(1));
  EXPECT_EQ(failures_.load(), 1);
}

TEST_F(FaultTest, EveryoneInAFailedGroupIsTold) {
  std::unique_ptr<Journal> journal = open().value();
  files_->fail_at(1, Fault::kNoSpace, true);
  std::vector<std::future<bool>> told;
  for (int i = 0; i < 50; ++i) {
    auto promise = std::make_shared<std::promise<bool>>();
    std::future<bool> answer = promise->get_future();
    const auto done = [promise](auto appended) { promise->set_value(appended.has_value()); };
    if (journal->append(batch(fact("a", "x")), done)) told.push_back(std::move(answer));
  }
  for (std::future<bool>& answer : told) EXPECT_FALSE(answer.get());
  EXPECT_FALSE(told.empty());
}

// A power loss takes any part of what was not synced. Several lives in one directory, each cut
// short.
TEST_F(FaultTest, APowerLossAtAnyOperationLosesNothingAcknowledged) {
  const std::uint64_t operations = operations_of_a_life();
  const bool is_long = std::getenv("ANNALS_TEST_LONG") != nullptr;
  for (std::uint64_t seed = 0; seed < (is_long ? 10'000U : 200U) && !HasFailure();
       seed += kStride) {
    SCOPED_TRACE(concat("seed ", seed));
    std::mt19937_64 dice(seed);
    if (dice() % 5 == 0) start_anew();
    files_->cut_power_at(std::uniform_int_distribution<std::uint64_t>(1, operations)(dice));
    live(kAppends);
    live(kAppends);
    files_->lose_unsynced(dice);
    expect_sound();
  }
}

}  // namespace
}  // namespace annals::journal

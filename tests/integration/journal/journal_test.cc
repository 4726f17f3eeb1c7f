#include "journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include "tests/integration/journal/scratch.h"

namespace annals::journal {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr Timestamp kNoon = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h;

class JournalTest : public ::testing::Test {
 protected:
  void open() { open(options()); }
  void open(Options options) {
    Result<std::unique_ptr<Journal>> opened = Journal::open(std::move(options));
    ASSERT_TRUE(opened.has_value()) << to_string(opened.error());
    journal_ = std::move(*opened);
  }
  void reopen() {
    journal_.reset();
    open();
  }
  Options options() {
    Options options;
    options.directory = directory_;
    options.clock = &clock_;
    return options;
  }
  Record append(Entry entry) {
    Result<std::vector<Record>> records = journal_->append_and_wait(batch(std::move(entry)));
    EXPECT_TRUE(records.has_value()) << to_string(records.error());
    return records ? records->front() : Record{};
  }
  Error refused(Batch batch) {
    Result<std::vector<Record>> records = journal_->append_and_wait(std::move(batch));
    EXPECT_FALSE(records.has_value());
    return records ? Error{} : records.error();
  }

  Scratch scratch_;
  std::string directory_ = scratch_ / "journal";
  ManualClock clock_{kNoon};
  std::unique_ptr<Journal> journal_;
};

// Whoever opens it next knows by that name that its predecessor has ended; of a copy it knows
// nothing.
TEST_F(JournalTest, ItsLockHasOneNameForAllThatOpenItAndAnotherInACopy) {
  open();
  const std::string name = journal_->lock_id();
  EXPECT_EQ(name.size(), 16U);
  const std::string copy = scratch_ / "copy";
  std::filesystem::copy(directory_, copy, std::filesystem::copy_options::recursive);
  reopen();
  EXPECT_EQ(journal_->lock_id(), name);
  directory_ = copy;
  reopen();
  EXPECT_NE(journal_->lock_id(), name);
}

TEST_F(JournalTest, GivesContiguousSequenceNumbersFromOne) {
  open();
  EXPECT_EQ(append(fact("a", "1")).seq, Sequence(1));
  EXPECT_EQ(append(fact("b", "2")).seq, Sequence(2));
  reopen();
  EXPECT_EQ(append(fact("a", "3")).seq, Sequence(3));
}

TEST_F(JournalTest, ReadsBackWhatWasAppendedAlsoAfterReopening) {
  open();
  Entry written = entry("a", Kind::kIntent, R"({"name":"hippo"})");
  written.epoch = Epoch(7);
  written.type = "ApplyObject";
  const Record record = append(std::move(written));
  EXPECT_EQ(record.time, kNoon);
  EXPECT_EQ(journal_->reader().read(Sequence(1)).value(), record);
  reopen();
  const Record read = journal_->reader().read(Sequence(1)).value();
  EXPECT_EQ(read, record);
  EXPECT_EQ(read.epoch, Epoch(7));
  EXPECT_EQ(read.type, "ApplyObject");
  EXPECT_EQ(read.payload, R"({"name":"hippo"})");
}

TEST_F(JournalTest, ANewJournalIsEmptyAndSaysSo) {
  open();
  EXPECT_EQ(journal_->reader().last().value(), std::nullopt);
  EXPECT_EQ(journal_->reader().read(Sequence(1)).error().code, Errc::kNotFound);
  EXPECT_TRUE(all_records(journal_->reader()).empty());
}

TEST_F(JournalTest, ABatchIsWrittenTogetherAndCausesPointIntoIt) {
  open();
  append(fact("a", "seen"));
  Batch both;
  both.entries = {entry("a", Kind::kDecision, "do"), entry("a", Kind::kIntent, "owed")};
  both.entries[0].cause = Cause::of(Sequence(1));
  both.entries[1].cause = Cause::in_batch(0);
  const std::vector<Record> records = journal_->append_and_wait(std::move(both)).value();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].cause, Sequence(1));
  EXPECT_EQ(records[1].cause, records[0].seq);
}

TEST_F(JournalTest, ReadsOneClustersStreamAlone) {
  open();
  append(fact("a", "1"));
  append(fact("ab", "2"));
  append(fact("a", "3"));
  std::vector<std::string> payloads;
  const auto visit = [&payloads](Record&& record) {
    payloads.push_back(record.payload);
    return true;
  };
  ASSERT_TRUE(journal_->reader().scan(ClusterUid("a"), Sequence(1), Sequence(9), visit));
  EXPECT_EQ(payloads, (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(journal_->reader().clusters().value(),
            (std::vector{ClusterUid("a"), ClusterUid("ab")}));
}

TEST_F(JournalTest, AScanStopsWhenTheVisitorHasEnough) {
  open();
  for (int i = 0; i < 5; ++i) append(fact("a", "x"));
  int seen = 0;
  ASSERT_TRUE(
      journal_->reader().scan(Sequence(2), Sequence(5), [&seen](Record&&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_F(JournalTest, TimeInRecordsNeverGoesBackAndNeverStands) {
  open();
  append(fact("a", "1"));
  clock_.set(kNoon - 24h);
  clock_.advance(5s);
  EXPECT_EQ(append(fact("a", "2")).time, kNoon + 5s);
  clock_.set(kNoon + 1h);
  EXPECT_EQ(append(fact("a", "3")).time, kNoon + 1h);
  clock_.set(kNoon);
  reopen();
  EXPECT_GE(append(fact("a", "4")).time, kNoon + 1h);
}

TEST_F(JournalTest, ManyProducersShareGroupsAndLoseNothing) {
  open();
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  std::vector<std::jthread> producers;
  for (int t = 0; t < kThreads; ++t) {
    producers.emplace_back([this, t] {
      for (int i = 0; i < kEach; ++i) append(fact(concat("cluster-", t), concat(i)));
    });
  }
  producers.clear();
  const std::vector<Record> records = all_records(journal_->reader());
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kThreads * kEach));
  std::map<ClusterUid, int> next;
  for (const Record& record : records) {
    EXPECT_EQ(record.payload, concat(next[record.cluster]++)) << "each producer's own order holds";
  }
}

TEST_F(JournalTest, ACompletionMayAppendTheNextRecord) {
  open();
  std::promise<Sequence> last;
  std::function<void(int)> append_next = [&](int left) {
    const Result<void> queued =
        journal_->append(batch(fact("a", concat(left))), [&, left](auto appended) {
          if (left == 0) return last.set_value(appended->front().seq);
          append_next(left - 1);
        });
    ASSERT_TRUE(queued.has_value());
  };
  append_next(9);
  EXPECT_EQ(last.get_future().get(), Sequence(10));
}

TEST_F(JournalTest, ClosingWritesWhatIsQueued) {
  open();
  std::atomic<int> done = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(journal_->append(batch(fact("a", "x")), [&done](auto appended) {
      if (appended) ++done;
    }));
  }
  reopen();
  EXPECT_EQ(done, 100);
  EXPECT_EQ(all_records(journal_->reader()).size(), 100U);
}

TEST_F(JournalTest, StoresABlobOnceAndFindsItByItsDigest) {
  open();
  const std::string manifest(10'000, 'm');
  Batch with_blob = batch(entry("a", Kind::kIntent, "apply"));
  with_blob.entries[0].blobs = {sha256(manifest)};
  with_blob.blobs = {manifest};
  ASSERT_TRUE(journal_->append_and_wait(with_blob));
  ASSERT_TRUE(journal_->append_and_wait(with_blob));
  reopen();
  EXPECT_EQ(journal_->reader().blob(sha256(manifest)).value(), manifest);
  EXPECT_EQ(journal_->reader().read(Sequence(2))->blobs.front(), sha256(manifest));
  EXPECT_EQ(journal_->reader().blob(sha256("another")).error().code, Errc::kNotFound);
}

TEST_F(JournalTest, FindsTheNewestSnapshotAtOrBeforeARecord) {
  open();
  Batch snapshots;
  snapshots.snapshots = {{ClusterUid("a"), Sequence(5), "five"},
                         {ClusterUid("a"), Sequence(9), "nine"},
                         {ClusterUid("b"), Sequence(7), "other"}};
  ASSERT_TRUE(journal_->append_and_wait(std::move(snapshots)));
  const Reader& reader = journal_->reader();
  EXPECT_EQ(reader.snapshot(ClusterUid("a"), Sequence(8)).value()->content, "five");
  EXPECT_EQ(reader.snapshot(ClusterUid("a"), Sequence(9)).value()->content, "nine");
  EXPECT_EQ(reader.snapshot(ClusterUid("a"), Sequence(4)).value().has_value(), false);
  EXPECT_EQ(reader.snapshot(ClusterUid("c"), Sequence(99)).value().has_value(), false);
  EXPECT_EQ(reader.snapshots(ClusterUid("a")).value(), (std::vector{Sequence(5), Sequence(9)}));
}

TEST_F(JournalTest, RefusesAKnownShapeOfASecretWithoutRepeatingIt) {
  open();
  const Error error = refused(batch(fact("a", "postgres://hippo:s3cret@host/db")));
  EXPECT_EQ(error.code, Errc::kForbidden);
  EXPECT_THAT(error.detail, HasSubstr("a password in a URI"));
  EXPECT_EQ(error.detail.find("s3cret"), std::string::npos);
  EXPECT_EQ(append(fact("a", "clean")).seq, Sequence(1)) << "nothing was written";
}

TEST_F(JournalTest, RefusesWhatIsBeyondTheLimits) {
  open();
  EXPECT_EQ(refused(batch(fact("a", std::string(kMaxPayload + 1, 'x')))).code, Errc::kInvalid);
  EXPECT_EQ(refused(batch(fact("", "x"))).code, Errc::kInvalid);
  Batch forward = batch(fact("a", "x"));
  forward.entries[0].cause = Cause::in_batch(0);
  EXPECT_EQ(refused(std::move(forward)).code, Errc::kInvalid);
  Batch no_content = batch(fact("a", "x"));
  no_content.entries[0].blobs = {sha256("never given")};
  EXPECT_EQ(refused(std::move(no_content)).code, Errc::kInvalid);
}

TEST_F(JournalTest, RefusesToQueueMoreThanTheLimit) {
  Options small = options();
  small.max_pending_bytes = 1000;
  open(std::move(small));
  EXPECT_EQ(refused(batch(fact("a", std::string(2000, 'x')))).code, Errc::kUnavailable);
  EXPECT_EQ(append(fact("a", "fits")).seq, Sequence(1));
}

TEST_F(JournalTest, IsReadByAnotherReaderWhileItGrows) {
  open();
  append(fact("a", "1"));
  const std::unique_ptr<Reader> other = Reader::open(directory_).value();
  append(fact("a", "2"));
  EXPECT_EQ(all_records(*other).size(), 1U) << "as it was when it was opened";
  EXPECT_EQ(all_records(*Reader::open(directory_).value()).size(), 2U);
}

TEST_F(JournalTest, IsReadWhileItsFilesComeAndGo) {
  open();
  std::atomic<bool> writing = true;
  std::jthread writer([this, &writing] {  // enough for RocksDB to write tables meanwhile
    for (int i = 0; i < 1500; ++i) append(fact("a", std::string(20'000, 'x')));
    writing = false;
  });
  std::size_t before = 0;
  while (writing) {
    Result<std::unique_ptr<Reader>> reader = Reader::open(directory_);
    ASSERT_TRUE(reader.has_value()) << to_string(reader.error());
    const std::size_t now = (*reader)->last()->value_or(Sequence()).value();
    EXPECT_GE(now, before);
    before = now;
  }
  EXPECT_EQ(all_records(*Reader::open(directory_).value()).size(), 1500U);
}

TEST_F(JournalTest, HasOneWriterAtATime) {
  open();
  const Result<std::unique_ptr<Journal>> second = Journal::open(options());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::kUnavailable);
}

TEST_F(JournalTest, ACheckpointIsAJournalOfItsOwn) {
  open();
  append(fact("a", "1"));
  ASSERT_TRUE(journal_->checkpoint(scratch_ / "copy"));
  append(fact("a", "2"));
  EXPECT_EQ(all_records(*Reader::open(scratch_ / "copy").value()).size(), 1U);
  Options copy = options();
  copy.directory = scratch_ / "copy";
  open(std::move(copy));
  EXPECT_EQ(append(fact("a", "another 2")).seq, Sequence(2));
}

TEST_F(JournalTest, AnOlderCopyPutBackIsFoundByAnAnchor) {
  open();
  append(fact("a", "1"));
  ASSERT_TRUE(journal_->checkpoint(scratch_ / "copy"));
  const Record published = append(fact("a", "2"));
  journal_.reset();
  Options with_anchor = options();
  with_anchor.anchor = Anchor{published.seq, published.hash};
  EXPECT_TRUE(Journal::open(with_anchor).has_value());
  with_anchor.directory = scratch_ / "copy";
  const Result<std::unique_ptr<Journal>> old = Journal::open(with_anchor);
  ASSERT_FALSE(old.has_value());
  EXPECT_EQ(old.error().code, Errc::kCorrupt);
  EXPECT_THAT(old.error().detail, HasSubstr("ends before record 2: it is an older copy"));
}

}  // namespace
}  // namespace annals::journal

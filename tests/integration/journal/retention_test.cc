#include "journal/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "journal/verify.h"
#include "tests/integration/journal/scratch.h"

namespace annals::journal {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class RetentionTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    journal_.reset();
    Options options;
    options.directory = directory_;
    options.clock = &clock_;
    journal_ = Journal::open(std::move(options)).value();
  }
  Sequence append(Entry entry) {
    return journal_->append_and_wait(batch(std::move(entry))).value().front().seq;
  }
  void snapshot(std::string_view cluster, Sequence seq) {
    Batch made;
    made.snapshots = {{ClusterUid(std::string(cluster)), seq, "state"}};
    ASSERT_TRUE(journal_->append_and_wait(std::move(made)));
  }
  void days_pass(int days) { clock_.advance(std::chrono::days(days)); }
  RetentionReport apply() {
    Result<RetentionReport> report = apply_retention(*journal_, policy_, clock_.now());
    EXPECT_TRUE(report.has_value()) << to_string(report.error());
    return report ? *report : RetentionReport{};
  }
  // A fresh look at the disk.
  Verified verified() {
    const std::unique_ptr<Reader> reader = Reader::open(directory_).value();
    Result<Verified> result = verify(*reader);
    EXPECT_TRUE(result.has_value()) << to_string(result.error());
    return result ? *result : Verified{};
  }
  std::vector<std::string> payloads() {
    std::vector<std::string> found;
    for (const Record& record : all_records(journal_->reader())) {
      if (record.kind != Kind::kMarker) found.push_back(record.payload);
    }
    return found;
  }

  Scratch scratch_;
  std::string directory_ = scratch_ / "journal";
  ManualClock clock_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  RetentionPolicy policy_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(RetentionTest, OldFactsLoseTheirPayloadAndDecisionsKeepTheirs) {
  append(fact("a", "old fact"));
  append(entry("a", Kind::kDecision, "old decision"));
  days_pass(31);
  append(fact("a", "new fact"));
  snapshot("a", Sequence(2));
  EXPECT_EQ(apply().expired, 1U);
  EXPECT_THAT(payloads(), ElementsAre("", "old decision", "new fact"));
  EXPECT_EQ(verified().expired, 1U);
  open();
  EXPECT_THAT(payloads(), ElementsAre("", "old decision", "new fact"));
}

TEST_F(RetentionTest, FactsStayUntilASnapshotMakesThemNeedless) {
  append(fact("a", "1"));
  append(fact("a", "2"));
  days_pass(31);
  append(fact("a", "3"));
  EXPECT_EQ(apply().expired, 0U) << "no snapshot";
  snapshot("a", Sequence(1));
  append(fact("b", "another cluster's time passes"));
  days_pass(31);
  append(fact("a", "4"));
  EXPECT_EQ(apply().expired, 1U) << "what is behind the snapshot is needed to replay";
  EXPECT_THAT(payloads(), ElementsAre("", "2", "3", "another cluster's time passes", "4"));
  verified();
}

// Words that no compression makes much smaller.
std::string ten_thousand_bytes(std::minstd_rand& random) {
  std::string text;
  while (text.size() < 10'000) text += text.size() % 6 == 5 ? ' ' : char('a' + random() % 26);
  return text;
}

// RocksDB knows the size of files; that of what it has in memory it guesses by chance.
TEST_F(RetentionTest, ALimitOnBytesLetsOlderFactsGoBeforeTheirTime) {
  std::minstd_rand random(7);  // NOLINT: the same bytes in each run
  for (int i = 0; i < 100; ++i) {
    const Sequence seq = append(fact("a", ten_thousand_bytes(random)));
    if (i % 10 == 0) snapshot("a", seq);
  }
  open();
  policy_.records_bytes = 300'000;
  const RetentionReport report = apply();
  EXPECT_GT(report.expired, 0U);
  EXPECT_LT(report.expired, 100U);
  verified();
}

TEST_F(RetentionTest, SupersededSnapshotsGoAndTheOneToReplayFromStays) {
  append(fact("a", "1"));
  append(fact("a", "2"));
  snapshot("a", Sequence(1));
  snapshot("a", Sequence(2));
  days_pass(31);
  append(fact("a", "3"));
  snapshot("a", Sequence(3));
  EXPECT_EQ(apply().snapshots, 1U);
  EXPECT_THAT(journal_->reader().snapshots(ClusterUid("a")).value(),
              ElementsAre(Sequence(2), Sequence(3)));
}

TEST_F(RetentionTest, VeryOldRecordsAreCutAndTheRestStillVerifies) {
  append(fact("a", "1"));
  append(entry("a", Kind::kDecision, "2"));
  snapshot("a", Sequence(2));
  days_pass(401);
  append(fact("a", "3"));
  const RetentionReport report = apply();
  EXPECT_EQ(report.cut, 2U);
  EXPECT_EQ(report.held_by, std::nullopt);
  EXPECT_THAT(payloads(), ElementsAre("3"));
  EXPECT_EQ(verified().first, Sequence(3));
  open();
  EXPECT_EQ(append(fact("a", "5")), Sequence(5)) << "numbers go on; the marker was record 4";
  EXPECT_EQ(journal_->reader().read(Sequence(1)).error().code, Errc::kNotFound);
  verified();
}

TEST_F(RetentionTest, ASecondCutFollowsTheFirst) {
  append(fact("a", "1"));
  snapshot("a", Sequence(1));
  days_pass(401);
  append(fact("a", "2"));
  EXPECT_EQ(apply().cut, 1U);
  snapshot("a", Sequence(2));
  snapshot("operator", Sequence(3));
  days_pass(401);
  append(fact("a", "4"));
  EXPECT_EQ(apply().cut, 2U);
  EXPECT_EQ(verified().first, Sequence(4));
}

TEST_F(RetentionTest, AClusterWithoutASnapshotHoldsTheCutAndIsNamed) {
  append(fact("a", "1"));
  append(fact("b", "2"));
  snapshot("a", Sequence(1));
  days_pass(401);
  append(fact("a", "3"));
  const RetentionReport report = apply();
  EXPECT_EQ(report.cut, 1U);
  EXPECT_EQ(report.held_by, ClusterUid("b"));
  EXPECT_THAT(payloads(), ElementsAre("2", "3"));
  verified();
}

TEST_F(RetentionTest, BlobsGoWithTheLastRecordThatNamesThem) {
  const std::vector<std::string> blobs{"only old", "old and new"};
  Batch old = batch(entry("a", Kind::kIntent, "1"));
  old.blobs = blobs;
  old.entries[0].blobs = {sha256(blobs[0]), sha256(blobs[1])};
  ASSERT_TRUE(journal_->append_and_wait(std::move(old)));
  snapshot("a", Sequence(1));
  days_pass(401);
  Batch fresh = batch(entry("a", Kind::kIntent, "2"));
  fresh.blobs = {blobs[1]};
  fresh.entries[0].blobs = {sha256(blobs[1])};
  ASSERT_TRUE(journal_->append_and_wait(std::move(fresh)));
  EXPECT_EQ(apply().blobs, 1U);
  EXPECT_EQ(journal_->reader().blob(sha256(blobs[0])).error().code, Errc::kNotFound);
  EXPECT_EQ(journal_->reader().blob(sha256(blobs[1])).value(), blobs[1]);
  EXPECT_EQ(verified().blobs, 1U);
}

// Between retention's look at a blob and its removal somebody may name the blob again.
TEST_F(RetentionTest, ABlobThatIsNamedAgainMeanwhileStays) {
  Batch naming = batch(entry("a", Kind::kIntent, "1"));
  naming.blobs = {"content"};
  naming.entries[0].blobs = {sha256("content")};
  ASSERT_TRUE(journal_->append_and_wait(naming));
  ASSERT_TRUE(journal_->append_and_wait(naming));
  const auto erase_unless_used_from = [this](std::uint64_t seq) {
    const std::string digest(sha256("content").view());
    ASSERT_TRUE(journal_->append_edits(
        {}, {{Edit::What::kEraseUnusedBlob, Family::kBlobs, digest, sequence_key(Sequence(seq))}}));
  };
  erase_unless_used_from(2);
  EXPECT_EQ(journal_->reader().blob(sha256("content")).value(), "content");
  erase_unless_used_from(3);
  EXPECT_EQ(journal_->reader().blob(sha256("content")).error().code, Errc::kNotFound);
}

TEST_F(RetentionTest, WhatRetentionDidIsARecord) {
  append(fact("a", "1"));
  snapshot("a", Sequence(1));
  days_pass(31);
  append(fact("a", "2"));
  apply();
  const Record marker = journal_->reader().read(Sequence(3)).value();
  EXPECT_EQ(marker.kind, Kind::kMarker);
  EXPECT_EQ(marker.type, "RetentionApplied");
  EXPECT_EQ(marker.payload, R"({"expiredBefore":2,"keptFrom":1})");
}

TEST_F(RetentionTest, WithNothingToDoWritesNothing) {
  append(fact("a", "1"));
  apply();
  EXPECT_EQ(journal_->head().seq, Sequence(1));
}

}  // namespace
}  // namespace annals::journal

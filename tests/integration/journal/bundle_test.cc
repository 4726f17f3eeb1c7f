#include "journal/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "journal/retention.h"
#include "journal/verify.h"
#include "tests/integration/journal/scratch.h"

namespace annals::journal {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Timestamp kStart = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class BundleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Options options;
    options.directory = scratch_ / "journal";
    options.clock = &clock_;
    journal_ = Journal::open(std::move(options)).value();
    // One record an hour: 1 a, 2 b, 3 a, 4 operator, 5 b, 6 a, 7 b, 8 a
    for (const char* cluster : {"a", "b", "a", "operator", "b", "a", "b", "a"}) {
      Batch made = batch(entry(cluster, Kind::kIntent, concat("of ", cluster)));
      made.blobs = {concat("manifest of ", cluster)};
      made.entries[0].blobs = {sha256(made.blobs[0])};
      ASSERT_TRUE(journal_->append_and_wait(std::move(made)));
      clock_.advance(1h);
    }
    Batch snapshots;
    snapshots.snapshots = {{ClusterUid("a"), Sequence(1), "a at 1"},
                           {ClusterUid("a"), Sequence(3), "a at 3"},
                           {ClusterUid("b"), Sequence(5), "b at 5"}};
    ASSERT_TRUE(journal_->append_and_wait(std::move(snapshots)));
  }

  BundleReport exported(const BundleSelection& selection) {
    Result<BundleReport> report = export_bundle(journal_->reader(), selection, file_);
    EXPECT_TRUE(report.has_value()) << to_string(report.error());
    return report ? *report : BundleReport{};
  }
  std::unique_ptr<Reader> imported() {
    const Result<BundleReport> report = import_bundle(file_, copy_);
    EXPECT_TRUE(report.has_value()) << to_string(report.error());
    Result<std::unique_ptr<Reader>> reader = Reader::open(copy_);
    EXPECT_TRUE(reader.has_value()) << to_string(reader.error());
    const Result<Verified> verified = verify(**reader);
    EXPECT_TRUE(verified.has_value()) << to_string(verified.error());
    return std::move(*reader);
  }
  static std::vector<std::uint64_t> numbers(const Reader& reader) {
    std::vector<std::uint64_t> found;
    for (const Record& record : all_records(reader)) found.push_back(record.seq.value());
    return found;
  }

  Scratch scratch_;
  std::string file_ = scratch_ / "part.annals";
  std::string copy_ = scratch_ / "copy";
  ManualClock clock_{kStart};
  std::unique_ptr<Journal> journal_;
};

TEST_F(BundleTest, OfEverythingIsTheJournal) {
  EXPECT_EQ(exported({}), (BundleReport{8, 3, 3}));
  const std::unique_ptr<Reader> copy = imported();
  EXPECT_EQ(all_records(*copy), all_records(journal_->reader()));
  EXPECT_EQ(copy->journal_id(), journal_->reader().journal_id());
  EXPECT_EQ(copy->blob(sha256("manifest of a")).value(), "manifest of a");
  EXPECT_EQ(copy->snapshot(ClusterUid("b"), Sequence(9)).value()->content, "b at 5");
}

TEST_F(BundleTest, OfOneClusterHasItsRecordsTheOperatorsAndGaps) {
  exported({.clusters = {ClusterUid("a")}, .from = {}, .to = {}});
  const std::unique_ptr<Reader> copy = imported();
  EXPECT_THAT(numbers(*copy), ElementsAre(1, 3, 4, 6, 8));
  EXPECT_EQ(copy->read(Sequence(2)).error().code, Errc::kNotFound);
  EXPECT_EQ(copy->blob(sha256("manifest of b")).error().code, Errc::kNotFound);
}

TEST_F(BundleTest, OfATimeRangeGoesBackToTheSnapshotThatReplayStartsAt) {
  exported({.clusters = {ClusterUid("a")}, .from = kStart + 5h, .to = kStart + 6h});
  const std::unique_ptr<Reader> copy = imported();
  EXPECT_THAT(numbers(*copy), ElementsAre(4, 6)) << "a from its snapshot at 3 on, to record 7";
  EXPECT_EQ(copy->snapshot(ClusterUid("a"), Sequence(5)).value()->content, "a at 3");
  EXPECT_THAT(copy->snapshots(ClusterUid("a")).value(), ElementsAre(Sequence(3)));
}

TEST_F(BundleTest, OfAJournalThatWasCutStartsBehindTheCut) {
  Batch snapshots;
  snapshots.snapshots = {{ClusterUid("a"), Sequence(8), "a"},
                         {ClusterUid("b"), Sequence(7), "b"},
                         {ClusterUid("operator"), Sequence(4), "o"}};
  ASSERT_TRUE(journal_->append_and_wait(std::move(snapshots)));
  clock_.advance(std::chrono::days(401));
  ASSERT_TRUE(journal_->append_and_wait(batch(fact("a", "new"))));
  ASSERT_EQ(apply_retention(*journal_, {}, clock_.now())->cut, 8U);
  exported({});
  EXPECT_THAT(numbers(*imported()), ElementsAre(9, 10));
}

TEST_F(BundleTest, TheSamePartGivesTheSameBytes) {
  exported({});
  const std::string first = read_file(file_);
  std::filesystem::remove(file_);
  exported({});
  EXPECT_EQ(read_file(file_), first);
}

TEST_F(BundleTest, ThatWasImportedIsNeverAppendedTo) {
  exported({});
  imported();
  Options options;
  options.directory = copy_;
  options.clock = &clock_;
  const Result<std::unique_ptr<Journal>> journal = Journal::open(std::move(options));
  ASSERT_FALSE(journal.has_value());
  EXPECT_THAT(journal.error().detail, HasSubstr("is an imported bundle: it is not appended to"));
}

TEST_F(BundleTest, OfAnUnknownClusterIsRefusedAndLeavesNoFile) {
  const Result<BundleReport> report = export_bundle(
      journal_->reader(), {.clusters = {ClusterUid("nobody")}, .from = {}, .to = {}}, file_);
  EXPECT_EQ(report.error().code, Errc::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(BundleTest, ReplacesNeitherAFileNorADirectory) {
  exported({});
  EXPECT_FALSE(export_bundle(journal_->reader(), {}, file_).has_value());
  EXPECT_EQ(import_bundle(file_, scratch_ / "journal").error().code, Errc::kConflict);
}

TEST_F(BundleTest, EveryFlippedBitAndEveryTruncationIsFound) {
  exported({.clusters = {ClusterUid("a")}, .from = {}, .to = {}});
  const std::string whole = read_file(file_);
  for (std::size_t bit = 0; bit < 8 * whole.size(); bit += kStride) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    write_file(file_, damaged);
    const Result<BundleReport> report = import_bundle(file_, copy_);
    ASSERT_FALSE(report.has_value()) << "bit " << bit;
    EXPECT_EQ(report.error().code, Errc::kCorrupt);
    EXPECT_THAT(report.error().detail, HasSubstr(file_));
  }
  for (std::size_t size = 0; size < whole.size(); size += kStride) {
    write_file(file_, std::string_view(whole).substr(0, size));
    ASSERT_FALSE(import_bundle(file_, copy_).has_value()) << "length " << size;
  }
  EXPECT_FALSE(std::filesystem::exists(copy_)) << "nothing is left of a failed import";
}

}  // namespace
}  // namespace annals::journal
